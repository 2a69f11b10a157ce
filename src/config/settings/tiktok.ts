import { baseUrl, choice, credential, integer } from '../fields.ts';
import { optional, withDefault } from '../setting.ts';
import { replyMode } from './reply-mode.ts';

export const tiktokSettings = {
  TIKTOK_APP_KEY: optional(credential(), {
    group: 'tiktok',
    description: 'App key of your app in TikTok Shop Partner Center.',
    example: '6abcdefghijkl',
  }),
  TIKTOK_APP_SECRET: optional(credential(), {
    group: 'tiktok',
    description: 'App secret; signs every call and checks every webhook.',
    secret: true,
  }),
  TIKTOK_APP_SECRET_PREVIOUS: optional(credential(), {
    group: 'tiktok',
    description: 'The secret before the last change; stays valid for webhooks while you rotate.',
    secret: true,
  }),
  TIKTOK_API_URL: withDefault(baseUrl({ example: 'https://open-api.tiktokglobalshop.com' }), {
    group: 'tiktok',
    description: 'API host.',
    default: 'https://open-api.tiktokglobalshop.com',
  }),
  TIKTOK_AUTH_URL: withDefault(baseUrl({ example: 'https://auth.tiktok-shops.com' }), {
    group: 'tiktok',
    description: 'Host that gives and refreshes tokens.',
    default: 'https://auth.tiktok-shops.com',
  }),
  TIKTOK_AUTHORIZE_URL: withDefault(baseUrl({ example: 'https://services.tiktokshop.com/open/authorize' }), {
    group: 'tiktok',
    description: 'Page on which a seller authorises the app; the United States have their own host.',
    default: 'https://services.tiktokshop.com/open/authorize',
  }),
  TIKTOK_SERVICE_ID: optional(credential(), {
    group: 'tiktok',
    description: 'Service id of the app for that page; it is not the app key.',
    example: '7012345678901234567',
  }),
  TIKTOK_SENDER_ROLE: withDefault(choice('none', 'ROBOT', 'CUSTOMER_SERVICE'), {
    group: 'tiktok',
    description:
      "Role under which answers are sent: none leaves it out. What ROBOT does to a shop's response figures is not documented.",
    default: 'none',
  }),
  TIKTOK_REQUESTS_PER_SECOND: withDefault(integer(1, 100_000), {
    group: 'tiktok',
    description: 'Calls a second for each shop; TikTok grants 50 for each app and shop.',
    default: '50',
  }),
  TIKTOK_REQUESTS_PER_DAY: withDefault(integer(1, 1_000_000_000), {
    group: 'tiktok',
    description:
      'Customer-service calls a day for each shop; TikTok grants 10000, whether by app or by shop is not documented.',
    default: '10000',
  }),
  TIKTOK_REPLY_MODE: replyMode('tiktok'),
  TIKTOK_SHOP_ID: optional(credential(), {
    group: 'tiktok',
    description: 'First shop without OAuth; more shops come through /oauth/tiktok/start or "buyerline shops add".',
    example: '7494049642642441621',
  }),
  TIKTOK_SHOP_CIPHER: optional(credential(), {
    group: 'tiktok',
    description: 'Cipher of that shop; without it, it is asked for with the access token.',
    secret: true,
  }),
  TIKTOK_ACCESS_TOKEN: optional(credential(), {
    group: 'tiktok',
    description: 'Access token of that shop.',
    secret: true,
  }),
  TIKTOK_REFRESH_TOKEN: optional(credential(), {
    group: 'tiktok',
    description: 'Refresh token of that shop; without it the access token cannot be renewed.',
    secret: true,
  }),
};

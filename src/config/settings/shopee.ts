import { baseUrl, choice, credential, digits, integer, text } from '../fields.ts';
import { optional, withDefault } from '../setting.ts';
import { replyMode } from './reply-mode.ts';

export const shopeeSettings = {
  SHOPEE_PARTNER_ID: optional(digits(), {
    group: 'shopee',
    description: 'Partner id of your app.',
    example: '2001234',
  }),
  SHOPEE_PARTNER_KEY: optional(credential(), {
    group: 'shopee',
    description: 'Partner key; signs every call.',
    secret: true,
  }),
  SHOPEE_PUSH_KEY: optional(credential(), {
    group: 'shopee',
    description: 'Push key; checks every push. It is not the partner key.',
    secret: true,
  }),
  SHOPEE_PUSH_KEY_PREVIOUS: optional(credential(), {
    group: 'shopee',
    description: 'The push key before the last change; stays valid while you rotate.',
    secret: true,
  }),
  SHOPEE_API_URL: withDefault(baseUrl({ example: 'https://partner.shopeemobile.com' }), {
    group: 'shopee',
    description: 'API host, chosen by where your server stands.',
    default: 'https://partner.shopeemobile.com',
  }),
  SHOPEE_REPLY_MODE: replyMode('shopee'),
  SHOPEE_SHOP_ID: optional(digits(), {
    group: 'shopee',
    description: 'First shop without OAuth.',
    example: '700100200',
  }),
  SHOPEE_ACCESS_TOKEN: optional(credential(), {
    group: 'shopee',
    description: 'Access token of that shop.',
    secret: true,
  }),
  SHOPEE_REFRESH_TOKEN: optional(credential(), {
    group: 'shopee',
    description: 'Refresh token of that shop.',
    secret: true,
  }),
  SHOPEE_WEBCHAT_URL: optional(baseUrl({ example: 'https://seller.xiapi.shopee.cn' }), {
    group: 'webchat',
    description: 'Seller Centre host; reads the webchat by polling.',
    example: 'https://seller.xiapi.shopee.cn',
  }),
  SHOPEE_WEBCHAT_SHOP_ID: optional(digits(), { group: 'webchat', description: 'Shop id in the webchat.' }),
  SHOPEE_WEBCHAT_UID: optional(text(), { group: 'webchat', description: 'User id of the logged-in account (_uid).' }),
  SHOPEE_WEBCHAT_AUTHORIZATION: optional(text(), {
    group: 'webchat',
    description: "The page's authorization header.",
    secret: true,
  }),
  SHOPEE_WEBCHAT_COOKIE: optional(text(), { group: 'webchat', description: "The page's cookie header.", secret: true }),
  SHOPEE_WEBCHAT_X_S: optional(text(), { group: 'webchat', description: "The page's x-s header.", secret: true }),
  SHOPEE_WEBCHAT_X_V: optional(text(), { group: 'webchat', description: "The page's x-v header.", example: '3' }),
  SHOPEE_WEBCHAT_USER_AGENT: optional(text(), { group: 'webchat', description: 'User agent of that browser.' }),
  SHOPEE_WEBCHAT_POLL_SECONDS: withDefault(integer(1, 3_600), {
    group: 'webchat',
    description: 'Time between two looks.',
    unit: 'seconds',
    default: '15',
  }),
  SHOPEE_WEBCHAT_SEND: withDefault(choice('off', 'on'), {
    group: 'webchat',
    description: 'off: answers become drafts to be sent by hand. on: they are sent through the webchat.',
    default: 'off',
  }),
};

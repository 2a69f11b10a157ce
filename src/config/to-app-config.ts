import type { Problem } from '../common/errors.ts';
import type { AppConfig, ShopeeSettings, TiktokSettings, UdeskSettings } from './app-config.ts';
import type { Values } from './config-schema.ts';

/** Groups what was read. The rules have made sure that a group is whole when its first variable is set. */
export function toAppConfig(
  values: Values,
  facts: { purpose: 'serve' | 'demo' | 'tools'; databaseUrlSet: boolean; warnings: Problem[] },
): AppConfig {
  return {
    http: {
      port: values.PORT,
      // The demo has no accounts: nobody but this machine should play agent in it unless it is asked for.
      host: values.HOST ?? (facts.purpose === 'demo' ? '127.0.0.1' : '0.0.0.0'),
      publicUrl: values.PUBLIC_URL ?? null,
      maxBodyBytes: values.MAX_BODY_BYTES,
    },
    log: { level: values.LOG_LEVEL },
    store: {
      databaseUrl: values.DATABASE_URL,
      databaseUrlSet: facts.databaseUrlSet,
      masterKey: values.BUYERLINE_MASTER_KEY ?? null,
    },
    role: values.BUYERLINE_ROLE,
    dialogs: {
      dir: values.DIALOGS_DIR,
      firstLine: values.BUYERLINE_FIRST_LINE,
      replyMode: { tiktok: values.TIKTOK_REPLY_MODE, shopee: values.SHOPEE_REPLY_MODE },
    },
    console: { token: values.CONSOLE_TOKEN ?? null },
    tiktok: tiktokOf(values),
    shopee: shopeeOf(values),
    udesk: udeskOf(values),
    model:
      values.OPENAI_API_KEY === undefined
        ? null
        : { apiKey: values.OPENAI_API_KEY, baseUrl: values.OPENAI_BASE_URL, model: values.OPENAI_MODEL },
    microsoft:
      values.MICROSOFT_APP_ID === undefined || values.MICROSOFT_APP_PASSWORD === undefined
        ? null
        : {
            appId: values.MICROSOFT_APP_ID,
            appPassword: values.MICROSOFT_APP_PASSWORD,
            tenantId: values.MICROSOFT_APP_TENANT_ID ?? null,
          },
    warnings: facts.warnings,
  };
}

function tiktokOf(values: Values): TiktokSettings | null {
  const { TIKTOK_APP_KEY: appKey, TIKTOK_APP_SECRET: appSecret } = values;
  if (appKey === undefined || appSecret === undefined) return null;
  const { TIKTOK_SHOP_ID: shopId, TIKTOK_ACCESS_TOKEN: accessToken } = values;
  return {
    appKey,
    appSecret,
    appSecretPrevious: values.TIKTOK_APP_SECRET_PREVIOUS ?? null,
    apiUrl: values.TIKTOK_API_URL,
    authUrl: values.TIKTOK_AUTH_URL,
    authorizeUrl: values.TIKTOK_AUTHORIZE_URL,
    serviceId: values.TIKTOK_SERVICE_ID ?? null,
    limits: { requestsPerSecond: values.TIKTOK_REQUESTS_PER_SECOND, requestsPerDay: values.TIKTOK_REQUESTS_PER_DAY },
    senderRole: values.TIKTOK_SENDER_ROLE === 'none' ? null : values.TIKTOK_SENDER_ROLE,
    firstShop:
      shopId === undefined || accessToken === undefined
        ? null
        : {
            shopId,
            cipher: values.TIKTOK_SHOP_CIPHER ?? null,
            accessToken,
            refreshToken: values.TIKTOK_REFRESH_TOKEN ?? null,
          },
  };
}

function udeskOf(values: Values): UdeskSettings | null {
  const {
    UDESK_API_URL: apiUrl,
    UDESK_EMAIL: email,
    UDESK_API_TOKEN: apiToken,
    UDESK_PUSH_SECRET: pushSecret,
  } = values;
  if (apiUrl === undefined || email === undefined || apiToken === undefined || pushSecret === undefined) return null;
  return {
    apiUrl,
    email,
    apiToken,
    pushSecret,
    signHash: values.UDESK_SIGN_HASH,
    callsPerMinute: values.UDESK_CALLS_PER_MINUTE,
    structKey: values.UDESK_STRUCT_KEY ?? null,
    groupId: values.UDESK_GROUP_ID ?? null,
    channel: values.UDESK_CHANNEL ?? null,
    robotId: values.UDESK_ROBOT_ID ?? null,
    sceneId: values.UDESK_SCENE_ID ?? null,
  };
}

function shopeeOf(values: Values): ShopeeSettings | null {
  const openPlatform = openPlatformOf(values);
  const webchat = webchatOf(values);
  return openPlatform === null && webchat === null ? null : { openPlatform, webchat };
}

function openPlatformOf(values: Values): ShopeeSettings['openPlatform'] {
  const { SHOPEE_PARTNER_ID: partnerId, SHOPEE_PARTNER_KEY: partnerKey, SHOPEE_PUSH_KEY: pushKey } = values;
  if (partnerId === undefined || partnerKey === undefined || pushKey === undefined) return null;
  const { SHOPEE_SHOP_ID: shopId, SHOPEE_ACCESS_TOKEN: accessToken } = values;
  return {
    partnerId,
    partnerKey,
    pushKey,
    pushKeyPrevious: values.SHOPEE_PUSH_KEY_PREVIOUS ?? null,
    apiUrl: values.SHOPEE_API_URL,
    firstShop:
      shopId === undefined || accessToken === undefined
        ? null
        : { shopId, accessToken, refreshToken: values.SHOPEE_REFRESH_TOKEN ?? null },
  };
}

function webchatOf(values: Values): ShopeeSettings['webchat'] {
  const {
    SHOPEE_WEBCHAT_URL: url,
    SHOPEE_WEBCHAT_SHOP_ID: shopId,
    SHOPEE_WEBCHAT_UID: uid,
    SHOPEE_WEBCHAT_AUTHORIZATION: authorization,
    SHOPEE_WEBCHAT_COOKIE: cookie,
    SHOPEE_WEBCHAT_X_S: xS,
    SHOPEE_WEBCHAT_X_V: xV,
    SHOPEE_WEBCHAT_USER_AGENT: userAgent,
  } = values;
  if (url === undefined || shopId === undefined || uid === undefined || authorization === undefined) return null;
  if (cookie === undefined || xS === undefined || xV === undefined || userAgent === undefined) return null;
  return {
    url,
    shopId,
    uid,
    authorization,
    cookie,
    xS,
    xV,
    userAgent,
    pollSeconds: values.SHOPEE_WEBCHAT_POLL_SECONDS,
    send: values.SHOPEE_WEBCHAT_SEND === 'on',
  };
}

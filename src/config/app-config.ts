import type { Problem } from '../common/errors.ts';

export type ReplyMode = 'auto' | 'assist' | 'off';

/** Everything that was set, grouped by who reads it. `null` stands for "not set"; a whole group is `null` when the platform is not used. */
export interface AppConfig {
  http: {
    /** 0 takes a free one. */
    port: number;
    host: string;
    /** `https://bridge.example.com`, without a slash at the end. */
    publicUrl: string | null;
    maxBodyBytes: number;
  };
  log: { level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' };
  store: {
    /** `sqlite:./data/buyerline.db`, `sqlite::memory:` */
    databaseUrl: string;
    /** False when that is the default: `demo` then takes a temporary file. */
    databaseUrlSet: boolean;
    /** 32 bytes; `null`: the store makes a key file. */
    masterKey: Buffer | null;
  };
  role: 'all' | 'web' | 'worker';
  dialogs: {
    dir: string;
    firstLine: 'dialogs' | 'urobot';
    replyMode: { tiktok: ReplyMode; shopee: ReplyMode };
  };
  /** Without a token the console and its API are off. */
  console: { token: string | null };
  tiktok: TiktokSettings | null;
  shopee: ShopeeSettings | null;
  udesk: UdeskSettings | null;
  model: { apiKey: string; baseUrl: string; model: string } | null;
  microsoft: { appId: string; appPassword: string; tenantId: string | null } | null;
  /** Worth a look, no reason not to start. */
  warnings: Problem[];
}

export interface TiktokSettings {
  appKey: string;
  appSecret: string;
  appSecretPrevious: string | null;
  apiUrl: string;
  authUrl: string;
  authorizeUrl: string;
  serviceId: string | null;
  senderRole: 'ROBOT' | 'CUSTOMER_SERVICE' | null;
  limits: { requestsPerSecond: number; requestsPerDay: number };
  firstShop: {
    shopId: string;
    cipher: string | null;
    accessToken: string;
    refreshToken: string | null;
  } | null;
}

export interface UdeskSettings {
  apiUrl: string;
  email: string;
  apiToken: string;
  pushSecret: string;
  signHash: 'sha256' | 'sha1';
  callsPerMinute: number;
  structKey: string | null;
  groupId: string | null;
  channel: string | null;
  robotId: string | null;
  sceneId: string | null;
}

export interface ShopeeSettings {
  /** Open Platform app; `null` when only the webchat is polled. */
  openPlatform: {
    partnerId: string;
    partnerKey: string;
    pushKey: string;
    pushKeyPrevious: string | null;
    apiUrl: string;
    firstShop: { shopId: string; accessToken: string; refreshToken: string | null } | null;
  } | null;
  webchat: {
    url: string;
    shopId: string;
    uid: string;
    authorization: string;
    cookie: string;
    xS: string;
    xV: string;
    userAgent: string;
    pollSeconds: number;
    send: boolean;
  } | null;
}

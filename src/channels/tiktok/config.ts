import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ });
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "_" and "-" only');

/** Settings of the TikTok Shop channel; `config/` reads them from the environment. */
export const tiktokConfigSchema = z.strictObject({
  appKey: z.string().min(1),
  appSecret: z.string().min(1),
  /** Stays valid for webhooks while the secret is being rotated; requests are signed with `appSecret` only. */
  appSecretPrevious: z.string().min(1).nullish(),
  /** `https://open-api.tiktokglobalshop.com` */
  apiUrl: httpUrl,
  /** `https://auth.tiktok-shops.com` */
  authUrl: httpUrl,
  publicUrl: httpUrl.nullish(),
  /** Partner Center's service id (it is not the app key). Without it the older authorisation link with the app key is used. */
  serviceId: z.string().min(1).nullish(),
  /** Default `https://services.tiktokshop.com/open/authorize`; the US has its own host. */
  authorizeUrl: httpUrl.nullish(),
  /** Sent with the 202606 path when set. What ROBOT does to response figures is not documented: leave it unset unless you know. */
  senderRole: z.enum(['CUSTOMER_SERVICE', 'ROBOT']).nullish(),
  /** Origins whose images may be fetched although their addresses are private, `http://10.0.0.5:9000`. */
  allowedOrigins: z.array(httpUrl).optional(),
  /** The first shop without OAuth. A changed value replaces what is stored; the same value never undoes a token rotation. */
  firstShop: z
    .strictObject({
      shopId: id,
      cipher: z.string().min(1).nullish(),
      accessToken: z.string().min(1),
      refreshToken: z.string().min(1).nullish(),
    })
    .nullish(),
  limits: z
    .strictObject({
      /** Per app and shop; P:rate-limits says 50. */
      requestsPerSecond: z.int().min(1).default(50),
      /** Customer-service calls a day; whether it counts per app, shop or endpoint is not documented, we count per shop. */
      requestsPerDay: z.int().min(1).default(10_000),
      /** When the day begins is not documented either. */
      dayStartsAtUtcHour: z.int().min(0).max(23).default(0),
    })
    .optional(),
  /** Of one call. A send is settled within 15 s, so a lost answer must show early. */
  timeoutMs: z.int().min(100).max(60_000).optional(),
});

export type TiktokConfig = z.input<typeof tiktokConfigSchema>;

export const DEFAULT_TIMEOUT_MS = 5_000;

export const limitsOf = (config: TiktokConfig) => ({
  requestsPerSecond: config.limits?.requestsPerSecond ?? 50,
  requestsPerDay: config.limits?.requestsPerDay ?? 10_000,
  dayStartsAtUtcHour: config.limits?.dayStartsAtUtcHour ?? 0,
});

import { createHmac, timingSafeEqual } from 'node:crypto';

const NOT_SIGNED = new Set(['sign', 'access_token', 'x-tts-access-token']);

/**
 * Request signature of API 202309 and later: HMAC-SHA256, lower-case hex, over
 * secret + path + sorted name/value pairs (decoded) + raw body (not for multipart) + secret.
 * Source: Partner Center "Sign your API request", checked by the vectors of the reference, section 1.
 */
export function requestSign(
  appSecret: string,
  path: string,
  query: URLSearchParams,
  body: Buffer,
  contentType: string,
): string {
  const names = [...new Set(query.keys())].filter((name) => !NOT_SIGNED.has(name)).sort(byCodeUnit);
  let head = appSecret + path;
  for (const name of names) head += name + (query.get(name) ?? '');
  const hmac = createHmac('sha256', appSecret).update(head, 'utf8');
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'multipart/form-data') hmac.update(body);
  return hmac.update(appSecret, 'utf8').digest('hex');
}

/** Ordinal, as the platform's samples sort; `localeCompare` would order `_` differently. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The `Authorization` header of a webhook: HMAC-SHA256 over app_key + raw body, keyed with app_secret. */
export const webhookSign = (appKey: string, appSecret: string, rawBody: string): string =>
  createHmac('sha256', appSecret)
    .update(appKey + rawBody, 'utf8')
    .digest('hex');

/** Constant time; false for a different length. */
export function sameSign(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}

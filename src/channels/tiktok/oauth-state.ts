import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A seller has this long between start and callback; the code itself lives 30 minutes. */
const STATE_LIFETIME_SEC = 30 * 60;

const macOf = (secret: string, text: string): Buffer =>
  createHmac('sha256', secret).update(`buyerline oauth state ${text}`).digest();

/** `{nonce}.{expiry in seconds}.{mac}`: proves that the callback answers a start of ours, without keeping anything. */
export function createState(secret: string, nowMs: number): string {
  const text = `${randomBytes(16).toString('hex')}.${Math.floor(nowMs / 1000) + STATE_LIFETIME_SEC}`;
  return `${text}.${macOf(secret, text).toString('hex')}`;
}

export function stateFits(secret: string, state: string, nowMs: number): boolean {
  const match = /^([0-9a-f]{32}\.(\d{1,12}))\.([0-9a-f]{64})$/.exec(state);
  if (match === null) return false;
  const [, text = '', expiry = '', mac = ''] = match;
  return timingSafeEqual(macOf(secret, text), Buffer.from(mac, 'hex')) && Number(expiry) * 1000 >= nowMs;
}

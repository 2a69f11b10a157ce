import type { SimRequest } from '../kernel/http-server.ts';
import type { RateWindow } from '../kernel/rate-window.ts';
import type { SimClock } from '../kernel/sim-clock.ts';
import { CODES, refuseAuth, UdeskRefusal } from './codes.ts';
import { sameSign, signV2 } from './sign.ts';

const TOLERANCE_SEC = 300;
const NONCE_LIFE_MS = 15 * 60_000;

export interface UdeskGateParts {
  clock: SimClock;
  email: string;
  apiToken: string;
  hash: 'sha256' | 'sha1';
  perMinute: RateWindow;
  overLimit: { status: number; code: number };
}

/** Signature v2: timestamp 20621/20622, nonce 20624/20623, sign 2059; then the calls per minute. Refusals are HTTP 200. */
export function createUdeskGate(parts: UdeskGateParts): (request: SimRequest) => void {
  const usedUntil = new Map<string, number>();

  /** Insertion order is age: old ones stand in front. */
  const forgetOld = (now: number) => {
    for (const [nonce, until] of usedUntil) {
      if (until > now) return;
      usedUntil.delete(nonce);
    }
  };

  return ({ query }) => {
    const now = parts.clock.wireNow();
    const timestamp = query.get('timestamp') ?? '';
    if (!/^\d{10}$/.test(timestamp)) refuseAuth(CODES.TIMESTAMP_BAD, 'timestamp is missing or malformed');
    if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_SEC)
      refuseAuth(CODES.TIMESTAMP_OFF, 'timestamp is more than 5 minutes off');
    const nonce = query.get('nonce') ?? '';
    if (nonce === '') refuseAuth(CODES.NONCE_EMPTY, 'nonce is empty');
    forgetOld(now);
    if (usedUntil.has(nonce)) refuseAuth(CODES.NONCE_USED, 'nonce was used within 15 minutes');
    const email = query.get('email') ?? '';
    const version = query.get('sign_version') ?? '';
    const expected = signV2(parts.hash, email, parts.apiToken, timestamp, nonce);
    if (version !== 'v2' || email !== parts.email || !sameSign(expected, query.get('sign') ?? ''))
      refuseAuth(CODES.BAD_SIGN, 'sign is wrong');
    // Only after the sign fits: a stranger must not be able to burn nonces.
    usedUntil.set(nonce, now + NONCE_LIFE_MS);
    if (!parts.perMinute.take('tenant', parts.clock.now()))
      throw new UdeskRefusal(parts.overLimit.code, 'too many calls per minute', 'general', parts.overLimit.status);
  };
}

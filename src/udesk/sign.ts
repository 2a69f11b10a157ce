import { createHash, randomUUID } from 'node:crypto';

/**
 * Udesk's signatures. Source: Udesk open API "intro" page (v2) and the IM page's structured-message section (MD5), read 2026-11.
 * Only the address and the moment are signed: neither business parameters nor the body are covered.
 */
export type SignHash = 'sha256' | 'sha1';

export interface SignV2 {
  email: string;
  apiToken: string;
  /** Unix seconds; Udesk accepts five minutes of difference (20622). */
  timestampSec: number;
  /** Single use within 15 minutes (20623). */
  nonce: string;
  /** `sha256` is the documented one; `sha1` exists for tenants that answer 2059 to it. Never switched by itself. */
  hash: SignHash;
}

/**
 * Lower-case hex over `email&token&timestamp&nonce&v2`, values only, nothing percent-encoded.
 * Example: `signV2({ email: 'bridge@example.com', apiToken: 'tok-0000-1111', timestampSec: 1700000000, nonce: 'n-0001', hash: 'sha256' })`
 * -> `8f36ca94…db71`.
 */
export const signV2 = (input: SignV2): string =>
  createHash(input.hash)
    .update(`${input.email}&${input.apiToken}&${input.timestampSec}&${input.nonce}&v2`, 'utf8')
    .digest('hex');

export interface SignStruct {
  imSubSessionId: string;
  customerId: string;
  agentId: string;
  timestampSec: number;
  /** The structured-message key of the admin pages, not the API token. */
  key: string;
}

/** MD5 of structured messages: names and values in this fixed order; `jid_resource` may stand in the address but is never signed. */
export const signStruct = (input: SignStruct): string =>
  createHash('md5')
    .update(
      `im_sub_session_id=${input.imSubSessionId}&customer_id=${input.customerId}&agent_id=${input.agentId}` +
        `&timestamp=${input.timestampSec}&${input.key}`,
      'utf8',
    )
    .digest('hex');

/** Fresh for every attempt: a repeat with an old nonce is refused, so nothing signed is ever kept. */
export function signedQuery(
  account: { email: string; apiToken: string; signHash: SignHash },
  nowMs: number,
): [name: string, value: string][] {
  const timestampSec = Math.floor(nowMs / 1000);
  const nonce = randomUUID();
  const { email, apiToken } = account;
  return [
    ['email', email],
    ['timestamp', String(timestampSec)],
    ['sign', signV2({ email, apiToken, timestampSec, nonce, hash: account.signHash })],
    ['nonce', nonce],
    ['sign_version', 'v2'],
  ];
}

/** What a refusal means for the caller, in words that name the setting to mend. */
export interface Refusal {
  next: 'retry' | 'dead';
  reason: string;
  /** Milliseconds; absent: the caller's own back-off. */
  retryAfterMs?: number;
}

interface CodeRow extends Refusal {
  /** True when no call of this tenant can succeed until a person changes something. */
  setting?: boolean;
}

/**
 * Udesk's codes (reference 3.1). 9200 and 2062 on a send are not here: they depend on the call and are read there.
 * Message texts of Udesk are never part of a reason: they may repeat what the buyer wrote.
 */
const CODES: Readonly<Record<number, CodeRow>> = {
  2000: { next: 'retry', reason: 'Udesk reports an unspecified error (2000); a required value may be missing' },
  2002: {
    next: 'dead',
    setting: true,
    reason: 'Udesk does not know this sub-domain (2002): check the host in UDESK_API_URL',
  },
  2005: { next: 'dead', reason: 'Udesk refuses a parameter (2005)' },
  2015: {
    next: 'dead',
    setting: true,
    reason: 'The account is unknown or no super administrator (2015): check UDESK_EMAIL',
  },
  2058: {
    next: 'dead',
    setting: true,
    reason: "This tenant's edition has no open API (2058): ask Udesk to activate it",
  },
  2059: {
    next: 'dead',
    setting: true,
    reason:
      'Udesk refuses the signature (2059): check UDESK_API_TOKEN and UDESK_EMAIL; if both are right, set UDESK_SIGN_HASH to the other hash',
  },
  2062: {
    next: 'retry',
    reason: 'Udesk answers 2062: the session is unknown, a value is missing, or IM is not authorised for this account',
  },
  2065: { next: 'dead', reason: 'This feature is not activated for the tenant (2065): ask Udesk to activate it' },
  5050: { next: 'dead', reason: 'The agent asked for does not exist (5050): check the agent id of the handoff' },
  5060: {
    next: 'dead',
    reason: 'The agent group does not exist (5060): check UDESK_GROUP_ID or the group of the handoff',
  },
  9200: { next: 'dead', reason: 'The session is closed or unknown (9200)' },
  11012: {
    next: 'dead',
    reason: 'The agent group does not exist (11012): check UDESK_GROUP_ID or the group of the handoff',
  },
  20621: { next: 'dead', setting: true, reason: 'Udesk cannot read the timestamp of the signature (20621)' },
  20622: {
    next: 'retry',
    setting: true,
    retryAfterMs: 30_000,
    reason: "This machine's clock is more than five minutes off (20622): synchronise it (NTP)",
  },
  20623: { next: 'retry', retryAfterMs: 0, reason: 'The nonce was seen before (20623); the call is signed anew' },
  20624: { next: 'dead', setting: true, reason: 'Udesk misses the nonce of the signature (20624)' },
};

/** A code of nobody's list may be Udesk's unpublished "over the limit": wait and try again. */
export function refusalOfCode(code: number): Refusal & { known: boolean } {
  const known = CODES[code];
  if (known !== undefined)
    return { next: known.next, reason: known.reason, retryAfterMs: known.retryAfterMs, known: true };
  return {
    next: 'retry',
    reason: `Udesk answers with code ${code}, which its documents do not explain; tried again later`,
    known: false,
  };
}

/** The tenant's settings are at fault, not this one call. */
export const isSettingCode = (code: number): boolean => CODES[code]?.setting === true;

/** An HTTP error whose body carries no code. `null`: the outcome cannot be told (5xx after the request was read). */
export function refusalOfStatus(status: number): Refusal | null {
  if (status === 429)
    return { next: 'retry', reason: 'Udesk asks to slow down (HTTP 429): see UDESK_CALLS_PER_MINUTE' };
  if (status === 408 || status === 425)
    return { next: 'retry', reason: `Udesk did not take the request (HTTP ${status})` };
  if (status === 401 || status === 403)
    return {
      next: 'dead',
      reason: `Udesk refuses access (HTTP ${status}): check UDESK_API_TOKEN and the tenant's allow-list`,
    };
  if (status === 404)
    return { next: 'dead', reason: 'No such address at Udesk (HTTP 404): UDESK_API_URL must end in /open_api_v1' };
  if (status >= 300 && status < 400)
    return { next: 'dead', reason: `Udesk redirects (HTTP ${status}): check scheme and host in UDESK_API_URL` };
  if (status >= 400 && status < 500) return { next: 'dead', reason: `Udesk refuses the request (HTTP ${status})` };
  return null;
}

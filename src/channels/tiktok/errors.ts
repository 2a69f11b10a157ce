import type { SendOutcome } from '../../contracts/channel.ts';
import type { MessagePart } from '../../contracts/message.ts';

/**
 * What a failed call means for us, decided here once; nobody else reads TikTok's codes.
 *
 * `refresh` token expired: refresh once and repeat. `config` the app, its rights or the clock must be mended: decided 2026-11-21 that the
 * shop waits ({@link CONFIG_HOLD_MS}, one probe a time) rather than every answer becoming a dead letter, because mending the setting then
 * delivers everything. `rate` too fast. `slow` too fast for coupon cards. `internal` nobody knows whether it happened. `retry` nothing
 * happened, again later. `check` TikTok says "internal" but documents "invalid parameter": read back, then once more, then never.
 * `text` say it as text. `rephrase` these words are refused. `dead` never works. `closed` this buyer may not be written to. `day` the day's
 * quota is spent. `file` the upload is not acceptable. `absent` no such order or product (reading calls).
 */
export type ErrorEffect =
  | 'refresh'
  | 'config'
  | 'rate'
  | 'slow'
  | 'internal'
  | 'retry'
  | 'check'
  | 'text'
  | 'rephrase'
  | 'dead'
  | 'closed'
  | 'day'
  | 'file'
  | 'absent';

/** Code -> effect and what to tell a person. Source: Partner Center `common-errors` and the pages of the single calls (2025). */
export const TIKTOK_ERRORS: Readonly<Record<string, { effect: ErrorEffect; meaning: string }>> = {
  '105001': {
    effect: 'config',
    meaning: 'the token belongs to another type of user; authorise with the seller account',
  },
  '105002': { effect: 'refresh', meaning: 'the access token has expired' },
  '105005': {
    effect: 'config',
    meaning: 'the app lacks a scope; have seller.customer_service approved and authorise the shop again',
  },
  '101000': { effect: 'config', meaning: 'token and shop cipher do not belong together; authorise the shop again' },
  '106001': { effect: 'config', meaning: 'the request signature is refused; check app key and app secret' },
  '106013': { effect: 'config', meaning: 'the shop cipher is missing; authorise the shop again' },
  '36004004': { effect: 'config', meaning: 'the authorisation code is used or too old; start the authorisation again' },
  '36009002': { effect: 'rate', meaning: 'too many requests' },
  '36009003': { effect: 'internal', meaning: 'internal error of the platform' },
  '36009004': { effect: 'config', meaning: 'the request is refused (app key, token, clock or version)' },
  '36009007': { effect: 'internal', meaning: 'time-out inside the platform' },
  '36009009': { effect: 'config', meaning: 'the platform does not know this path' },
  '36009010': { effect: 'config', meaning: 'the platform does not know this method' },
  '36009014': { effect: 'config', meaning: 'this API version is retired' },
  '36009021': { effect: 'file', meaning: 'the file is too large' },
  '36009022': { effect: 'file', meaning: 'the body has the wrong format' },
  '36009023': { effect: 'file', meaning: 'the body must be multipart' },
  '36009033': { effect: 'config', meaning: "the caller's address is not on the app's allow list" },
  '45101001': { effect: 'check', meaning: 'invalid parameter or internal error' },
  '45101002': { effect: 'text', meaning: 'the return card is refused' },
  '45101003': { effect: 'dead', meaning: 'no such conversation or message' },
  '45101004': { effect: 'day', meaning: "the day's customer-service quota is spent" },
  '45101006': { effect: 'rephrase', meaning: 'the text holds words that the platform refuses' },
  '45101008': { effect: 'retry', meaning: 'the image upload failed inside the platform' },
  '45102007': { effect: 'dead', meaning: 'no access to this conversation' },
  '45109001': { effect: 'closed', meaning: 'this buyer may not be written to any more' },
  '45109003': { effect: 'closed', meaning: 'a conversation with this buyer may not be opened' },
  '45111001': { effect: 'text', meaning: 'this kind of message is not supported here' },
  '45111012': { effect: 'slow', meaning: 'coupon cards go at most once in two seconds' },
  '45111017': { effect: 'text', meaning: 'the coupon is not eligible' },
  '21008111': { effect: 'absent', meaning: "not one of this seller's orders" },
  '10006402': { effect: 'config', meaning: 'the app lacks the permission for orders' },
  '12052032': { effect: 'absent', meaning: 'no such product' },
  '12052260': { effect: 'absent', meaning: 'no such product' },
  '12019150': { effect: 'absent', meaning: 'no such product' },
};

export interface ApiFailure {
  kind: 'failed';
  /** TikTok's code, `http-503`, or our own word: `not-sent`, `no-answer`, `budget`, `no-token`. */
  code: string;
  effect: ErrorEffect;
  /** Plain words without tokens, signatures or a buyer's words. */
  reason: string;
  retryAfterMs?: number;
  /** The platform's id of the request, for its support. */
  requestId?: string;
  /** The platform's clock as its `Date` header showed it. */
  serverAt?: number;
}

export type ApiResult<T> = { kind: 'ok'; data: T; serverAt?: number } | ApiFailure;

const UNKNOWN_VERSION = new Set(['36009009', '36009010', '36009014', 'http-404']);

/** The platform does not have this path or version (yet, or any more): use the older way. */
export const isUnknownPath = (failure: ApiFailure): boolean => UNKNOWN_VERSION.has(failure.code);

/**
 * The failure behind an answer. The body's code decides; the HTTP status only where there is none, because the documented status per code
 * is thin. 36009004 is a catch-all whose message must be read: a bad token is refreshed, anything else is a setting.
 */
export function failureOf(answer: {
  code: string | null;
  status: number;
  message: string;
  requestId?: string;
  retryAfterMs?: number;
}): ApiFailure {
  const { code, status, requestId, retryAfterMs } = answer;
  const known = code === null ? undefined : TIKTOK_ERRORS[code];
  const rest = {
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  if (code !== null && known !== undefined) {
    const effect = code === '36009004' && /access[ _-]?token/i.test(answer.message) ? 'refresh' : known.effect;
    const clock = code === '36009004' && /timestamp/i.test(answer.message) ? '; check the clock of this machine' : '';
    return { kind: 'failed', code, effect, reason: `TikTok Shop ${code}: ${known.meaning}${clock}`, ...rest };
  }
  const shown = code ?? `http-${status}`;
  return {
    kind: 'failed',
    code: shown,
    effect: effectOfStatus(status, code !== null),
    reason: `TikTok Shop answered ${shown}`,
    ...rest,
  };
}

function effectOfStatus(status: number, coded: boolean): ErrorEffect {
  if (status === 429) return 'rate';
  if (status >= 500) return 'internal';
  if (status === 401 || status === 403) return 'config';
  // A code that we do not know is still a clear no; without any code, 2xx may well have been carried out, and the rest is a wrong address.
  if (coded) return 'dead';
  if (status >= 200 && status < 300) return 'internal';
  return status === 404 || status === 405 || status < 400 ? 'config' : 'dead';
}

export const CONFIG_HOLD_MS = 10 * 60_000;
const TOKEN_HOLD_MS = 60_000;
const RATE_WAIT_MS = 1_500;
/** Coupon cards: 0.5 a second. */
export const COUPON_GAP_MS = 2_000;

/** The failure as the outcome of sending `part`. `checkedBefore`: the same message met `check` already. */
export function sendOutcomeOf(failure: ApiFailure, part: MessagePart | null, checkedBefore = false): SendOutcome {
  const { code, reason } = failure;
  const refused = (next: RefusedNext, retryAfterMs?: number): SendOutcome => ({
    kind: 'refused',
    next,
    code,
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  // A text cannot be said as text once more.
  const asText = part === null || part.type === 'text' ? 'dead' : 'text';
  switch (failure.effect) {
    case 'refresh':
      return refused('hold', failure.retryAfterMs ?? TOKEN_HOLD_MS);
    case 'config':
      return refused('hold', failure.retryAfterMs ?? CONFIG_HOLD_MS);
    case 'day':
      return refused('hold', failure.retryAfterMs ?? CONFIG_HOLD_MS);
    case 'rate':
      return refused('retry', failure.retryAfterMs ?? RATE_WAIT_MS);
    case 'slow':
      return refused('retry', failure.retryAfterMs ?? COUPON_GAP_MS);
    case 'retry':
      return refused('retry', failure.retryAfterMs);
    case 'internal':
      return { kind: 'unknown', reason };
    case 'check':
      return checkedBefore ? refused(asText) : { kind: 'unknown', reason };
    case 'text':
      return refused(asText);
    case 'file':
      return refused(asText);
    case 'rephrase':
      return refused('rephrase');
    case 'closed':
      return refused('closed');
    case 'absent':
    case 'dead':
      return refused('dead');
  }
}

type RefusedNext = Extract<SendOutcome, { kind: 'refused' }>['next'];

import { BuyerlineError } from '../common/errors.ts';

/**
 * Takes out of log facts what must not be written down: secrets, signatures, a buyer's words and contact data.
 * The second line of defence: callers do not pass such things in the first place.
 *
 * Works by name wherever the key stands (`accessToken`, `shop_cipher`, `x-tts-signature`: any word of the name counts) and by pattern
 * inside strings (signed addresses, bearer tokens, e-mail addresses, phone numbers). Platform ids stay readable: `explain` needs them.
 */
export const REDACTED = '[redacted]';

const SECRET_WORDS = new Set(
  [
    'token secret sign signature authorization authentication cookie password passwd passphrase pwd key apikey cipher credential credentials',
    'text texts content contents body raw words word caption subject question answer utterance transcript quote variants',
    'nickname nick phone mobile tel email mail address street postcode zipcode recipient',
  ]
    .join(' ')
    .split(' '),
);
/** Names whose words are harmless one by one. */
const SECRET_NAMES = new Set(
  'buyername customername username fullname firstname lastname realname receivername authcode oauthcode xs appsecret accesstoken refreshtoken'.split(
    ' ',
  ),
);
/** Identities of events, made of ids. */
const HARMLESS_NAMES = new Set(['eventkey', 'messagekey', 'eventkeys', 'messagekeys', 'textkey', 'contenttype']);
/** `tokenExpiresAt`, `textLimit`, `bodyBytes`: about the thing, not the thing. */
const MEASURES = new Set(
  'at ms sec seconds bytes length count limit size hash expired expires valid present kind type version id ids'.split(
    ' ',
  ),
);
const ID_WORDS = new Set(['id', 'ids', 'key', 'keys', 'ref', 'epoch', 'index', 'version', 'sn']);

const MAX_STRING = 2_000;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;

interface NameVerdict {
  secret: boolean;
  identity: boolean;
}

/** Names come from our own code and are few; payload keys that slip in must not grow the cache without end. */
const verdicts = new Map<string, NameVerdict>();

function judgeName(name: string): NameVerdict {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  const joined = words.join('');
  const harmless = HARMLESS_NAMES.has(joined) || (words.length > 1 && MEASURES.has(last));
  const verdict = {
    secret: !harmless && (SECRET_NAMES.has(joined) || words.some((word) => SECRET_WORDS.has(word))),
    identity: ID_WORDS.has(last),
  };
  if (verdicts.size < 2_000) verdicts.set(name, verdict);
  return verdict;
}

const SECRET_PARAMETER =
  /((?:(?:^|[?&\s"'])(?:[\w-]*(?:token|secret|sign|signature|password|passwd|cipher|api_?key)|app_?key|partner_?key|auth_?code)|[?&](?:code|key|nonce))=)[^&\s"'<>]+/gi;
const SECRET_MEMBER =
  /("[\w-]*(?:token|secret|sign|signature|password|cipher|key|authorization|cookie|text|content|nickname|phone|email)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|-?\d+)/gi;
const SECRET_HEADER = /\b((?:proxy-)?authorization|set-cookie|cookie|x-tts-access-token)(\s*[:=]\s*)[^\r\n]+/gi;
const SCHEME = /\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi;
const MODEL_KEY = /\bsk-[\w-]{8,}/g;
const PUSH_PATH = /(\/webhooks\/udesk\/)(?!:)[^/?#\s"']+/gi;
const USER_INFO = /(\b[a-z][a-z\d+.-]*:\/\/)[^/@\s"']+@/gi;
const EMAIL = /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** International form, or a national number with separators or 9 to 13 digits that stands by itself. Longer runs are platform ids. */
const PHONE =
  /(?<![\w:/.-])(?:\+\d[\d ().-]{6,18}\d|\(?0\d{1,4}\)?[ -]\d{2,4}[ -]\d{3,5}|\d{3}-\d{3,4}-\d{4}|\d{9,13})(?![\w:/-]|\.\d)/g;

/** Example: `https://x.test/a?sign=ab12&shop=1` -> `https://x.test/a?sign=[redacted]&shop=1`. */
export function redactText(text: string, identity = false): string {
  let clean = text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}… (${text.length} characters)` : text;
  // Most strings are short words of ours: one look decides that nothing below can match.
  if (!/[=@"+\s:/-]|\d{9}/.test(clean)) return clean;
  clean = clean
    .replace(SECRET_HEADER, `$1$2${REDACTED}`)
    .replace(SECRET_PARAMETER, `$1${REDACTED}`)
    .replace(SECRET_MEMBER, `$1"${REDACTED}"`)
    .replace(SCHEME, `$1 ${REDACTED}`)
    .replace(MODEL_KEY, REDACTED)
    .replace(PUSH_PATH, `$1${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(EMAIL, REDACTED);
  return identity ? clean : clean.replace(PHONE, REDACTED);
}

/** A copy that is safe to write. Never throws, never changes its argument; deep, long and circular values are cut short. */
export function redactFacts(facts: Record<string, unknown>): Record<string, unknown> {
  return redactObject(facts, 0, new Set());
}

function redactObject(source: object, depth: number, above: Set<object>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  above.add(source);
  let count = 0;
  for (const name of Object.keys(source)) {
    count += 1;
    if (count > MAX_ITEMS) {
      clean['…'] = 'cut short';
      break;
    }
    clean[name] = redactMember(name, read(source, name), depth, above);
  }
  above.delete(source);
  return clean;
}

/** A getter may throw; a log line must not. */
function read(source: object, name: string): unknown {
  try {
    return (source as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}

function redactMember(name: string, value: unknown, depth: number, above: Set<object>): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  const verdict = judgeName(name);
  if (verdict.secret) return value === '' ? '' : REDACTED;
  return redactValue(value, verdict.identity, depth, above);
}

function redactValue(value: unknown, identity: boolean, depth: number, above: Set<object>): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value, identity);
    case 'bigint':
      return value.toString();
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (above.has(value)) return '[circular]';
  if (value instanceof Error) return describeError(value, depth, above);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Set) return redactValue([...value], identity, depth, above);
  if (value instanceof Map) return `[map of ${value.size}]`;
  if (Array.isArray(value)) {
    above.add(value);
    const clean = value.slice(0, MAX_ITEMS).map((item) => redactValue(item, identity, depth + 1, above));
    above.delete(value);
    if (value.length > MAX_ITEMS) clean.push(`… ${value.length - MAX_ITEMS} more`);
    return clean;
  }
  return redactObject(value, depth + 1, above);
}

/**
 * Our own errors promise that their message is safe. Foreign ones may quote what they choked on (`JSON.parse` quotes its input),
 * so of them only name, code and where they were raised are kept.
 */
function describeError(error: Error, depth: number, above: Set<object>): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) {
    described.code = error.code;
  }
  above.add(error);
  if (error instanceof BuyerlineError) {
    described.message = redactText(error.message);
    if (Object.keys(error.details).length > 0) described.details = redactObject(error.details, depth + 1, above);
  }
  const frames = typeof error.stack === 'string' ? error.stack.match(/^ {4}at .*$/gm) : null;
  if (frames !== null) described.at = frames.slice(0, 8).map((frame) => redactText(frame.trim()));
  if (error.cause !== undefined && depth < MAX_DEPTH) {
    described.cause = redactValue(error.cause, false, depth + 1, above);
  }
  above.delete(error);
  return described;
}

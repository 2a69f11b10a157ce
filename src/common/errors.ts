/**
 * Every error Buyerline raises on purpose extends {@link BuyerlineError}: nobody matches message text, everybody reads `code`.
 * `details` is logged, so it never holds tokens, signed addresses or a buyer's words.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: 'A setting is missing or wrong; every problem is listed with its variable',
  DIALOG_FILES_INVALID: 'A dialog file is wrong; every problem is listed with file, line and column',
  SIGNATURE_REFUSED: 'A webhook whose signature does not fit; answered 401 and counted',
  PAYLOAD_UNREADABLE: 'A signed body that cannot be read; stored aside, answered 200',
  BODY_TOO_LARGE: 'A body over MAX_BODY_BYTES; answered 413',
  CHANNEL_API_FAILED: 'A marketplace refused a call; details carry its code and request id',
  DESK_API_FAILED: 'Udesk refused a call; details carry its code',
  MODEL_FAILED: 'The model server failed or answered out of shape',
  DELIVERY_UNKNOWN: 'The request left and no answer came; settled by reading back',
  NETWORK_NOT_SENT: 'The connection failed before the request was written; safe to repeat',
  NETWORK_UNKNOWN: 'The connection failed after the request may have been written',
  RESPONSE_TOO_LARGE: 'A vendor answer exceeded the bound on reading it',
  STORE_CONFLICT: 'Another turn committed first, or the lease was lost; the turn is run again',
  STORE_UNAVAILABLE: 'The database cannot be written; webhooks are answered 503 so that platforms repeat',
  STORE_PARAMETER: 'A value that the database must not be given (boolean, Date, object); our bug',
  STORE_NEWER: 'The database was migrated by a newer Buyerline; start that version or restore a backup',
  SECRET_UNREADABLE: 'A stored token cannot be decrypted: BUYERLINE_MASTER_KEY is not the one it was stored with',
  DIALOG_FAILED: 'A dialog raised an error; the buyer got the fallback reply and the offer of a person',
  INVARIANT_BROKEN: 'Our bug: that event is set aside, the process goes on',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorFacts {
  /** True when the same call may succeed later without anyone changing anything. */
  retryable?: boolean;
  /** Milliseconds to wait before a repeat, when the other side said so. */
  retryAfterMs?: number;
  cause?: unknown;
  /** Safe to log. Example: `{ vendorCode: 45101006, requestId: '2026…' }`. */
  details?: Record<string, string | number | boolean | null | string[]>;
}

export class BuyerlineError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: NonNullable<ErrorFacts['details']>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = facts.retryable ?? false;
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details ?? {};
  }
}

/** One thing that must be mended before a start. `where` names a variable (`TIKTOK_APP_KEY`) or a place (`dialogs/a.yaml:3:5`). */
export interface Problem {
  where: string;
  what: string;
}

const listed = (problems: readonly Problem[]): string => problems.map((p) => `  ${p.where}: ${p.what}`).join('\n');

/** Stops the start with exit code 2; lists every problem at once. */
export class ConfigError extends BuyerlineError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(
      'CONFIG_INVALID',
      `Buyerline cannot start, ${problems.length} setting(s) need attention:\n${listed(problems)}`,
    );
    this.problems = problems;
  }
}

export class DialogFileError extends BuyerlineError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super('DIALOG_FILES_INVALID', `${problems.length} problem(s) in the dialog files:\n${listed(problems)}`);
    this.problems = problems;
  }
}

/** The store lost the race or the lease: load again, run again. */
export class StoreConflictError extends BuyerlineError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('STORE_CONFLICT', message, { retryable: true, ...facts });
  }
}

export class StoreUnavailableError extends BuyerlineError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('STORE_UNAVAILABLE', message, { retryable: true, ...facts });
  }
}

/** The request was never written: repeat freely. */
export class NetworkNotSentError extends BuyerlineError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('NETWORK_NOT_SENT', message, { retryable: true, ...facts });
  }
}

/** The request may have been carried out: a write must be settled by reading back before it is repeated. */
export class NetworkUnknownError extends BuyerlineError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('NETWORK_UNKNOWN', message, { retryable: false, ...facts });
  }
}

export class InvariantError extends BuyerlineError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('INVARIANT_BROKEN', message, facts);
  }
}

/** Turns anything thrown into an Error, so that handlers need one shape. */
export function coerceError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `non-error thrown: ${Object.prototype.toString.call(thrown)}`);
}

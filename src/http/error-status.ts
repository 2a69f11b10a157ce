import { BuyerlineError, type ErrorCode } from '../common/errors.ts';

/** The one table from error code to HTTP status. A code that is not listed is 503 when it is worth repeating, else 500. */
export const ERROR_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  SIGNATURE_REFUSED: 401,
  PAYLOAD_UNREADABLE: 400,
  BODY_TOO_LARGE: 413,
  CHANNEL_API_FAILED: 502,
  DESK_API_FAILED: 502,
  MODEL_FAILED: 502,
  RESPONSE_TOO_LARGE: 502,
  NETWORK_NOT_SENT: 502,
  NETWORK_UNKNOWN: 502,
  STORE_CONFLICT: 503,
  STORE_UNAVAILABLE: 503,
};

export type ErrorStatusTable = Readonly<Partial<Record<ErrorCode, number>>>;

/** Example: `statusOf(new StoreUnavailableError('…'))` -> 503, `statusOf(new TypeError('…'))` -> 500. */
export function statusOf(error: unknown, table: ErrorStatusTable = ERROR_STATUS): number {
  if (!(error instanceof BuyerlineError)) return 500;
  return table[error.code] ?? (error.retryable ? 503 : 500);
}

import {
  BuyerlineError,
  type ErrorCode,
  InvariantError,
  StoreConflictError,
  StoreUnavailableError,
} from '../../common/errors.ts';
import { sqliteCodeOf } from './driver.ts';

/** An error as it crosses from a worker thread: classes and stacks do not survive the way. */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  details: BuyerlineError['details'];
}

/** SQLite result codes after which nothing can be written: permission, busy, locked, memory, read-only, i/o, corrupt, full, open, protocol, not a database. */
const UNAVAILABLE = new Map([
  [3, 'the file may not be accessed'],
  [5, 'another process holds it'],
  [6, 'it is locked'],
  [7, 'memory ran out'],
  [8, 'it is read-only'],
  [10, 'the disk failed'],
  [11, 'the file is damaged'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [15, 'the locking protocol failed'],
  [26, 'the file is not a database'],
]);

/** Why nothing can be written, `null` when the error says nothing of the kind. */
export function unavailableReason(thrown: unknown): string | null {
  const code = sqliteCodeOf(thrown);
  return code === null ? null : (UNAVAILABLE.get(code) ?? null);
}

export const unavailable = (reason: string, sqlite: number | null = null): StoreUnavailableError =>
  new StoreUnavailableError(`the database cannot be used: ${reason}`, {
    details: sqlite === null ? {} : { sqlite },
  });

/**
 * What an operation threw, in the contract's terms. A driver's or JSON.parse's message may quote a buyer's words or a token,
 * so of a foreign error only its name, SQLite's code and the place in our code are kept.
 */
export function storeError(operation: string, thrown: unknown): BuyerlineError {
  if (thrown instanceof BuyerlineError) return thrown;
  const sqlite = sqliteCodeOf(thrown);
  const reason = unavailableReason(thrown);
  if (reason !== null) return unavailable(reason, sqlite);
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  const at = thrown instanceof Error ? (/\n\s+at (.+)/.exec(thrown.stack ?? '')?.[1] ?? null) : null;
  return new InvariantError(`store operation ${operation} failed`, { details: { operation, name, sqlite, at } });
}

export const toWireError = (error: BuyerlineError): WireError => ({
  code: error.code,
  message: error.message,
  retryable: error.retryable,
  details: error.details,
});

export function fromWireError(wire: WireError): BuyerlineError {
  const { message, details, retryable } = wire;
  switch (wire.code) {
    case 'STORE_CONFLICT':
      return new StoreConflictError(message, { details });
    case 'STORE_UNAVAILABLE':
      return new StoreUnavailableError(message, { details });
    case 'INVARIANT_BROKEN':
      return new InvariantError(message, { details });
    default:
      return new BuyerlineError(wire.code, message, { retryable, details });
  }
}

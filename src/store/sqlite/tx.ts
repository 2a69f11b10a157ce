import type { Appends } from './appends.ts';
import type { Database } from './driver.ts';
import type { Memory } from './memory.ts';

/** What an operation works with: one open transaction. */
export interface Tx {
  db: Database;
  memory: Memory;
  appends: Appends;
  /**
   * Next id of the one sequence that inbox, turns and outbox share. Ids therefore tell the order of things within a
   * conversation, and serve as the timeline's `seq` without a column of its own.
   */
  nextId(): number;
  /** A number that no other lease or timer carries. */
  nextToken(): number;
}

/** An operation: synchronous, inside a transaction; arguments and results survive a structured clone; arguments are not changed. */
export type Operation<A, R> = (tx: Tx, args: A) => R;

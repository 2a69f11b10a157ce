import { randomInt } from 'node:crypto';
import { BuyerlineError } from '../../common/errors.ts';
import { type Database, openDatabase, sqliteCodeOf } from './driver.ts';
import { storeError, toWireError, unavailable, unavailableReason, type WireError } from './errors.ts';
import { migrate } from './migrate.ts';
import { type OperationName, operations, READS } from './ops/registry.ts';
import type { Operation, Tx } from './tx.ts';

/** One requested operation, and its answer. */
export type Call = [name: OperationName, args: unknown];
export type Reply = { value: unknown } | { error: WireError };

/** Runs groups of operations on one open database, each group in one transaction. Synchronous; lives in whichever thread made it. */
export interface Engine {
  /** Answers in order; when it returns, whatever has a `value` is durable. Never throws. */
  run(calls: readonly Call[]): Reply[];
  close(): void;
}

export interface EngineOptions {
  /** How long a group waits for another process's write lock, default 5,000 ms. */
  busyMs?: number;
  /** Bound on the file in pages of 4 KiB; none by default. */
  maxPages?: number;
}

/** Throws `STORE_UNAVAILABLE` when the file cannot be used, `STORE_NEWER` when a newer version migrated it. */
export function openEngine(file: string, options: EngineOptions = {}): Engine {
  const db = open(file, options);
  const sequence = createSequence(db);
  const tx: Tx = { db, nextId: sequence.next, nextToken: createTokens() };

  const attempt = (calls: readonly Call[], guarded: boolean): Reply[] => {
    db.exec(calls.every(([name]) => READS.has(name)) ? 'BEGIN' : 'BEGIN IMMEDIATE');
    sequence.begin();
    const replies = calls.map((call) => (guarded ? runGuarded(tx, call) : { value: apply(tx, call) }));
    sequence.save();
    db.exec('COMMIT');
    return replies;
  };

  return {
    run(calls) {
      let failure: unknown;
      try {
        return attempt(calls, false);
      } catch (thrown) {
        failure = thrown;
        rollBack(db);
      }
      const unusable = unavailableReason(failure) !== null;
      const [only] = calls;
      if (unusable || only === undefined || calls.length === 1) {
        const error = toWireError(storeError(only?.[0] ?? 'group', failure));
        return calls.map(() => ({ error }));
      }
      // Failures are rare and a savepoint costs 3 us, as much as two small writes: the group runs bare first, and again with a
      // savepoint around each operation when one has failed, so that only that one is taken back.
      try {
        return attempt(calls, true);
      } catch (thrown) {
        rollBack(db);
        const error = toWireError(storeError('group', thrown));
        return calls.map(() => ({ error }));
      }
    },
    close: () => db.close(),
  };
}

const apply = (tx: Tx, [name, args]: Call): unknown => (operations[name] as Operation<unknown, unknown>)(tx, args);

function runGuarded(tx: Tx, call: Call): Reply {
  tx.db.exec('SAVEPOINT op');
  try {
    const value = apply(tx, call);
    tx.db.exec('RELEASE op');
    return { value };
  } catch (thrown) {
    if (unavailableReason(thrown) !== null) throw thrown;
    tx.db.exec('ROLLBACK TO op');
    tx.db.exec('RELEASE op');
    return { error: toWireError(storeError(call[0], thrown)) };
  }
}

function rollBack(db: Database): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself (full disk), or the transaction never began (busy).
  }
}

/** The shared ids: read once and written once a group, under the group's write lock. */
function createSequence(db: Database) {
  let loaded: number | null = null;
  let last = 0;
  return {
    begin: () => {
      loaded = null;
    },
    next: (): number => {
      if (loaded === null) {
        loaded = db.get<{ value: number }>('SELECT value FROM sequence')?.value ?? 0;
        last = loaded;
      }
      last += 1;
      return last;
    },
    save: () => {
      if (loaded !== null && last !== loaded) db.run('UPDATE sequence SET value = ?', [last]);
    },
  };
}

/** Begins at a random place, so that two processes on one file do not hand out the same token. */
function createTokens(): () => number {
  let token = randomInt(2 ** 47);
  return () => {
    token += 1;
    return token;
  };
}

function open(file: string, options: EngineOptions): Database {
  try {
    const db = openDatabase(file);
    try {
      prepare(db, options);
      migrate(db);
      return db;
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    if (thrown instanceof BuyerlineError) throw thrown;
    const code = sqliteCodeOf(thrown);
    // libsql names no code when it cannot open; whatever happened, there is no database to work with.
    throw unavailable(unavailableReason(thrown) ?? 'it cannot be opened', code);
  }
}

function prepare(db: Database, { busyMs = 5_000, maxPages }: EngineOptions): void {
  db.exec(`PRAGMA busy_timeout = ${busyMs}`);
  if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`);
  switchToWal(db);
  // FULL: an acknowledged event survives a power cut, not only a killed process.
  db.exec('PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536');
  db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
}

/** SQLite does not wait for the busy time-out when two processes switch a new file at once. */
function switchToWal(db: Database): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 1; ; tries++) {
    try {
      db.get('PRAGMA journal_mode = WAL');
      return;
    } catch (thrown) {
      if (sqliteCodeOf(thrown) !== 5 || tries === 100) throw thrown;
      Atomics.wait(pause, 0, 0, 50);
    }
  }
}

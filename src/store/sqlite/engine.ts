import { randomInt } from 'node:crypto';
import { BuyerlineError, StoreConflictError } from '../../common/errors.ts';
import { Appends } from './appends.ts';
import { type Database, openDatabase, sqliteCodeOf } from './driver.ts';
import { storeError, toWireError, unavailable, unavailableReason, type WireError } from './errors.ts';
import { Memory } from './memory.ts';
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
  /**
   * How long a group waits for another process's write lock, default 800 ms: a webhook may stand behind one waiting group and wait as long
   * itself, and the platforms want their answer (503, repeat) within 2 s.
   */
  busyMs?: number;
  /** Bound on the file in pages of 4 KiB; none by default. */
  maxPages?: number;
}

/** Throws `STORE_UNAVAILABLE` when the file cannot be used, `STORE_NEWER` when a newer version migrated it. */
export function openEngine(file: string, options: EngineOptions = {}): Engine {
  const db = open(file, options);
  const sequence = createSequence(db);
  const memory = new Memory();
  const appends = new Appends(db);
  const tx: Tx = { db, memory, appends, nextId: sequence.next, nextToken: createTokens() };
  let seenVersion: number | undefined;

  const attempt = (calls: readonly Call[], guarded: boolean): Reply[] => {
    const reads = calls.every(([name]) => READS.has(name));
    db.exec(reads ? 'BEGIN' : 'BEGIN IMMEDIATE');
    if (!reads) {
      // Grows when another connection has written; asked under the write lock, so that nobody can write meanwhile.
      const version = db.get<{ data_version: number }>('PRAGMA data_version')?.data_version;
      if (version !== seenVersion || version === undefined) memory.clear();
      seenVersion = version;
    }
    sequence.begin();
    const replies = guarded ? calls.map((call) => runGuarded(tx, call)) : runArranged(tx, calls);
    appends.flush();
    sequence.save();
    db.exec('COMMIT');
    return replies;
  };

  const rollBack = (): void => {
    appends.drop();
    memory.clear();
    try {
      db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (full disk), or the transaction never began (busy).
    }
  };

  return {
    run(calls) {
      let failure: unknown;
      try {
        return attempt(calls, false);
      } catch (thrown) {
        failure = thrown;
        rollBack();
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
        rollBack();
        const error = toWireError(storeError('group', thrown));
        return calls.map(() => ({ error }));
      }
    },
    close: () => db.close(),
  };
}

const apply = (tx: Tx, [name, args]: Call): unknown => (operations[name] as Operation<unknown, unknown>)(tx, args);

/** The bridge's own operations, in the order in which those of one group share most. */
const ARRANGED: readonly OperationName[] = ['recordDelivery', 'commitTurn', 'ingest', 'claimTurns', 'claimDeliveries'];

/**
 * Calls of one group were requested at once, by askers who know nothing of each other, so the bridge's operations are carried out
 * kind by kind: what they write and look up is then written and looked up many at a time. All others keep their place.
 */
function runArranged(tx: Tx, calls: readonly Call[]): Reply[] {
  const replies: Reply[] = new Array(calls.length);
  const waiting = new Map<OperationName, number[]>();
  const carryOut = (places: readonly number[]): void => {
    for (const place of places) {
      const call = calls[place];
      if (call !== undefined) replies[place] = applyChecked(tx, call);
    }
  };
  const carryOutWaiting = (): void => {
    for (const name of ARRANGED) {
      const places = waiting.get(name);
      if (places === undefined) continue;
      // A turn's new rows and an event's are different ones, and may wait together.
      if (name !== 'ingest') tx.appends.flush();
      carryOut(places);
    }
    waiting.clear();
    tx.appends.flush();
  };
  calls.forEach(([name], place) => {
    if (ARRANGED.includes(name)) {
      const places = waiting.get(name);
      if (places === undefined) waiting.set(name, [place]);
      else places.push(place);
      return;
    }
    carryOutWaiting();
    carryOut([place]);
    tx.appends.flush();
  });
  carryOutWaiting();
  return replies;
}

/** Conflicts are found before anything is written, so they leave nothing to take back. */
function applyChecked(tx: Tx, call: Call): Reply {
  try {
    return { value: apply(tx, call) };
  } catch (thrown) {
    if (thrown instanceof StoreConflictError) return { error: toWireError(thrown) };
    throw thrown;
  }
}

function runGuarded(tx: Tx, call: Call): Reply {
  tx.db.exec('SAVEPOINT op');
  try {
    const value = apply(tx, call);
    tx.appends.flush();
    tx.db.exec('RELEASE op');
    return { value };
  } catch (thrown) {
    if (unavailableReason(thrown) !== null) throw thrown;
    tx.appends.drop();
    tx.memory.clear();
    tx.db.exec('ROLLBACK TO op');
    tx.db.exec('RELEASE op');
    return { error: toWireError(storeError(call[0], thrown)) };
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

function prepare(db: Database, { busyMs = 800, maxPages }: EngineOptions): void {
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

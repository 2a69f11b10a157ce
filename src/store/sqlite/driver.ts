import { createRequire } from 'node:module';
import { BuyerlineError } from '../../common/errors.ts';

/**
 * The one place that knows two SQLite drivers: `node:sqlite` where Node has it without a flag (>= 22.13), `libsql` on Node 20.
 * Both are synchronous. Decided 2026-11-21 against better-sqlite3: 13 crashes on Node 20, 12 wants a compiler.
 */
export type SqlValue = string | number | null;

export interface Database {
  /** First row, `undefined` when there is none. The caller states the row's shape; columns are ours. */
  get<R>(sql: string, params?: readonly SqlValue[]): R | undefined;
  all<R>(sql: string, params?: readonly SqlValue[]): R[];
  /** Number of changed rows. */
  run(sql: string, params?: readonly SqlValue[]): number;
  /** One or more statements without parameters, not cached. */
  exec(sql: string): void;
  close(): void;
}

interface Prepared {
  get(params: readonly SqlValue[]): unknown;
  all(params: readonly SqlValue[]): unknown[];
  run(params: readonly SqlValue[]): number;
}

interface Driver {
  prepare(sql: string): Prepared;
  exec(sql: string): void;
  close(): void;
}

/** Opens `file` (a path or `:memory:`). Throws what the driver throws; `sqliteCodeOf` reads it. */
export function openDatabase(file: string): Database {
  const driver = hasNodeSqlite() ? openNodeSqlite(file) : openLibsql(file);
  const statements = new Map<string, Prepared>();
  const statement = (sql: string): Prepared => {
    let found = statements.get(sql);
    if (found === undefined) {
      found = driver.prepare(sql);
      statements.set(sql, found);
    }
    return found;
  };
  return {
    get: <R>(sql: string, params: readonly SqlValue[] = []) => statement(sql).get(checked(params)) as R | undefined,
    all: <R>(sql: string, params: readonly SqlValue[] = []) => statement(sql).all(checked(params)) as R[],
    run: (sql, params = []) => statement(sql).run(checked(params)),
    exec: (sql) => driver.exec(sql),
    close: () => {
      statements.clear();
      driver.close();
    },
  };
}

/**
 * libsql aborts the whole process on a boolean, Date, object or undefined, so nothing but text, finite numbers and null passes.
 * A NUL ends a text early when libsql reads it back; it becomes U+FFFD, the same for writing and for looking up.
 */
function checked(params: readonly SqlValue[]): readonly SqlValue[] {
  let clean: SqlValue[] | undefined;
  for (let i = 0; i < params.length; i++) {
    const value: unknown = params[i];
    if (typeof value === 'string') {
      if (value.includes('\0')) {
        clean ??= [...params];
        clean[i] = value.replaceAll('\0', '\uFFFD');
      }
    } else if (value !== null && !(typeof value === 'number' && Number.isFinite(value))) {
      throw new BuyerlineError('STORE_PARAMETER', `parameter ${i + 1} is neither text, a finite number nor null`, {
        details: { position: i + 1, type: value instanceof Date ? 'Date' : typeof value },
      });
    }
  }
  return clean ?? params;
}

/** SQLite's result code (`5` busy, `13` full…) in whichever way the driver carries it, extended bits removed. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  return null;
}

const requireHere = createRequire(import.meta.url);

function hasNodeSqlite(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}

interface NodeStatement {
  get(...params: readonly SqlValue[]): unknown;
  all(...params: readonly SqlValue[]): unknown[];
  run(...params: readonly SqlValue[]): { changes: number | bigint };
}

interface NodeSqlite {
  DatabaseSync: new (file: string) => { prepare(sql: string): NodeStatement; exec(sql: string): void; close(): void };
}

function openNodeSqlite(file: string): Driver {
  const { DatabaseSync } = withoutExperimentalWarning(() => requireHere('node:sqlite') as NodeSqlite);
  const database = new DatabaseSync(file);
  return {
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        get: (params) => statement.get(...params),
        all: (params) => statement.all(...params),
        run: (params) => Number(statement.run(...params).changes),
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}

/** Loading node:sqlite prints a warning that no user can act on; only that one is withheld. */
function withoutExperimentalWarning<T>(load: () => T): T {
  const original = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const text = typeof warning === 'string' ? warning : warning.message;
    if (!/sqlite/i.test(text)) Reflect.apply(original, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = original;
  }
}

interface LibsqlStatement {
  raw(on: boolean): unknown;
  columns(): { name: string }[];
  get(params: readonly SqlValue[]): readonly unknown[] | undefined;
  all(params: readonly SqlValue[]): (readonly unknown[])[];
  run(params: readonly SqlValue[]): { changes: number };
}

type Libsql = new (file: string) => { prepare(sql: string): LibsqlStatement; exec(sql: string): void; close(): void };

function openLibsql(file: string): Driver {
  const Database = requireHere('libsql') as Libsql;
  const database = new Database(file);
  return {
    prepare: (sql) => {
      const statement = database.prepare(sql);
      let names: string[] | undefined;
      // Rows as arrays: 2.1 us a get against 2.9 us for objects, and without the `_metadata` that libsql adds.
      const columns = (): string[] => {
        if (names === undefined) {
          statement.raw(true);
          names = statement.columns().map((column) => column.name);
        }
        return names;
      };
      const toObject = (keys: string[], values: readonly unknown[]): unknown => {
        const row: Record<string, unknown> = {};
        for (let i = 0; i < keys.length; i++) row[keys[i] ?? ''] = values[i];
        return row;
      };
      return {
        get: (params) => {
          const keys = columns();
          const values = statement.get(params);
          return values === undefined ? undefined : toObject(keys, values);
        },
        all: (params) => {
          const keys = columns();
          return statement.all(params).map((values) => toObject(keys, values));
        },
        run: (params) => statement.run(params).changes,
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}

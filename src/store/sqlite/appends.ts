import type { Database, SqlValue } from './driver.ts';

/**
 * Tables whose new rows may wait for their neighbours: columns in order with what is the same in every new row, and what happens to
 * a row that is there already.
 */
const TABLES = {
  inbox: ['id, cid, prev, received_at, kind, status, message_id, event', '(?, ?, ?, ?, ?, ?, ?, ?)', ''],
  queue_in: ['cid, id, due_at, burst, received_at, timer, attempts', '(?, ?, ?, ?, ?, ?, 0)', ''],
  in_heads: ['cid, due_at, last_inbox, hold_until', '(?, ?, ?, 0)', ''],
  outbox: [
    'id, cid, prev, ref, side, origin, epoch, turn_id, mergeable, created_at, updated_at, body, variants, status, attempts',
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0)",
    '',
  ],
  queue_out: ['cid, side, id, due_at, updated_at, status, attempts', "(?, ?, ?, ?, ?, 'pending', 0)", ''],
  out_heads: ['cid, side, due_at', '(?, ?, ?)', 'ON CONFLICT DO NOTHING'],
  turns: ['id, cid, prev, turn_id, at, handled, notes', '(?, ?, ?, ?, ?, ?, ?)', ''],
  timers: [
    'cid, name, due_at, generation',
    '(?, ?, ?, ?)',
    'ON CONFLICT DO UPDATE SET due_at = excluded.due_at, generation = excluded.generation',
  ],
} as const;

type AppendTable = keyof typeof TABLES;

/**
 * New rows of a group, written many in one statement: entering the driver costs as much as a row itself. Whoever reads one of the
 * tables flushes first; the engine flushes before every commit and drops what waits at a rollback.
 */
export class Appends {
  private readonly db: Database;
  private readonly waiting = new Map<AppendTable, SqlValue[][]>();
  /** Conversations whose inbox head waits here. */
  readonly heads = new Set<number>();

  constructor(db: Database) {
    this.db = db;
  }

  add(table: AppendTable, row: SqlValue[]): void {
    const rows = this.waiting.get(table);
    if (rows === undefined) this.waiting.set(table, [row]);
    else rows.push(row);
  }

  flush(): void {
    if (this.waiting.size === 0) return;
    for (const [table, rows] of this.waiting) {
      inChunks(rows, (count, params) => this.db.run(insertOf(table, count), params));
    }
    this.drop();
  }

  drop(): void {
    this.waiting.clear();
    this.heads.clear();
  }
}

const CHUNKS = [16, 4, 1] as const;

/** Hands rows out in few fixed sizes, so that few statements serve every number of them. */
export function inChunks(rows: readonly SqlValue[][], write: (count: number, params: SqlValue[]) => void): void {
  let from = 0;
  for (const size of CHUNKS) {
    for (; rows.length - from >= size; from += size) write(size, rows.slice(from, from + size).flat());
  }
}

const inserts = new Map<string, string>();

function insertOf(table: AppendTable, rows: number): string {
  const key = `${table} ${rows}`;
  let text = inserts.get(key);
  if (text === undefined) {
    const [columns, row, otherwise] = TABLES[table];
    text = `INSERT INTO ${table} (${columns}) VALUES ${Array(rows).fill(row).join(', ')} ${otherwise}`;
    inserts.set(key, text);
  }
  return text;
}

/** `(?, ?), (?, ?)` for two rows of two columns. */
export const valuesOf = (rows: number, columns: number): string =>
  Array(rows)
    .fill(`(${Array(columns).fill('?').join(', ')})`)
    .join(', ');

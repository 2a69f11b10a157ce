import type { Side } from '../../../contracts/outbound.ts';
import type { DeadLetter } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';
import { INBOX } from './inbox-rows.ts';
import { knownByCid } from './known.ts';
import { settleOutHead } from './outbox-rows.ts';
import { noteTurn } from './turn-rows.ts';

export const listDeadLetters = (tx: Tx, args: { limit: number }): DeadLetter[] =>
  tx.db.all<DeadLetter>(
    `SELECT d.box || '-' || d.row_id AS id, d.side, c.id AS conversationId, d.at, d.attempts, d.what, d.reason
     FROM dead d LEFT JOIN conversations c ON c.cid = d.cid ORDER BY d.at DESC, d.row_id DESC LIMIT ?`,
    [args.limit],
  );

interface Buried {
  box: 'in' | 'out';
  rowId: number;
  cid: number;
  side: string;
}

/** Takes `in-12` or `out-34` off the list of dead letters. */
function exhume(tx: Tx, id: string): Buried | null {
  const match = /^(in|out)-(\d{1,15})$/.exec(id);
  if (match === null) return null;
  const [, box = '', rowId = ''] = match;
  const row = tx.db.get<Buried>('SELECT box, row_id AS rowId, cid, side FROM dead WHERE box = ? AND row_id = ?', [
    box,
    Number(rowId),
  ]);
  if (row === undefined) return null;
  tx.db.run('DELETE FROM dead WHERE box = ? AND row_id = ?', [box, Number(rowId)]);
  return row;
}

/** The row goes back to the place that its age gives it. */
export function retryDeadLetter(tx: Tx, args: { id: string; now: number }): boolean {
  const row = exhume(tx, args.id);
  if (row === null) return false;
  const { now } = args;
  if (row.box === 'in') requeueInbox(tx, row, now);
  else {
    const side = row.side as Side;
    tx.db.run("UPDATE outbox SET status = 'pending', attempts = 0, first_at = NULL, updated_at = ? WHERE id = ?", [
      now,
      row.rowId,
    ]);
    tx.db.run(
      "INSERT INTO queue_out (cid, side, id, due_at, status, attempts, updated_at) VALUES (?, ?, ?, ?, 'pending', 0, ?)",
      [row.cid, side, row.rowId, now, now],
    );
    tx.db.run('INSERT INTO out_heads (cid, side, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
      row.cid,
      side,
      now,
    ]);
    settleOutHead(tx, row.cid, side, false);
  }
  noteTurn(tx, row.cid, now, 'dead_letter.retried', args.id);
  return true;
}

function requeueInbox(tx: Tx, row: Buried, now: number): void {
  const place = knownByCid(tx, row.cid);
  if (place === undefined) return;
  tx.db.run('UPDATE inbox SET status = ?, reason = NULL WHERE id = ?', [INBOX.forTurn, row.rowId]);
  tx.db.run(
    `INSERT INTO queue_in (cid, id, due_at, attempts, burst, received_at, timer)
     SELECT cid, id, ?, 0, 0, received_at, NULL FROM inbox WHERE id = ?`,
    [now, row.rowId],
  );
  if (place.head === null) {
    tx.db.run('INSERT INTO in_heads (cid, due_at, hold_until, last_inbox) VALUES (?, ?, 0, ?)', [
      row.cid,
      now,
      place.lastInbox,
    ]);
  } else tx.db.run('UPDATE in_heads SET due_at = max(hold_until, min(due_at, ?)) WHERE cid = ?', [now, row.cid]);
}

export function dropDeadLetter(tx: Tx, args: { id: string; reason: string; now: number }): boolean {
  const row = exhume(tx, args.id);
  if (row === null) return false;
  if (row.box === 'in')
    tx.db.run('UPDATE inbox SET status = ?, reason = ? WHERE id = ?', [INBOX.dropped, args.reason, row.rowId]);
  else
    tx.db.run("UPDATE outbox SET status = 'dropped', reason = ?, updated_at = ? WHERE id = ?", [
      args.reason,
      args.now,
      row.rowId,
    ]);
  noteTurn(tx, row.cid, args.now, 'dead_letter.dropped', `${args.id}: ${args.reason}`);
  return true;
}

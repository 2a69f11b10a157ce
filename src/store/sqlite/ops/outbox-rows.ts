import type { OutboxStatus, Side } from '../../../contracts/outbound.ts';
import type { Tx } from '../tx.ts';
import type { WireOutbox } from '../wire.ts';

/** An unfinished row together with what only the queue knows. */
export interface QueuedRow extends WireOutbox {
  dueAt: number;
  batch: number | null;
}

/** The oldest unfinished rows of one conversation and side. */
export const queuedRows = (tx: Tx, cid: number, side: Side, limit: number): QueuedRow[] =>
  tx.db.all<QueuedRow>(
    `SELECT o.id, o.ref, o.side, o.origin, o.epoch, o.turn_id AS turnId, o.mergeable, q.status, q.attempts,
       q.first_at AS firstAttemptAt, o.external_id AS externalId, o.reason, o.created_at AS createdAt,
       q.updated_at AS updatedAt, o.body, o.variants, q.due_at AS dueAt, q.batch
     FROM queue_out q JOIN outbox o ON o.id = q.id WHERE q.cid = ? AND q.side = ? ORDER BY q.id LIMIT ?`,
    [cid, side, limit],
  );

export interface QueueState {
  id: number;
  dueAt: number;
  status: OutboxStatus;
  attempts: number;
  firstAttemptAt: number | null;
  batch: number | null;
  updatedAt: number;
}

/** The same row when its queue state is known already. */
export function withContent(tx: Tx, state: QueueState): QueuedRow | undefined {
  const content =
    tx.memory.drafts.get(state.id) ??
    tx.db.get<WireOutbox>(
      `SELECT id, ref, side, origin, epoch, turn_id AS turnId, mergeable, status, attempts, first_at AS firstAttemptAt,
         external_id AS externalId, reason, created_at AS createdAt, updated_at AS updatedAt, body, variants
       FROM outbox WHERE id = ?`,
      [state.id],
    );
  return content === undefined ? undefined : { ...content, ...state };
}

/** Where an unfinished row stands; `undefined` when it is finished or belongs to another conversation. */
export const queueStatus = (tx: Tx, cid: number, side: Side, id: number): OutboxStatus | undefined =>
  tx.db.get<{ status: OutboxStatus }>('SELECT status FROM queue_out WHERE cid = ? AND side = ? AND id = ?', [
    cid,
    side,
    id,
  ])?.status;

export interface Ending {
  status: 'sent' | 'dropped' | 'dead';
  externalId: string | null;
  reason: string | null;
}

/**
 * Takes a row out of the queue and writes how it ended; false when it is not in the queue (any more).
 * The side's head must be set again afterwards.
 */
export function finishRow(tx: Tx, cid: number, side: Side, id: number, ending: Ending, now: number): boolean {
  const state = takeFromQueue(tx, cid, side, id);
  if (state === undefined) return false;
  tx.memory.drafts.delete(id);
  tx.db.run(
    'UPDATE outbox SET status = ?, attempts = ?, first_at = ?, external_id = ?, reason = ?, updated_at = ? WHERE id = ?',
    [ending.status, state.attempts, state.firstAt, ending.externalId, ending.reason, now, id],
  );
  return true;
}

/** Removes a row from the queue; answers what only the queue knew, `undefined` when it is not there. */
function takeFromQueue(
  tx: Tx,
  cid: number,
  side: Side,
  id: number,
): { attempts: number; firstAt: number | null } | undefined {
  const known = tx.memory.drafts.get(id);
  if (known?.status !== 'sending')
    return tx.db.get(
      'DELETE FROM queue_out WHERE cid = ? AND side = ? AND id = ? RETURNING attempts, first_at AS firstAt',
      [cid, side, id],
    );
  const gone = tx.db.run('DELETE FROM queue_out WHERE cid = ? AND side = ? AND id = ?', [cid, side, id]);
  return gone === 0 ? undefined : { attempts: known.attempts, firstAt: known.firstAttemptAt };
}

/** Sets when the side is due again, or takes its head away. With `free` the lease ends. Answers the time. */
export function settleOutHead(tx: Tx, cid: number, side: Side, free: boolean): number | null {
  if (free) {
    tx.memory.setLease(cid, side, null);
    const gone = tx.db.run(
      `DELETE FROM out_heads WHERE cid = ? AND side = ?
       AND NOT EXISTS (SELECT 1 FROM queue_out q WHERE q.cid = out_heads.cid AND q.side = out_heads.side)`,
      [cid, side],
    );
    if (gone === 1) return null;
  }
  const first = tx.db.get<{ due: number }>(
    'SELECT due_at AS due FROM queue_out WHERE cid = ? AND side = ? ORDER BY id LIMIT 1',
    [cid, side],
  );
  if (first === undefined) {
    // A leased head stays until its holder reports, so that nobody else can take the side meanwhile.
    tx.db.run('DELETE FROM out_heads WHERE cid = ? AND side = ? AND lease_owner IS NULL', [cid, side]);
    return null;
  }
  if (free) {
    tx.db.run('UPDATE out_heads SET due_at = ?, lease_owner = NULL, lease_token = NULL WHERE cid = ? AND side = ?', [
      first.due,
      cid,
      side,
    ]);
  } else tx.db.run('UPDATE out_heads SET due_at = ? WHERE cid = ? AND side = ?', [first.due, cid, side]);
  return first.due;
}

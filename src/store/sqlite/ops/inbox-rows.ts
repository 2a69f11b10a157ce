import type { Tx } from '../tx.ts';

/** Status of an inbox row apart from waiting, which is a row in `queue_in`. */
export const INBOX = { forTurn: 0, recorded: 1, dead: 2, dropped: 3 } as const;

/** Where a conversation's inbox stands; `head` is null when nothing waits. */
export interface InboxPlace {
  cid: number;
  lastInbox: number | null;
  headDueAt: number | null;
  headHold: number | null;
  headLastInbox: number | null;
}

export const PLACE_COLUMNS = `c.cid, c.last_inbox AS lastInbox, h.due_at AS headDueAt, h.hold_until AS headHold,
  h.last_inbox AS headLastInbox`;

/** Burst: 0 not a buyer's line, 1 waits for more lines, 2 does not wait. */
export type Burst = 0 | 1 | 2;

export interface InboxDraft {
  kind: string;
  echoId: string | null;
  text: string;
  timer: string | null;
}

/** Writes a row that no turn has to see. */
export function recordInbox(tx: Tx, place: InboxPlace | null, draft: InboxDraft, now: number): number {
  const id = insert(tx, place, draft, INBOX.recorded, now);
  if (place === null) return id;
  if (place.headDueAt === null) tx.db.run('UPDATE conversations SET last_inbox = ? WHERE cid = ?', [id, place.cid]);
  else tx.db.run('UPDATE in_heads SET last_inbox = ? WHERE cid = ?', [id, place.cid]);
  return id;
}

/** Writes a row that waits for a turn; answers when it is due. A due buyer's line takes the burst in front of it along. */
export function queueInbox(
  tx: Tx,
  place: InboxPlace,
  draft: InboxDraft,
  burst: Burst,
  due: number,
  now: number,
): number {
  const id = insert(tx, place, draft, INBOX.forTurn, now);
  tx.db.run(
    'INSERT INTO queue_in (cid, id, due_at, attempts, burst, received_at, timer) VALUES (?, ?, ?, 0, ?, ?, ?)',
    [place.cid, id, due, burst, now, draft.timer],
  );
  if (place.headDueAt === null) {
    tx.db.run('INSERT INTO in_heads (cid, due_at, hold_until, last_inbox) VALUES (?, ?, 0, ?)', [place.cid, due, id]);
    return due;
  }
  if (burst !== 0)
    tx.db.run('UPDATE queue_in SET due_at = ? WHERE cid = ? AND burst > 0 AND attempts = 0', [due, place.cid]);
  const hold = place.headHold ?? 0;
  const first = firstDue(tx, place.cid) ?? due;
  tx.db.run('UPDATE in_heads SET due_at = ?, last_inbox = ? WHERE cid = ?', [Math.max(first, hold), id, place.cid]);
  return Math.max(due, hold);
}

function insert(tx: Tx, place: InboxPlace | null, draft: InboxDraft, status: number, now: number): number {
  const id = tx.nextId();
  const prev = place === null ? null : place.headDueAt === null ? place.lastInbox : place.headLastInbox;
  tx.db.run(
    'INSERT INTO inbox (id, cid, prev, received_at, kind, status, message_id, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [id, place?.cid ?? null, prev, now, draft.kind, status, draft.echoId, draft.text],
  );
  return id;
}

export const placeOf = (tx: Tx, cid: number): InboxPlace | undefined =>
  tx.db.get<InboxPlace>(
    `SELECT ${PLACE_COLUMNS} FROM conversations c LEFT JOIN in_heads h ON h.cid = c.cid WHERE c.cid = ?`,
    [cid],
  );

const firstDue = (tx: Tx, cid: number): number | null =>
  tx.db.get<{ due: number | null }>('SELECT min(due_at) AS due FROM queue_in WHERE cid = ?', [cid])?.due ?? null;

/**
 * Frees the lease and sets when the inbox is due again; takes the head away when nothing waits. Answers that time.
 * The last row's id moves to the conversation, unless the caller writes it there itself (`lastKept`).
 */
export function releaseInbox(tx: Tx, cid: number, hold: number, lastKept = false): number | null {
  const due = firstDue(tx, cid);
  if (due !== null) {
    const dueAt = Math.max(due, hold);
    tx.db.run('UPDATE in_heads SET lease_owner = NULL, lease_token = NULL, hold_until = ?, due_at = ? WHERE cid = ?', [
      hold,
      dueAt,
      cid,
    ]);
    return dueAt;
  }
  if (!lastKept) {
    tx.db.run(
      'UPDATE conversations SET last_inbox = coalesce((SELECT last_inbox FROM in_heads WHERE cid = ?), last_inbox) WHERE cid = ?',
      [cid, cid],
    );
  }
  tx.db.run('DELETE FROM in_heads WHERE cid = ?', [cid]);
  return null;
}

/** An inbox row becomes a dead letter and leaves the queue. */
export function buryInbox(tx: Tx, cid: number, id: number, reason: string, now: number): void {
  const row = tx.db.get<{ attempts: number; kind: string }>(
    'SELECT q.attempts, i.kind FROM queue_in q JOIN inbox i ON i.id = q.id WHERE q.cid = ? AND q.id = ?',
    [cid, id],
  );
  if (row === undefined) return;
  tx.db.run('DELETE FROM queue_in WHERE cid = ? AND id = ?', [cid, id]);
  tx.db.run('UPDATE inbox SET status = ?, reason = ? WHERE id = ?', [INBOX.dead, reason, id]);
  tx.db.run(
    "INSERT INTO dead (box, row_id, cid, side, at, attempts, what, reason) VALUES ('in', ?, ?, 'inbox', ?, ?, ?, ?)",
    [id, cid, now, row.attempts, row.kind, reason],
  );
}

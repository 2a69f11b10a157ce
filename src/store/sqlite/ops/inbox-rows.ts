import type { Known } from '../memory.ts';
import type { Tx } from '../tx.ts';

/** Status of an inbox row apart from waiting, which is a row in `queue_in`. */
export const INBOX = { forTurn: 0, recorded: 1, dead: 2, dropped: 3 } as const;

/** Burst: 0 not a buyer's line, 1 waits for more lines, 2 does not wait. */
export type Burst = 0 | 1 | 2;

export interface InboxDraft {
  kind: string;
  echoId: string | null;
  text: string;
  timer: string | null;
}

/** Writes a row that no turn has to see. */
export function recordInbox(tx: Tx, place: Known | null, draft: InboxDraft, now: number): number {
  const id = insert(tx, place, draft, INBOX.recorded, now);
  if (place === null) return id;
  if (place.head === null) {
    tx.db.run('UPDATE conversations SET last_inbox = ? WHERE cid = ?', [id, place.cid]);
    place.lastInbox = id;
  } else {
    if (tx.appends.heads.has(place.cid)) tx.appends.flush();
    tx.db.run('UPDATE in_heads SET last_inbox = ? WHERE cid = ?', [id, place.cid]);
    place.head.lastInbox = id;
  }
  return id;
}

/** Writes a row that waits for a turn; answers when it is due. A due buyer's line takes the burst in front of it along. */
export function queueInbox(tx: Tx, place: Known, draft: InboxDraft, burst: Burst, due: number, now: number): number {
  const { cid, head } = place;
  const id = insert(tx, place, draft, INBOX.forTurn, now);
  tx.appends.add('queue_in', [cid, id, due, burst, now, draft.timer]);
  if (head === null) {
    tx.appends.add('in_heads', [cid, due, id]);
    tx.appends.heads.add(cid);
    place.head = { dueAt: due, hold: 0, lastInbox: id, owner: null, token: null };
    return due;
  }
  tx.appends.flush();
  if (burst !== 0) tx.db.run('UPDATE queue_in SET due_at = ? WHERE cid = ? AND burst > 0 AND attempts = 0', [due, cid]);
  head.dueAt = Math.max(firstDue(tx, cid) ?? due, head.hold);
  head.lastInbox = id;
  tx.db.run('UPDATE in_heads SET due_at = ?, last_inbox = ? WHERE cid = ?', [head.dueAt, id, cid]);
  return Math.max(due, head.hold);
}

function insert(tx: Tx, place: Known | null, draft: InboxDraft, status: number, now: number): number {
  const id = tx.nextId();
  const cid = place?.cid ?? null;
  const prev = place === null ? null : place.head === null ? place.lastInbox : place.head.lastInbox;
  tx.appends.add('inbox', [id, cid, prev, now, draft.kind, status, draft.echoId, draft.text]);
  if (status === INBOX.forTurn) {
    const said = { cid, text: draft.text, receivedAt: now, kind: draft.kind, messageId: draft.echoId };
    tx.memory.texts.set(id, said, draft.text.length);
  }
  return id;
}

const firstDue = (tx: Tx, cid: number): number | null =>
  tx.db.get<{ due: number | null }>('SELECT min(due_at) AS due FROM queue_in WHERE cid = ?', [cid])?.due ?? null;

/** Takes the head of an inbox away in which nothing waits; false when something does. */
export function dropEmptyHead(tx: Tx, place: Known): boolean {
  const gone = tx.db.run(
    'DELETE FROM in_heads WHERE cid = ? AND NOT EXISTS (SELECT 1 FROM queue_in WHERE cid = in_heads.cid)',
    [place.cid],
  );
  if (gone === 0) return false;
  place.lastInbox = place.head?.lastInbox ?? place.lastInbox;
  place.head = null;
  return true;
}

/** Frees the lease and sets when an inbox in which something waits is due again. Answers that time. */
export function releaseHead(tx: Tx, place: Known, hold: number): number | null {
  const due = firstDue(tx, place.cid);
  if (due === null || place.head === null) return null;
  const dueAt = Math.max(due, hold);
  tx.db.run('UPDATE in_heads SET lease_owner = NULL, lease_token = NULL, hold_until = ?, due_at = ? WHERE cid = ?', [
    hold,
    dueAt,
    place.cid,
  ]);
  place.head = { ...place.head, owner: null, token: null, hold, dueAt };
  return dueAt;
}

/** Frees the lease; the last row's id moves to the conversation when nothing waits any more. Answers when the inbox is due again. */
export function releaseInbox(tx: Tx, place: Known, hold: number): number | null {
  if (!dropEmptyHead(tx, place)) return releaseHead(tx, place, hold);
  tx.db.run('UPDATE conversations SET last_inbox = ? WHERE cid = ?', [place.lastInbox, place.cid]);
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

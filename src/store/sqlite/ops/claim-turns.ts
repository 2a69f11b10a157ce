import type { ConversationId } from '../../../contracts/conversation.ts';
import type { Tx } from '../tx.ts';
import type { WireInbound, WireOutbox, WireTurnClaim } from '../wire.ts';
import { CONVERSATION_COLUMNS, type ConversationRow } from './conversation-row.ts';
import { INBOX, releaseInbox } from './inbox-rows.ts';
import { isOwnEcho } from './ingest.ts';
import { queuedRows } from './outbox-rows.ts';

/** A flood in one conversation is taken in pieces; the rest is due right after the commit. */
const MAX_EVENTS = 500;
const MAX_UNFINISHED = 1_000;

interface Candidate extends ConversationRow {
  hold: number;
  /** 1 when rows to the buyer are unfinished; most turns begin without any, and reading none costs as much as three look-ups. */
  speaking: number;
}

const READY = `SELECT ${CONVERSATION_COLUMNS}, h.hold_until AS hold,
  EXISTS (SELECT 1 FROM out_heads o WHERE o.cid = c.cid AND o.side = 'buyer') AS speaking FROM in_heads h JOIN conversations c ON c.cid = h.cid
  WHERE h.lease_owner IS NULL AND h.due_at <= ?`;

export function claimTurns(
  tx: Tx,
  args: { workerId: string; now: number; limit: number; only: string[] | null },
): WireTurnClaim[] {
  const claims: WireTurnClaim[] = [];
  const take = (candidate: Candidate): void => {
    const claim = claimOne(tx, candidate, args.workerId, args.now);
    if (claim !== null) claims.push(claim);
  };
  if (args.only === null) {
    for (const row of tx.db.all<Candidate>(`${READY} ORDER BY h.due_at, h.cid LIMIT ?`, [args.now, args.limit]))
      take(row);
    return claims;
  }
  for (const id of args.only) {
    if (claims.length >= args.limit) break;
    const row = tx.db.get<Candidate>(`${READY} AND c.id = ?`, [args.now, id]);
    if (row !== undefined) take(row);
  }
  return claims;
}

interface DueRow extends WireInbound {
  kind: string;
  messageId: string | null;
}

function claimOne(tx: Tx, candidate: Candidate, workerId: string, now: number): WireTurnClaim | null {
  const { cid, hold, speaking, undoIds, ...conversation } = candidate;
  const due = tx.db.all<DueRow>(
    `SELECT q.id, i.event AS text, q.received_at AS receivedAt, q.attempts + 1 AS attempts, i.kind, i.message_id AS messageId
     FROM queue_in q JOIN inbox i ON i.id = q.id WHERE q.cid = ? AND q.due_at <= ? ORDER BY q.id LIMIT ?`,
    [cid, now, MAX_EVENTS],
  );
  // An echo that came before the answer to our own send was recorded is known as ours by now.
  const events = due.filter((row) => !recordEcho(tx, cid, row));
  const last = events.at(-1);
  if (last === undefined) {
    releaseInbox(tx, cid, hold);
    return null;
  }
  const leaseToken = tx.nextToken();
  tx.db.run('UPDATE in_heads SET lease_owner = ?, lease_token = ? WHERE cid = ?', [workerId, leaseToken, cid]);
  tx.db.run('UPDATE queue_in SET attempts = attempts + 1, token = ? WHERE cid = ? AND due_at <= ? AND id <= ?', [
    leaseToken,
    cid,
    now,
    last.id,
  ]);
  const unfinished = speaking === 0 ? [] : queuedRows(tx, cid, 'buyer', MAX_UNFINISHED);
  return {
    conversationId: candidate.id as ConversationId,
    workerId,
    leaseToken,
    conversation,
    events: events.map(({ id, text, receivedAt, attempts }) => ({ id, text, receivedAt, attempts })),
    unsent: unfinished.filter((row) => row.status === 'pending' && row.origin === 'bot').map(plain),
    inFlight: unfinished.filter((row) => row.status !== 'pending').map(plain),
    undoEvents: undoIds === null ? [] : undoEvents(tx, cid, undoIds),
  };
}

function recordEcho(tx: Tx, cid: number, row: DueRow): boolean {
  if (row.kind !== 'shop.message' || !isOwnEcho(tx, cid, row.messageId)) return false;
  tx.db.run('DELETE FROM queue_in WHERE cid = ? AND id = ?', [cid, row.id]);
  tx.db.run('UPDATE inbox SET status = ? WHERE id = ?', [INBOX.recorded, row.id]);
  return true;
}

const undoEvents = (tx: Tx, cid: number, ids: string): WireInbound[] =>
  tx.db.all<WireInbound>(
    `SELECT id, event AS text, received_at AS receivedAt, 1 AS attempts FROM inbox
     WHERE id IN (SELECT value FROM json_each(?)) AND cid = ? ORDER BY id`,
    [ids, cid],
  );

function plain({
  dueAt: _dueAt,
  batch: _batch,
  ...row
}: WireOutbox & { dueAt: number; batch: number | null }): WireOutbox {
  return row;
}

import { StoreConflictError } from '../../../common/errors.ts';
import type { Side } from '../../../contracts/outbound.ts';
import type { Tx } from '../tx.ts';
import type { WireCommit } from '../wire.ts';
import { buryInbox, releaseInbox } from './inbox-rows.ts';
import { finishRow, queueStatus, settleOutHead } from './outbox-rows.ts';
import { insertTurn } from './turn-rows.ts';

interface Before {
  cid: number;
  version: number;
  buyerId: string | null;
  customerToken: string | null;
  desk: string;
  lastOutbox: number | null;
  lastTurn: number | null;
  lastInbox: number | null;
  owner: string | null;
  token: number | null;
}

/** Every check stands before the first write, so that a conflict has nothing to take back. */
export function commitTurn(tx: Tx, commit: WireCommit): { outboxIds: number[]; nextDueAt: number | null } {
  const before = checked(tx, commit);
  const { cid } = before;
  const { now } = commit;
  for (const id of commit.handled) tx.db.run('DELETE FROM queue_in WHERE cid = ? AND id = ?', [cid, id]);
  for (const row of commit.dead) buryInbox(tx, cid, row.id, row.reason, now);

  const touched = new Set<Side>();
  for (const id of commit.supersede) {
    finishRow(tx, cid, 'buyer', id, { status: 'dropped', externalId: null, reason: SUPERSEDED }, now);
    touched.add('buyer');
  }
  for (const row of commit.settled) {
    const side = settle(tx, cid, row.outboxId, row.externalId, now);
    if (side !== null) touched.add(side);
  }
  const { outboxIds, lastOutbox } = insertDrafts(tx, commit, before);
  for (const side of touched) settleOutHead(tx, cid, side, false);
  setTimers(tx, cid, commit);

  const nextDueAt = releaseInbox(tx, cid, 0, true);
  const lastTurn = insertTurn(tx, {
    cid,
    prev: before.lastTurn,
    turnId: commit.turnId,
    at: now,
    handled: commit.handled,
    notes: commit.notes,
  });
  writeConversation(tx, commit, before, lastOutbox, lastTurn);
  return { outboxIds, nextDueAt };
}

const SUPERSEDED = 'a newer message of the buyer came before this was sent; the newer answer replaces it';

function checked(tx: Tx, commit: WireCommit): Before {
  const { claim } = commit;
  const details = { conversationId: claim.conversationId };
  const before = tx.db.get<Before>(
    `SELECT c.cid, c.version, c.buyer_id AS buyerId, c.customer_token AS customerToken, c.desk, c.last_outbox AS lastOutbox,
       c.last_turn AS lastTurn, coalesce(h.last_inbox, c.last_inbox) AS lastInbox, h.lease_owner AS owner, h.lease_token AS token
     FROM conversations c LEFT JOIN in_heads h ON h.cid = c.cid WHERE c.id = ?`,
    [claim.conversationId],
  );
  if (before === undefined) throw new StoreConflictError('the conversation is gone', { details });
  if (before.owner !== claim.workerId || before.token !== claim.leaseToken)
    throw new StoreConflictError('the lease of this turn is gone', { details });
  if (before.version !== commit.version)
    throw new StoreConflictError('the conversation has moved on since this turn began', { details });
  for (const id of commit.supersede) {
    if (queueStatus(tx, before.cid, 'buyer', id) !== 'pending')
      throw new StoreConflictError('an answer that this turn replaces has begun to leave', { details });
  }
  return before;
}

/** The platform showed a row of ours: it is sent, whatever we believed. Answers the side whose queue changed. */
function settle(tx: Tx, cid: number, id: number, externalId: string, now: number): Side | null {
  const row = tx.db.get<{ side: Side; status: string }>('SELECT side, status FROM outbox WHERE id = ? AND cid = ?', [
    id,
    cid,
  ]);
  if (row === undefined || row.status === 'sent') return null;
  if (finishRow(tx, cid, row.side, id, { status: 'sent', externalId, reason: null }, now)) return row.side;
  tx.db.run("UPDATE outbox SET status = 'sent', external_id = ?, reason = NULL, updated_at = ? WHERE id = ?", [
    externalId,
    now,
    id,
  ]);
  tx.db.run("DELETE FROM dead WHERE box = 'out' AND row_id = ?", [id]);
  return null;
}

function insertDrafts(tx: Tx, commit: WireCommit, before: Before): { outboxIds: number[]; lastOutbox: number | null } {
  const outboxIds: number[] = [];
  const sides = new Set<Side>();
  let prev = before.lastOutbox;
  for (const draft of commit.drafts) {
    const id = tx.nextId();
    tx.db.run(
      `INSERT INTO outbox (id, cid, prev, ref, side, origin, epoch, turn_id, mergeable, status, attempts, created_at, updated_at,
         body, variants) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?, ?, ?)`,
      [
        id,
        before.cid,
        prev,
        draft.ref,
        draft.side,
        draft.origin,
        commit.conversation.epoch,
        commit.turnId,
        draft.mergeable,
        commit.now,
        commit.now,
        draft.body,
        draft.variants,
      ],
    );
    tx.db.run(
      "INSERT INTO queue_out (cid, side, id, due_at, status, attempts, updated_at) VALUES (?, ?, ?, ?, 'pending', 0, ?)",
      [before.cid, draft.side, id, commit.now, commit.now],
    );
    sides.add(draft.side);
    outboxIds.push(id);
    prev = id;
  }
  for (const side of sides) {
    tx.db.run('INSERT INTO out_heads (cid, side, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
      before.cid,
      side,
      commit.now,
    ]);
  }
  return { outboxIds, lastOutbox: prev };
}

/** One timer a name. One that has fired and waits for its turn is cancelled like one that has not. */
function setTimers(tx: Tx, cid: number, commit: WireCommit): void {
  if (commit.cancelTimers.length + commit.setTimers.length === 0) return;
  const waiting = tx.db.get('SELECT 1 AS some FROM queue_in WHERE cid = ? LIMIT 1', [cid]) !== undefined;
  for (const name of commit.cancelTimers) {
    tx.db.run('DELETE FROM timers WHERE cid = ? AND name = ?', [cid, name]);
    if (waiting) tx.db.run('DELETE FROM queue_in WHERE cid = ? AND timer = ?', [cid, name]);
  }
  for (const { name, dueAt } of commit.setTimers) {
    tx.db.run(
      `INSERT INTO timers (cid, name, due_at, generation) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET due_at = excluded.due_at, generation = excluded.generation`,
      [cid, name, dueAt, tx.nextToken()],
    );
    if (waiting) tx.db.run('DELETE FROM queue_in WHERE cid = ? AND timer = ?', [cid, name]);
  }
}

function writeConversation(
  tx: Tx,
  commit: WireCommit,
  before: Before,
  lastOutbox: number | null,
  lastTurn: number,
): void {
  const after = commit.conversation;
  tx.db.run(
    `UPDATE conversations SET owner = ?, epoch = ?, episode = ?, language = ?, last_buyer_at = ?, updated_at = ?, version = ?,
       last_inbox = ?, last_outbox = ?, last_turn = ?, undo_ids = ?, facts = ?, desk = ?, bot = ?, undo = ? WHERE cid = ?`,
    [
      after.owner,
      after.epoch,
      after.episode,
      after.language,
      after.lastBuyerAt,
      commit.now,
      commit.version + 1,
      before.lastInbox,
      lastOutbox,
      lastTurn,
      commit.undoIds,
      after.facts,
      after.desk,
      after.bot,
      after.undo,
      before.cid,
    ],
  );
  // Apart from the rest, because these two are indexed or learnt by ingest meanwhile: a turn never unlearns them.
  const buyerId = after.buyerId ?? before.buyerId;
  const token = after.customerToken ?? before.customerToken;
  if (buyerId !== before.buyerId || token !== before.customerToken) {
    tx.db.run('UPDATE conversations SET buyer_id = ?, customer_token = ? WHERE cid = ?', [buyerId, token, before.cid]);
  }
  if (after.desk === before.desk) return;
  for (const session of commit.sessions)
    tx.db.run('INSERT INTO desk_sessions (session_id, cid) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      session,
      before.cid,
    ]);
}

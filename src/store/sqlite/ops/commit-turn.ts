import { StoreConflictError } from '../../../common/errors.ts';
import type { Side } from '../../../contracts/outbound.ts';
import type { Known } from '../memory.ts';
import type { Tx } from '../tx.ts';
import type { WireCommit } from '../wire.ts';
import { buryInbox, dropEmptyHead, releaseHead } from './inbox-rows.ts';
import { knownById } from './known.ts';
import { finishRow, queueStatus, settleOutHead } from './outbox-rows.ts';
import { insertTurn } from './turn-rows.ts';

/** Every check stands before the first write, so that a conflict has nothing to take back. */
export function commitTurn(tx: Tx, commit: WireCommit): { outboxIds: number[]; nextDueAt: number | null } {
  const before = checked(tx, commit);
  const { cid } = before;
  const { now } = commit;
  // Tables whose rows may still wait to be written are looked at below only by a turn that touches more than its own rows.
  if (commit.supersede.length + commit.settled.length + commit.dead.length > 0) tx.appends.flush();
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
  if (touched.size > 0) tx.appends.flush();
  for (const side of touched) settleOutHead(tx, cid, side, false);
  const waiting = !dropEmptyHead(tx, before);
  setTimers(tx, cid, commit, waiting);
  const nextDueAt = waiting && !dropEmptyHead(tx, before) ? releaseHead(tx, before, 0) : null;
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

function checked(tx: Tx, commit: WireCommit): Known {
  const { claim } = commit;
  const details = { conversationId: claim.conversationId };
  const before = knownById(tx, claim.conversationId);
  if (before === undefined) throw new StoreConflictError('the conversation is gone', { details });
  if (before.head?.owner !== claim.workerId || before.head.token !== claim.leaseToken)
    throw new StoreConflictError('the lease of this turn is gone', { details });
  if (before.row.version !== commit.version)
    throw new StoreConflictError('the conversation has moved on since this turn began', { details });
  for (const id of commit.supersede) {
    tx.appends.flush();
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

function insertDrafts(tx: Tx, commit: WireCommit, before: Known): { outboxIds: number[]; lastOutbox: number | null } {
  const outboxIds: number[] = [];
  const sides = new Set<Side>();
  let prev = before.lastOutbox;
  for (const draft of commit.drafts) {
    const id = tx.nextId();
    const { ref, side, origin, mergeable, body, variants } = draft;
    const { epoch } = commit.conversation;
    const { turnId, now } = commit;
    tx.appends.add('outbox', [
      ...[id, before.cid, prev, ref, side, origin, epoch, turnId, mergeable, now, now, body, variants],
    ]);
    tx.appends.add('queue_out', [before.cid, side, id, now, now]);
    tx.memory.drafts.set(
      id,
      {
        ...{ id, ref, side, origin, epoch, turnId, mergeable, status: 'pending', attempts: 0, firstAttemptAt: null },
        ...{ externalId: null, reason: null, createdAt: now, updatedAt: now, body, variants },
      },
      body.length + variants.length,
    );
    sides.add(draft.side);
    outboxIds.push(id);
    prev = id;
  }
  for (const side of sides) tx.appends.add('out_heads', [before.cid, side, commit.now]);
  return { outboxIds, lastOutbox: prev };
}

/** One timer a name. One that has fired and waits for its turn is cancelled like one that has not. */
function setTimers(tx: Tx, cid: number, commit: WireCommit, waiting: boolean): void {
  const { cancelTimers, setTimers: set } = commit;
  if (cancelTimers.length > 0) tx.appends.flush();
  for (const name of cancelTimers) tx.db.run('DELETE FROM timers WHERE cid = ? AND name = ?', [cid, name]);
  for (const { name, dueAt } of set) tx.appends.add('timers', [cid, name, dueAt, tx.nextToken()]);
  if (!waiting) return;
  for (const name of [...cancelTimers, ...set.map((timer) => timer.name)])
    tx.db.run('DELETE FROM queue_in WHERE cid = ? AND timer = ?', [cid, name]);
}

function writeConversation(
  tx: Tx,
  commit: WireCommit,
  before: Known,
  lastOutbox: number | null,
  lastTurn: number,
): void {
  const after = commit.conversation;
  const { row, cid } = before;
  const lastInbox = before.head?.lastInbox ?? before.lastInbox;
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
      lastInbox,
      lastOutbox,
      lastTurn,
      commit.undoIds,
      after.facts,
      after.desk,
      after.bot,
      after.undo,
      cid,
    ],
  );
  // Apart from the rest, because these two are indexed or learnt by ingest meanwhile: a turn never unlearns them.
  const buyerId = after.buyerId ?? row.buyerId;
  const token = after.customerToken ?? row.customerToken;
  const sameBuyer = buyerId === row.buyerId && token === row.customerToken;
  if (!sameBuyer) {
    tx.db.run('UPDATE conversations SET buyer_id = ?, customer_token = ? WHERE cid = ?', [buyerId, token, cid]);
  }
  if (after.desk !== row.desk) {
    for (const session of commit.sessions)
      tx.db.run('INSERT INTO desk_sessions (session_id, cid) VALUES (?, ?) ON CONFLICT DO NOTHING', [session, cid]);
  }
  // Plain text may be replaced on its way into the database when it is not valid; JSON text and numbers never are.
  if (!sameBuyer || after.language !== row.language) {
    tx.memory.forget(cid);
    return;
  }
  const { owner, epoch, episode, lastBuyerAt, facts, desk, bot, undo } = after;
  const version = commit.version + 1;
  const next = { owner, epoch, episode, lastBuyerAt, facts, desk, bot, undo, version };
  const { undoIds, now: updatedAt } = commit;
  tx.memory.keep({ ...before, lastInbox, lastOutbox, lastTurn, row: { ...row, ...next, undoIds, updatedAt } });
}

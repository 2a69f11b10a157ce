import type { Side } from '../../../contracts/outbound.ts';
import { inChunks, valuesOf } from '../appends.ts';
import type { Tx } from '../tx.ts';
import type { WireDeliveryClaim } from '../wire.ts';
import type { ConversationRow } from './conversation-row.ts';
import { knownByCid, knownById } from './known.ts';
import { finishRow, type QueuedRow, type QueueState, queuedRows, settleOutHead, withContent } from './outbox-rows.ts';

/** More rows than this are read side by side, so that a backlog is cut off where it is. */
const MAX_TOGETHER = 2_000;
/** How many rows of one side are looked at, unless more may be merged. */
const WINDOW = 8;

interface Candidate {
  cid: number;
  side: Side;
}

interface Request {
  workerId: string;
  now: number;
  limit: number;
  only: { conversationId: string; side: Side }[] | null;
  merge: Partial<Record<Side, number>>;
  heldShops: string[];
}

const READY = 'FROM out_heads h WHERE h.lease_owner IS NULL AND h.due_at <= ?';
const NOT_HELD = `NOT (h.side = 'buyer' AND EXISTS (SELECT 1 FROM conversations c WHERE c.cid = h.cid
  AND c.channel || ':' || c.shop_id IN (SELECT value FROM json_each(?))))`;

export function claimDeliveries(tx: Tx, request: Request): WireDeliveryClaim[] {
  const { workerId, now, limit } = request;
  const claims: WireDeliveryClaim[] = [];
  const leases: [cid: number, side: Side, token: number][] = [];
  const starts: [cid: number, side: Side, id: number, batch: number | null][] = [];
  for (const [candidate, states] of candidates(tx, request)) {
    if (claims.length >= limit) break;
    const claimed = claimHead(tx, candidate, states, request);
    if (claimed === null) continue;
    const { claim, batch } = claimed;
    claims.push(claim);
    for (const row of claim.rows) tx.memory.drafts.set(row.id, row, row.body.length + row.variants.length);
    leases.push([candidate.cid, candidate.side, claim.leaseToken]);
    for (const { id } of claim.rows) starts.push([candidate.cid, candidate.side, id, batch]);
  }
  inChunks(leases, (count, params) => {
    tx.db.run(
      `UPDATE out_heads SET lease_owner = ?, lease_token = v.column3 FROM (VALUES ${valuesOf(count, 3)}) AS v
       WHERE out_heads.cid = v.column1 AND out_heads.side = v.column2`,
      [workerId, ...params],
    );
  });
  inChunks(starts, (count, params) => {
    tx.db.run(
      `UPDATE queue_out SET status = 'sending', attempts = attempts + 1, first_at = coalesce(first_at, ?), updated_at = ?,
         batch = v.column4 FROM (VALUES ${valuesOf(count, 4)}) AS v
       WHERE queue_out.cid = v.column1 AND queue_out.side = v.column2 AND queue_out.id = v.column3`,
      [now, now, ...params],
    );
  });
  return claims;
}

/** Heads that are due; with the states of their rows, or without where those must be read one side at a time. */
function candidates(tx: Tx, request: Request): [Candidate, QueueState[] | null][] {
  const { now, limit, only, heldShops } = request;
  if (only !== null) {
    return only.flatMap(({ conversationId, side }): [Candidate, null][] => {
      const known = knownById(tx, conversationId);
      if (known === undefined || isHeld(known.row, side, heldShops)) return [];
      const head = tx.db.get(`SELECT 1 AS ready ${READY} AND h.cid = ? AND h.side = ?`, [now, known.cid, side]);
      return head === undefined ? [] : [[{ cid: known.cid, side }, null]];
    });
  }
  const held = heldShops.length > 0;
  const heads = `SELECT h.cid, h.side, h.due_at ${READY} ${held ? `AND ${NOT_HELD}` : ''} ORDER BY h.due_at, h.cid LIMIT ?`;
  const params = held ? [now, JSON.stringify(heldShops), limit] : [now, limit];
  const rows = tx.db.all<Candidate & Omit<QueueState, 'id'> & { id: number | null }>(
    `SELECT h.cid, h.side, q.id, q.due_at AS dueAt, q.status, q.attempts, q.first_at AS firstAttemptAt, q.batch,
       q.updated_at AS updatedAt
     FROM (${heads}) h
     LEFT JOIN queue_out q ON q.cid = h.cid AND q.side = h.side ORDER BY h.due_at, h.cid, h.side, q.id LIMIT ?`,
    [...params, MAX_TOGETHER],
  );
  if (rows.length === MAX_TOGETHER) return tx.db.all<Candidate>(heads, params).map((head) => [head, null]);
  const found: [Candidate, QueueState[]][] = [];
  let last: [Candidate, QueueState[]] | undefined;
  for (const { cid, side, id, ...state } of rows) {
    if (last === undefined || last[0].cid !== cid || last[0].side !== side) {
      last = [{ cid, side }, []];
      found.push(last);
    }
    if (id !== null) last[1].push({ id, ...state });
  }
  return found;
}

const isHeld = (row: ConversationRow, side: Side, heldShops: string[]): boolean =>
  side === 'buyer' && heldShops.includes(`${row.channel}:${row.shopId}`);

function claimHead(
  tx: Tx,
  candidate: Candidate,
  states: QueueState[] | null,
  request: Request,
): { claim: WireDeliveryClaim; batch: number | null } | null {
  const { cid, side } = candidate;
  const { now, workerId } = request;
  const known = knownByCid(tx, cid);
  if (known === undefined) return null;
  const most = Math.max(1, request.merge[side] ?? 1);
  const rows = withoutStale(tx, candidate, known.row.epoch, states, Math.max(most, WINDOW), now);
  const first = rows[0];
  if (first === undefined || first.dueAt > now) {
    settleOutHead(tx, cid, side, false);
    return null;
  }
  const resumed = first.status !== 'pending';
  const claimed = resumed ? sameBatch(rows, first) : neighbours(rows, first, most, now);
  const leaseToken = tx.nextToken();
  const batch = claimed.length > 1 ? (resumed ? first.batch : leaseToken) : null;
  tx.memory.setLease(cid, side, { owner: workerId, token: leaseToken });
  const { cid: _cid, undoIds: _undoIds, ...conversation } = known.row;
  const claim: WireDeliveryClaim = {
    // No delivery looks at bot state, which is most of a conversation's bytes.
    conversation: { ...conversation, bot: '{}', undo: null },
    side,
    workerId,
    leaseToken,
    rows: claimed.map(({ dueAt: _dueAt, batch: _batch, ...row }) => ({
      ...row,
      status: 'sending',
      attempts: row.attempts + 1,
      firstAttemptAt: row.firstAttemptAt ?? now,
      updatedAt: now,
    })),
    resumed,
  };
  return { claim, batch };
}

const STALE = 'the conversation changed hands before this could be sent';

/** The oldest rows once those that were decided under an earlier owner are dropped. A row that may have left is settled instead. */
function withoutStale(
  tx: Tx,
  { cid, side }: Candidate,
  epoch: number,
  states: QueueState[] | null,
  window: number,
  now: number,
): QueuedRow[] {
  let rows =
    states === null
      ? queuedRows(tx, cid, side, window)
      : states.slice(0, window).flatMap((state) => withContent(tx, state) ?? []);
  for (;;) {
    const stale = rows.filter(
      (row) => row.status === 'pending' && row.epoch < epoch && (row.origin === 'bot' || row.origin === 'bridge'),
    );
    if (stale.length === 0) return rows;
    for (const row of stale) {
      finishRow(tx, cid, side, row.id, { status: 'dropped', externalId: null, reason: STALE }, now);
    }
    rows = queuedRows(tx, cid, side, window);
  }
}

/** Rows that may have left together are settled together. */
function sameBatch(rows: QueuedRow[], first: QueuedRow): QueuedRow[] {
  if (first.batch === null) return [first];
  const end = rows.findIndex((row) => row.batch !== first.batch || row.status === 'pending');
  return end === -1 ? rows : rows.slice(0, end);
}

function neighbours(rows: QueuedRow[], first: QueuedRow, most: number, now: number): QueuedRow[] {
  if (first.mergeable !== 1) return [first];
  const end = rows.findIndex(
    (row) => row.mergeable !== 1 || row.status !== 'pending' || row.origin !== first.origin || row.dueAt > now,
  );
  return rows.slice(0, Math.min(most, end === -1 ? rows.length : end));
}

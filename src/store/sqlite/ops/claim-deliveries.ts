import type { Side } from '../../../contracts/outbound.ts';
import type { Tx } from '../tx.ts';
import type { WireDeliveryClaim } from '../wire.ts';
import { CONVERSATION_COLUMNS_WITHOUT_BOT, type ConversationRow } from './conversation-row.ts';
import { finishRow, type QueuedRow, queuedRows, settleOutHead } from './outbox-rows.ts';

interface Candidate extends ConversationRow {
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

const READY = `SELECT ${CONVERSATION_COLUMNS_WITHOUT_BOT}, h.side FROM out_heads h JOIN conversations c ON c.cid = h.cid
  WHERE h.lease_owner IS NULL AND h.due_at <= ?`;
const NOT_HELD = "NOT (h.side = 'buyer' AND c.channel || ':' || c.shop_id IN (SELECT value FROM json_each(?)))";

export function claimDeliveries(tx: Tx, request: Request): WireDeliveryClaim[] {
  const claims: WireDeliveryClaim[] = [];
  const { now, limit } = request;
  const take = (candidate: Candidate): void => {
    const claim = claimHead(tx, candidate, request);
    if (claim !== null) claims.push(claim);
  };
  if (request.only !== null) {
    for (const { conversationId, side } of request.only) {
      if (claims.length >= limit) break;
      const row = tx.db.get<Candidate>(`${READY} AND c.id = ? AND h.side = ?`, [now, conversationId, side]);
      if (row !== undefined && !isHeld(row, request.heldShops)) take(row);
    }
    return claims;
  }
  const held = request.heldShops.length > 0;
  const sql = `${READY} ${held ? `AND ${NOT_HELD}` : ''} ORDER BY h.due_at, h.cid LIMIT ?`;
  const params = held ? [now, JSON.stringify(request.heldShops), limit] : [now, limit];
  for (const row of tx.db.all<Candidate>(sql, params)) take(row);
  return claims;
}

const isHeld = (row: Candidate, heldShops: string[]): boolean =>
  row.side === 'buyer' && heldShops.includes(`${row.channel}:${row.shopId}`);

function claimHead(tx: Tx, candidate: Candidate, request: Request): WireDeliveryClaim | null {
  const { cid, side, undoIds: _undoIds, ...conversation } = candidate;
  const { now, workerId } = request;
  const most = Math.max(1, request.merge[side] ?? 1);
  const rows = withoutStale(tx, candidate, Math.max(most, 8), now);
  const first = rows[0];
  if (first === undefined || first.dueAt > now) {
    settleOutHead(tx, cid, side, false);
    return null;
  }
  const resumed = first.status !== 'pending';
  const claimed = resumed ? sameBatch(rows, first) : neighbours(rows, first, most, now);
  const leaseToken = tx.nextToken();
  const batch = claimed.length > 1 ? (resumed ? first.batch : leaseToken) : null;
  tx.db.run('UPDATE out_heads SET lease_owner = ?, lease_token = ? WHERE cid = ? AND side = ?', [
    workerId,
    leaseToken,
    cid,
    side,
  ]);
  for (const row of claimed) {
    tx.db.run(
      `UPDATE queue_out SET status = 'sending', attempts = attempts + 1, first_at = coalesce(first_at, ?), batch = ?, updated_at = ?
       WHERE cid = ? AND side = ? AND id = ?`,
      [now, batch, now, cid, side, row.id],
    );
  }
  return {
    conversation,
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
}

const STALE = 'the conversation changed hands before this could be sent';

/** The oldest rows once those that were decided under an earlier owner are dropped. A row that may have left is settled instead. */
function withoutStale(tx: Tx, candidate: Candidate, window: number, now: number): QueuedRow[] {
  const { cid, side, epoch } = candidate;
  for (;;) {
    const rows = queuedRows(tx, cid, side, window);
    const stale = rows.filter(
      (row) => row.status === 'pending' && row.epoch < epoch && (row.origin === 'bot' || row.origin === 'bridge'),
    );
    if (stale.length === 0) return rows;
    for (const row of stale) {
      finishRow(tx, cid, side, row.id, { status: 'dropped', externalId: null, reason: STALE }, now);
    }
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

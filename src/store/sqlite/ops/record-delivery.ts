import { StoreConflictError } from '../../../common/errors.ts';
import type { IngestResult } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';
import type { WireOutcome, WireRecord } from '../wire.ts';
import { ingestOne } from './ingest.ts';
import { finishRow, settleOutHead } from './outbox-rows.ts';

/** A row that was settled by its echo meanwhile is finished; what its sender believes about it no longer counts. */
export function recordDelivery(tx: Tx, record: WireRecord): { nextDueAt: number | null; ingested: IngestResult[] } {
  const { claim, now } = record;
  const head = heldSide(tx, claim);
  if (head === undefined || head.owner !== claim.workerId || head.token !== claim.leaseToken) {
    throw new StoreConflictError('the lease of this delivery is gone', {
      details: { conversationId: claim.conversationId, side: claim.side },
    });
  }
  for (const outcome of record.outcomes) applyOutcome(tx, head.cid, record, outcome);
  const nextDueAt = settleOutHead(tx, head.cid, claim.side, true);
  return { nextDueAt, ingested: record.events.map((event) => ingestOne(tx, event, now)) };
}

interface HeldSide {
  cid: number;
  owner: string | null;
  token: number | null;
}

function heldSide(tx: Tx, { conversationId, side }: WireRecord['claim']): HeldSide | undefined {
  const known = tx.memory.byId(conversationId);
  const lease = known === undefined ? undefined : tx.memory.leaseOf(known.cid, side);
  if (known !== undefined && lease !== undefined) return { cid: known.cid, ...lease };
  return tx.db.get<HeldSide>(
    `SELECT h.cid, h.lease_owner AS owner, h.lease_token AS token
     FROM conversations c JOIN out_heads h ON h.cid = c.cid WHERE c.id = ? AND h.side = ?`,
    [conversationId, side],
  );
}

function applyOutcome(tx: Tx, cid: number, { claim, now }: WireRecord, outcome: WireOutcome): void {
  const { side } = claim;
  const id = outcome.outboxId;
  switch (outcome.kind) {
    case 'sent':
      finishRow(tx, cid, side, id, { status: 'sent', externalId: outcome.externalId, reason: null }, now);
      return;
    case 'dropped':
      finishRow(tx, cid, side, id, { status: 'dropped', externalId: null, reason: outcome.reason }, now);
      return;
    case 'dead': {
      const reason = `${outcome.reason} (${outcome.code})`;
      if (!finishRow(tx, cid, side, id, { status: 'dead', externalId: null, reason }, now)) return;
      tx.db.run(
        `INSERT INTO dead (box, row_id, cid, side, at, attempts, what, reason)
         SELECT 'out', id, cid, side, ?, attempts, coalesce(json_extract(body, '$.part.type'), json_extract(body, '$.kind')), ?
         FROM outbox WHERE id = ?`,
        [now, reason, id],
      );
      return;
    }
    case 'unknown':
      if (!setQueue(tx, cid, side, id, { status: 'unknown', dueAt: outcome.dueAt, fresh: false, again: false }, now))
        return;
      tx.db.run('UPDATE outbox SET reason = ? WHERE id = ?', [outcome.reason, id]);
      return;
    case 'retry': {
      // Other words are a new thing to try, with a budget of its own.
      const again = outcome.body !== null;
      if (!setQueue(tx, cid, side, id, { status: 'pending', dueAt: outcome.dueAt, fresh: true, again }, now)) return;
      tx.db.run(
        'UPDATE outbox SET reason = ?, body = coalesce(?, body), variants = coalesce(?, variants) WHERE id = ?',
        [outcome.reason, outcome.body, outcome.variants, id],
      );
      return;
    }
  }
}

/** `fresh`: the series of attempts ended with a plain no, so read-back need not look before the next one. `again`: count from zero. */
function setQueue(
  tx: Tx,
  cid: number,
  side: string,
  id: number,
  next: { status: string; dueAt: number; fresh: boolean; again: boolean },
  now: number,
): boolean {
  tx.memory.drafts.delete(id);
  const changed = tx.db.run(
    `UPDATE queue_out SET status = ?, due_at = ?, updated_at = ?, first_at = iif(?, NULL, first_at), batch = iif(?, NULL, batch),
       attempts = iif(?, 0, attempts) WHERE cid = ? AND side = ? AND id = ?`,
    [next.status, next.dueAt, now, next.fresh ? 1 : 0, next.fresh ? 1 : 0, next.again ? 1 : 0, cid, side, id],
  );
  return changed === 1;
}

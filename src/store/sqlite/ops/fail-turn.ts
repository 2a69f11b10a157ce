import { StoreConflictError } from '../../../common/errors.ts';
import type { TurnLease } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';
import { buryInbox, releaseInbox } from './inbox-rows.ts';
import { knownById } from './known.ts';
import { noteTurn } from './turn-rows.ts';

/**
 * The rows that this lease started come again at `retryAt`, and nothing of the conversation overtakes them;
 * without `retryAt` they are dead letters and what is behind them goes on.
 */
export function failTurn(
  tx: Tx,
  args: { claim: TurnLease; now: number; reason: string; retryAt: number | null },
): null {
  const { claim, now, reason, retryAt } = args;
  const place = knownById(tx, claim.conversationId);
  if (place?.head?.owner !== claim.workerId || place.head.token !== claim.leaseToken)
    throw new StoreConflictError('the lease of this turn is gone', {
      details: { conversationId: claim.conversationId },
    });
  const { cid } = place;
  if (retryAt === null) {
    const rows = tx.db.all<{ id: number }>('SELECT id FROM queue_in WHERE cid = ? AND token = ? ORDER BY id', [
      cid,
      claim.leaseToken,
    ]);
    for (const { id } of rows) buryInbox(tx, cid, id, reason, now);
  } else {
    tx.db.run('UPDATE queue_in SET due_at = ? WHERE cid = ? AND token = ?', [retryAt, cid, claim.leaseToken]);
  }
  releaseInbox(tx, place, retryAt ?? 0);
  noteTurn(tx, cid, now, 'turn.failed', reason);
  return null;
}

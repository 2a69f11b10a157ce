import { InvariantError } from '../../../common/errors.ts';
import { conversationIdOf } from '../../../contracts/conversation.ts';
import type { InboundTarget } from '../../../contracts/inbound.ts';
import type { Known } from '../memory.ts';
import type { Tx } from '../tx.ts';
import { knownByCid, knownById } from './known.ts';

/** Newest: where the buyer wrote last, or which began last. A session of its own decides between conversations of one buyer. */
const NEWEST = 'max(c.created_at, coalesce(c.last_buyer_at, 0)) DESC, c.cid DESC LIMIT 1';

/** The existing conversation that an event goes to. Shop targets have none and must not be asked for. */
export function findPlace(tx: Tx, target: Exclude<InboundTarget, { by: 'shop' }>): Known | undefined {
  switch (target.by) {
    case 'conversation':
      return knownById(tx, conversationIdOf(target.ref));
    case 'id':
      return knownById(tx, target.conversationId);
    case 'customer': {
      const { customerToken, sessionId } = target;
      if (customerToken !== null) {
        const found = tx.db.get<{ cid: number }>(
          `SELECT c.cid FROM conversations c WHERE c.customer_token = ?
           ORDER BY EXISTS (SELECT 1 FROM desk_sessions s WHERE s.session_id = ? AND s.cid = c.cid) DESC, ${NEWEST}`,
          [customerToken, sessionId],
        );
        if (found !== undefined) return knownByCid(tx, found.cid);
      }
      if (sessionId === null) return undefined;
      const found = tx.db.get<{ cid: number }>(
        `SELECT c.cid FROM conversations c WHERE c.cid IN (SELECT cid FROM desk_sessions WHERE session_id = ?) ORDER BY ${NEWEST}`,
        [sessionId],
      );
      return found === undefined ? undefined : knownByCid(tx, found.cid);
    }
  }
}

type ConversationTarget = Extract<InboundTarget, { by: 'conversation' }>;

/** A conversation begins with the bot, epoch and episode 1, and nothing known but its buyer. */
export function createPlace(tx: Tx, target: ConversationTarget, now: number): Known {
  const { ref, buyer } = target;
  const row = tx.db.get<{ cid: number }>(
    `INSERT INTO conversations (id, channel, shop_id, external_id, buyer_id, customer_token, buyer_name, owner, epoch, episode,
       created_at, updated_at, version, facts, desk, bot)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'bot', 1, 1, ?, ?, 0, '{}', '{}', '{}') RETURNING cid`,
    [
      conversationIdOf(ref),
      ref.channel,
      ref.shopId,
      ref.externalId,
      buyer?.id ?? null,
      buyer?.customerToken ?? null,
      buyer?.name ?? null,
      now,
      now,
    ],
  );
  // Read back rather than put together: what is no valid text was replaced on its way into the database.
  const place = row === undefined ? undefined : knownByCid(tx, row.cid);
  if (place === undefined) throw new InvariantError('a conversation that was just made is not there');
  return place;
}

/** Takes back a conversation that this transaction made and nothing refers to. */
export function removePlace(tx: Tx, place: Known): void {
  tx.db.run('DELETE FROM conversations WHERE cid = ?', [place.cid]);
  tx.memory.forget(place.cid);
}

/** Fills in what an event tells about the buyer; writes nothing when nothing is new. */
export function learnBuyer(tx: Tx, place: Known, buyer: ConversationTarget['buyer']): Known {
  if (buyer === undefined) return place;
  const { row, cid } = place;
  const name = buyer.name ?? row.buyerName;
  if (row.buyerId === buyer.id && row.customerToken === buyer.customerToken && row.buyerName === name) return place;
  tx.db.run('UPDATE conversations SET buyer_id = ?, customer_token = ?, buyer_name = ? WHERE cid = ?', [
    buyer.id,
    buyer.customerToken,
    name,
    cid,
  ]);
  tx.memory.forget(cid);
  return knownByCid(tx, cid) ?? place;
}

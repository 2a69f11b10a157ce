import type { ConversationId } from '../../../contracts/conversation.ts';
import { conversationIdOf } from '../../../contracts/conversation.ts';
import type { InboundTarget } from '../../../contracts/inbound.ts';
import type { Tx } from '../tx.ts';
import { type InboxPlace, PLACE_COLUMNS } from './inbox-rows.ts';

/** A conversation's inbox with what ingest has to know about its owner. */
export interface Place extends InboxPlace {
  id: ConversationId;
  owner: string;
  buyerId: string | null;
  customerToken: string | null;
  buyerName: string | null;
}

const SELECT_PLACE = `SELECT ${PLACE_COLUMNS}, c.id, c.owner, c.buyer_id AS buyerId, c.customer_token AS customerToken,
  c.buyer_name AS buyerName FROM conversations c LEFT JOIN in_heads h ON h.cid = c.cid`;

const byId = (tx: Tx, id: string): Place | undefined => tx.db.get<Place>(`${SELECT_PLACE} WHERE c.id = ?`, [id]);

/** Newest: where the buyer wrote last, or which began last. A session of its own decides between conversations of one buyer. */
const NEWEST = 'max(c.created_at, coalesce(c.last_buyer_at, 0)) DESC, c.cid DESC LIMIT 1';

/** The existing conversation that an event goes to. Shop targets have none and must not be asked for. */
export function findPlace(tx: Tx, target: Exclude<InboundTarget, { by: 'shop' }>): Place | undefined {
  switch (target.by) {
    case 'conversation':
      return byId(tx, conversationIdOf(target.ref));
    case 'id':
      return byId(tx, target.conversationId);
    case 'customer': {
      const { customerToken, sessionId } = target;
      if (customerToken !== null) {
        const found = tx.db.get<Place>(
          `${SELECT_PLACE} WHERE c.customer_token = ?
           ORDER BY EXISTS (SELECT 1 FROM desk_sessions s WHERE s.session_id = ? AND s.cid = c.cid) DESC, ${NEWEST}`,
          [customerToken, sessionId],
        );
        if (found !== undefined) return found;
      }
      if (sessionId === null) return undefined;
      return tx.db.get<Place>(
        `${SELECT_PLACE} WHERE c.cid IN (SELECT cid FROM desk_sessions WHERE session_id = ?) ORDER BY ${NEWEST}`,
        [sessionId],
      );
    }
  }
}

type ConversationTarget = Extract<InboundTarget, { by: 'conversation' }>;

/** A conversation begins with the bot, epoch and episode 1, and nothing known but its buyer. */
export function createPlace(tx: Tx, target: ConversationTarget, now: number): Place {
  const { ref, buyer } = target;
  const id = conversationIdOf(ref);
  const row = tx.db.get<{ cid: number }>(
    `INSERT INTO conversations (id, channel, shop_id, external_id, buyer_id, customer_token, buyer_name, owner, epoch, episode,
       created_at, updated_at, version, facts, desk, bot)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'bot', 1, 1, ?, ?, 0, '{}', '{}', '{}') RETURNING cid`,
    [
      id,
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
  return {
    cid: row?.cid ?? 0,
    id,
    owner: 'bot',
    buyerId: buyer?.id ?? null,
    customerToken: buyer?.customerToken ?? null,
    buyerName: buyer?.name ?? null,
    lastInbox: null,
    headDueAt: null,
    headHold: null,
    headLastInbox: null,
  };
}

/** Takes back a conversation that this transaction made and nothing refers to. */
export function removePlace(tx: Tx, place: Place): void {
  tx.db.run('DELETE FROM conversations WHERE cid = ?', [place.cid]);
}

/** Fills in what an event tells about the buyer; writes nothing when nothing is new. */
export function learnBuyer(tx: Tx, place: Place, buyer: ConversationTarget['buyer']): void {
  if (buyer === undefined) return;
  const name = buyer.name ?? place.buyerName;
  if (place.buyerId === buyer.id && place.customerToken === buyer.customerToken && place.buyerName === name) return;
  tx.db.run('UPDATE conversations SET buyer_id = ?, customer_token = ?, buyer_name = ? WHERE cid = ?', [
    buyer.id,
    buyer.customerToken,
    name,
    place.cid,
  ]);
}

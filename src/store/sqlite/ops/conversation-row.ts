import type { WireConversation } from '../wire.ts';

/** A conversation as it travels, with the keys that only the engine uses. */
export interface ConversationRow extends WireConversation {
  cid: number;
  undoIds: string | null;
}

export const CONVERSATION_COLUMNS = `c.cid, c.id, c.channel, c.shop_id AS shopId, c.external_id AS externalId, c.buyer_id AS buyerId,
  c.customer_token AS customerToken, c.buyer_name AS buyerName, c.owner, c.epoch, c.episode, c.language, c.last_buyer_at AS lastBuyerAt,
  c.created_at AS createdAt, c.updated_at AS updatedAt, c.version, c.undo_ids AS undoIds, c.facts, c.desk, c.bot, c.undo`;

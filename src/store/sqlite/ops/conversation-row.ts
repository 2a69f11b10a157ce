import type { WireConversation } from '../wire.ts';

/** A conversation as it travels, with the keys that only the engine uses. */
export interface ConversationRow extends WireConversation {
  cid: number;
  undoIds: string | null;
}

const FACTS = `c.cid, c.id, c.channel, c.shop_id AS shopId, c.external_id AS externalId, c.buyer_id AS buyerId,
  c.customer_token AS customerToken, c.buyer_name AS buyerName, c.owner, c.epoch, c.episode, c.language, c.last_buyer_at AS lastBuyerAt,
  c.created_at AS createdAt, c.updated_at AS updatedAt, c.version, c.undo_ids AS undoIds, c.facts, c.desk`;

export const CONVERSATION_COLUMNS = `${FACTS}, c.bot, c.undo`;

/** For deliveries, which never look at bot state: most of a conversation's bytes, read and copied for every message otherwise. */
export const CONVERSATION_COLUMNS_WITHOUT_BOT = `${FACTS}, '{}' AS bot, NULL AS undo`;

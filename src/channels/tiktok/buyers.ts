import { LRUCache } from 'lru-cache';
import type { Conversation } from '../../contracts/conversation.ts';
import type { Found } from '../../contracts/lookups.ts';
import type { CustomerService } from './customer-service.ts';

/**
 * The buyer behind a conversation as the order calls know them: chat knows an `im_user_id`, orders a `user_id`, and only get-conversation
 * and the conversation list tell both. Source: `get-conversations-202309`.
 */
export interface Buyers {
  userIdOf(conversation: Conversation): Promise<Found<string>>;
}

export function createBuyers(service: CustomerService): Buyers {
  const known = new LRUCache<string, string>({ max: 10_000, ttl: 3_600_000 });
  return {
    async userIdOf(conversation) {
      const held = known.get(conversation.id);
      if (held !== undefined) return { kind: 'found', value: held };
      const result = await service.getConversation(conversation.shopId, conversation.externalId, {
        priority: 'lookup',
      });
      if (result.kind === 'failed') return { kind: 'failed', reason: result.reason };
      const buyers = result.data?.participants.filter((participant) => participant.role === 'BUYER') ?? [];
      const buyer = buyers.find((participant) => participant.im_user_id === conversation.buyerId) ?? buyers[0];
      const mismatch = conversation.buyerId !== null && buyer?.im_user_id !== conversation.buyerId;
      if (buyer === undefined || buyer.user_id === null || mismatch)
        return { kind: 'failed', reason: 'TikTok Shop did not say who the buyer of this conversation is' };
      known.set(conversation.id, buyer.user_id);
      return { kind: 'found', value: buyer.user_id };
    },
  };
}

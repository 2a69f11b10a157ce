import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { tryParseJson } from '../../common/json.ts';
import type { ConversationRef } from '../../contracts/conversation.ts';
import type { Store } from '../../contracts/store.ts';
import type { IncomingActivity } from './schema.ts';

const maybe = z.string().optional();

/** A ConversationReference without the buyer: whoever the answer is for stands in the conversation, so that erasing a buyer needs no look in here. */
const referenceSchema = z.object({
  serviceUrl: z.string(),
  channelId: z.string(),
  bot: z.object({ id: z.string(), name: maybe }),
  conversation: z.object({ id: z.string(), conversationType: maybe, tenantId: maybe, isGroup: z.boolean().optional() }),
});

export type StoredReference = z.output<typeof referenceSchema>;

/** Where answers go, kept over restarts. */
export interface References {
  /** Durable when it resolves; writes only when something changed. */
  remember(ref: ConversationRef, activity: IncomingActivity): Promise<void>;
  /** `null` when the conversation never wrote to us. */
  find(ref: ConversationRef): Promise<StoredReference | null>;
}

const keyOf = (ref: ConversationRef): string => `${ref.channel}:reference:${ref.shopId}:${ref.externalId}`;

export function createReferences(deps: { shops: Pick<Store, 'getMeta' | 'putMeta'>; botId: string }): References {
  // Short, because another process may learn of a new address first.
  const cache = new LRUCache<string, string>({ max: 5_000, ttl: 60_000 });
  return {
    async remember(ref, activity) {
      const { recipient, conversation } = activity;
      const reference: StoredReference = {
        serviceUrl: activity.serviceUrl,
        channelId: activity.channelId,
        bot: { id: recipient?.id ?? deps.botId, name: recipient?.name },
        conversation: {
          id: conversation.id,
          conversationType: conversation.conversationType,
          tenantId: conversation.tenantId,
          isGroup: conversation.isGroup,
        },
      };
      const key = keyOf(ref);
      const value = JSON.stringify(reference);
      const known = cache.get(key) ?? (await deps.shops.getMeta(key));
      if (known !== value) await deps.shops.putMeta(key, value);
      cache.set(key, value);
    },
    async find(ref) {
      const key = keyOf(ref);
      const value = cache.get(key) ?? (await deps.shops.getMeta(key));
      if (value === null) return null;
      const read = referenceSchema.safeParse(tryParseJson(value));
      if (!read.success) return null;
      cache.set(key, value);
      return read.data;
    },
  };
}

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.ts';
import type { ChannelSend, SendOutcome } from '../../contracts/channel.ts';
import type { Conversation } from '../../contracts/conversation.ts';
import type { TiktokConfig } from './config.ts';
import type { CustomerService } from './customer-service.ts';
import { COUPON_GAP_MS, sendOutcomeOf } from './errors.ts';
import type { Images } from './images.ts';
import { toOutbound } from './to-outbound.ts';

export interface Sender {
  send(send: ChannelSend): Promise<SendOutcome>;
  markRead(conversation: Conversation, signal?: AbortSignal): Promise<SendOutcome>;
}

/** Sends one message. TikTok knows no idempotency key: an outcome that nobody knows is settled by reading back, never by repeating. */
export function createSender(deps: {
  config: Pick<TiktokConfig, 'senderRole'>;
  service: CustomerService;
  images: Images;
  clock: Clock;
}): Sender {
  const { service, clock } = deps;
  /** Messages that met 45101001 once: the second time it is what its page says, an invalid parameter. */
  const checked = new LRUCache<string, true>({ max: 5_000, ttl: 86_400_000 });
  const lastCouponAt = new Map<string, number>();

  const couponWaitMs = (shopId: string): number => {
    const waitMs = (lastCouponAt.get(shopId) ?? -COUPON_GAP_MS) + COUPON_GAP_MS - clock.now();
    if (waitMs <= 0) lastCouponAt.set(shopId, clock.now());
    return waitMs;
  };

  return {
    async send({ conversation, part, ref, signal }) {
      const { shopId } = conversation;
      let ready = part;
      if (part.type === 'image') {
        const prepared = await deps.images.prepare(shopId, part, signal);
        if (prepared.kind === 'refused') return prepared.outcome;
        ready = prepared.image;
      }
      const outbound = toOutbound(ready);
      if (outbound.kind === 'refused') {
        const { next, code, reason } = outbound;
        return { kind: 'refused', next, code, reason };
      }
      if (part.type === 'coupon') {
        const waitMs = couponWaitMs(shopId);
        if (waitMs > 0)
          return {
            kind: 'refused',
            next: 'retry',
            code: 'coupon-pace',
            reason: 'coupon cards go at most once in two seconds',
            retryAfterMs: waitMs,
          };
      }
      const result = await service.sendMessage(
        shopId,
        conversation.externalId,
        { type: outbound.type, content: outbound.content, senderRole: deps.config.senderRole },
        signal,
      );
      if (result.kind === 'ok') return { kind: 'accepted', externalId: result.data.message_id };
      const outcome = sendOutcomeOf(result, part, checked.has(ref));
      if (result.effect === 'check') checked.set(ref, true);
      return outcome;
    },
    async markRead(conversation, signal) {
      const result = await service.markRead(conversation.shopId, conversation.externalId, signal);
      if (result.kind === 'ok') return { kind: 'accepted', externalId: null };
      const outcome = sendOutcomeOf(result, null, true);
      // Marking twice is harmless, and a read mark never holds the shop.
      if (outcome.kind === 'unknown')
        return { kind: 'refused', next: 'retry', code: result.code, reason: result.reason };
      return outcome.kind === 'refused' && outcome.next === 'hold' ? { ...outcome, next: 'retry' } : outcome;
    },
  };
}

import { LRUCache } from 'lru-cache';
import type { Clock } from '../common/clock.ts';
import { coerceError } from '../common/errors.ts';
import type { Channel } from '../contracts/channel.ts';
import type { ConversationId } from '../contracts/conversation.ts';
import type { Desk } from '../contracts/desk.ts';
import type { DeliveryResult, InboundEvent } from '../contracts/inbound.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import type { OutboxRow } from '../contracts/outbound.ts';
import type { DeliveryClaim, DeliveryRecord, Store } from '../contracts/store.ts';
import { type Delivered, deliverToBuyer, each } from './deliver-to-buyer.ts';
import { deliverToDesk } from './deliver-to-desk.ts';

export interface DeliverParts {
  store: Store;
  channel(name: string): Channel | undefined;
  desk: Desk;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  memory: DeliveryMemory;
}

/** What a process remembers between deliveries; losing it costs one more look or one more question, never a message. */
export interface DeliveryMemory {
  lastTry: LRUCache<number, number>;
  sessions: LRUCache<ConversationId, { sessionId: string; before: string | undefined }>;
}

export const createDeliveryMemory = (): DeliveryMemory => ({
  lastTry: new LRUCache({ max: 10_000 }),
  sessions: new LRUCache({ max: 10_000, ttl: 60_000 }),
});

/** One claim to one record. Never throws: what goes wrong is an outcome. */
export async function deliver(
  parts: DeliverParts,
  claim: DeliveryClaim,
  signal: AbortSignal,
): Promise<{ record: DeliveryRecord; holdUntil?: number }> {
  const { clock, metrics } = parts;
  const startedAt = clock.now();
  const delivered = await attempt(parts, claim, signal);
  const now = clock.now();
  for (const outcome of delivered.outcomes) {
    metrics.count('buyerline_deliveries_total', { side: claim.side, outcome: outcome.kind });
    const row = claim.rows.find((candidate) => candidate.id === outcome.outboxId);
    if (outcome.kind === 'sent' && row !== undefined) {
      metrics.observe('buyerline_delivery_seconds', Math.max(0, now - row.createdAt) / 1000, { side: claim.side });
      const { lastBuyerAt, channel } = claim.conversation;
      if (claim.side === 'buyer' && row.origin === 'bot' && lastBuyerAt !== null && row.attempts === 1)
        metrics.observe('buyerline_first_answer_seconds', Math.max(0, now - lastBuyerAt) / 1000, { channel });
    }
    if (outcome.kind === 'unknown' && !claim.resumed) parts.memory.lastTry.set(outcome.outboxId, startedAt);
    if (outcome.kind === 'dead')
      parts.logger.warn('outbound.given_up', {
        conversationId: claim.conversation.id,
        outboxId: outcome.outboxId,
        side: claim.side,
        code: outcome.code,
      });
  }
  return {
    holdUntil: delivered.holdUntil,
    record: {
      claim: {
        conversationId: claim.conversation.id,
        side: claim.side,
        workerId: claim.workerId,
        leaseToken: claim.leaseToken,
      },
      now,
      outcomes: delivered.outcomes,
      events: delivered.results.map(({ outboxId, result }) => resultEvent(claim, outboxId, result)),
    },
  };
}

async function attempt(parts: DeliverParts, claim: DeliveryClaim, signal: AbortSignal): Promise<Delivered> {
  const channel = parts.channel(claim.conversation.channel);
  try {
    if (claim.side === 'desk')
      return await deliverToDesk({
        claim,
        desk: parts.desk,
        now: () => parts.clock.now(),
        signal,
        override: override(parts, claim),
      });
    if (channel === undefined)
      return refuse(claim.rows, `no channel named ${claim.conversation.channel} is configured`);
    if (claim.side === 'receipt') return await markRead(parts, claim, channel, signal);
    return await deliverToBuyer({
      claim,
      channel,
      now: () => parts.clock.now(),
      signal,
      lastTry: (outboxId) => parts.memory.lastTry.get(outboxId),
      sentIds: async () => new Set(await parts.store.sentExternalIds(claim.conversation.id, 100)),
    });
  } catch (thrown) {
    const error = coerceError(thrown);
    parts.logger.error('delivery.failed', {
      conversationId: claim.conversation.id,
      side: claim.side,
      error: error.name,
    });
    const dueAt = parts.clock.now() + 2_000;
    return each(claim.rows, (row) => ({
      outboxId: row.id,
      kind: 'unknown',
      dueAt,
      reason: `unexpected ${error.name}`,
    }));
  }
}

/** A read mark is a courtesy: it gives way, is tried a few times, and is never a dead letter. */
async function markRead(
  parts: DeliverParts,
  claim: DeliveryClaim,
  channel: Channel,
  signal: AbortSignal,
): Promise<Delivered> {
  const [first] = claim.rows;
  const outcome = (await channel.markRead?.(claim.conversation, signal)) ?? {
    kind: 'refused' as const,
    next: 'dead' as const,
    code: 'NONE',
    reason: 'the channel has no read marks',
  };
  if (outcome.kind === 'accepted')
    return each(claim.rows, (row) => ({ outboxId: row.id, kind: 'sent', externalId: null }));
  const again = (outcome.kind === 'unknown' || outcome.next === 'retry') && (first?.attempts ?? 0) < 3;
  if (!again) return each(claim.rows, (row) => ({ outboxId: row.id, kind: 'dropped', reason: outcome.reason }));
  const dueAt = parts.clock.now() + (outcome.kind === 'refused' ? (outcome.retryAfterMs ?? 10_000) : 10_000);
  return each(claim.rows, (row) => ({ outboxId: row.id, kind: 'retry', dueAt, reason: outcome.reason }));
}

function override(parts: DeliverParts, claim: DeliveryClaim) {
  const { sessions } = parts.memory;
  const known = claim.conversation.desk.sessionId;
  return {
    get: () => {
      const held = sessions.get(claim.conversation.id);
      // Once a turn has committed another session, the store knows better.
      if (held === undefined || held.before !== known) return undefined;
      return held.sessionId;
    },
    set: (sessionId: string) => {
      sessions.set(claim.conversation.id, { sessionId, before: known });
    },
  };
}

const refuse = (rows: OutboxRow[], reason: string): Delivered => ({
  outcomes: rows.map((row) => ({ outboxId: row.id, kind: 'dead', code: 'NO_CHANNEL', reason })),
  results: [],
});

function resultEvent(claim: DeliveryClaim, outboxId: number, result: DeliveryResult): InboundEvent {
  return {
    eventKey: `delivery:${claim.conversation.id}:${outboxId}:${claim.leaseToken}:${result.kind}`,
    messageKey: null,
    bodyHash: null,
    source: 'delivery',
    target: { by: 'id', conversationId: claim.conversation.id },
    order: { index: null, at: null },
    body: { kind: 'delivery.result', outboxId, result },
  };
}

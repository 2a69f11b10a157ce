import type { Clock } from '../common/clock.ts';
import type { Bot } from '../contracts/bot.ts';
import type { AsideRecord, InboundEvent } from '../contracts/inbound.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import type { BridgeSettings } from '../contracts/settings.ts';
import type { IngestItem, IngestResult, Store } from '../contracts/store.ts';

export interface IngestParts {
  store: Store;
  settings: BridgeSettings;
  bot: Bot;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Region of a shop that this bridge serves; `undefined`: unknown shop, its events are set aside until it is added. */
  shopRegion(channel: string, shopId: string): string | null | undefined;
  /** Something becomes due at that time. */
  wake(dueAt: number): void;
  /** Shop-level news (authorisation revoked, order changed) after they are durable. */
  onShopEvent?(channel: string, shopId: string, event: InboundEvent): void;
}

/** Makes a batch durable; resolves after that, rejects with StoreUnavailableError (answered 503, so that the platform repeats). */
export type Ingest = (input: { events: InboundEvent[]; aside: AsideRecord[] }) => Promise<IngestResult[]>;

export function createIngest(parts: IngestParts): Ingest {
  const { store, metrics, clock } = parts;
  return async ({ events, aside }) => {
    const now = clock.now();
    const items: IngestItem[] = [];
    const strangers: AsideRecord[] = [];
    for (const event of events) {
      const shop = shopOf(event);
      if (shop !== null && parts.shopRegion(shop.channel, shop.shopId) === undefined) {
        strangers.push({
          source: event.source,
          reason: 'unknown_shop',
          detail: `${shop.channel} shop ${shop.shopId}`,
          raw: JSON.stringify(event),
          ...shop,
        });
        continue;
      }
      const coalescing = coalescingOf(parts, event);
      items.push(coalescing === undefined ? { event } : { event, coalescing });
    }
    for (const record of [...aside, ...strangers]) {
      await store.putAside(record, now);
      metrics.count('buyerline_aside_total', { source: record.source, reason: record.reason });
      parts.logger.warn('inbound.set_aside', { source: record.source, reason: record.reason });
    }
    if (items.length === 0) return [];
    const results = await store.ingest(items, now);
    let due = Number.POSITIVE_INFINITY;
    for (const [place, result] of results.entries()) {
      const event = items[place]?.event;
      metrics.count('buyerline_inbound_events_total', {
        channel: event === undefined ? 'unknown' : channelOf(event),
        outcome: result.outcome,
      });
      if (result.outcome === 'stored') due = Math.min(due, result.dueAt);
      if (result.outcome === 'aside' && event !== undefined)
        metrics.count('buyerline_aside_total', { source: event.source, reason: result.reason });
      if (result.outcome === 'conflict' && event !== undefined)
        metrics.count('buyerline_aside_total', { source: event.source, reason: 'conflict' });
      if (result.outcome === 'recorded' && event?.target.by === 'shop')
        parts.onShopEvent?.(event.target.channel, event.target.shopId, event);
    }
    if (due !== Number.POSITIVE_INFINITY) parts.wake(due);
    return results;
  };
}

function coalescingOf(parts: IngestParts, event: InboundEvent): IngestItem['coalescing'] {
  if (event.body.kind !== 'buyer.message' || event.target.by !== 'conversation') return undefined;
  const { channel, shopId } = event.target.ref;
  const { windowMs, maxMs } = parts.settings.forShop(
    channel,
    shopId,
    parts.shopRegion(channel, shopId) ?? null,
  ).coalescing;
  if (windowMs === 0) return undefined;
  const { part } = event.body.message;
  const immediate = part.type === 'text' && parts.bot.isUrgent?.(part.text) === true;
  return { windowMs, maxMs, immediate };
}

function shopOf(event: InboundEvent): { channel: string; shopId: string } | null {
  if (event.target.by === 'conversation') return { channel: event.target.ref.channel, shopId: event.target.ref.shopId };
  if (event.target.by === 'shop') return { channel: event.target.channel, shopId: event.target.shopId };
  return null;
}

const channelOf = (event: InboundEvent): string => shopOf(event)?.channel ?? event.source;

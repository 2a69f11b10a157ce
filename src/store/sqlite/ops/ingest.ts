import type { ConversationId } from '../../../contracts/conversation.ts';
import type { IngestResult } from '../../../contracts/store.ts';
import type { Known } from '../memory.ts';
import type { Tx } from '../tx.ts';
import type { WireItem } from '../wire.ts';
import { type Burst, queueInbox, recordInbox } from './inbox-rows.ts';
import { createPlace, findPlace, learnBuyer, removePlace } from './place-event.ts';
import { putAside } from './put-aside.ts';
import { markSeen, unlinkSeen } from './seen.ts';

/** Kinds that the timeline shows and no turn handles. */
const RECORDED: ReadonlySet<WireItem['kind']> = new Set([
  'conversation.changed',
  'order.changed',
  'authorization.changed',
  'desk.ignored',
  'other',
]);

export function ingest(tx: Tx, args: { items: WireItem[]; now: number }): IngestResult[] {
  return args.items.map((item) => ingestOne(tx, item, args.now));
}

/**
 * Place, then identity, then write: an event that cannot be placed leaves no trace in `seen`, so that its repeat may be placed.
 * A conversation made for an event that turns out to be a repeat (its conversation was erased) is taken back.
 */
export function ingestOne(tx: Tx, item: WireItem, now: number): IngestResult {
  if (item.target.by === 'shop') {
    const known = identify(tx, item, null, now);
    if (known !== null) return known;
    recordInbox(tx, null, item, now);
    return { outcome: 'recorded', conversationId: null };
  }
  let place = findPlace(tx, item.target);
  if (place === undefined) {
    if (item.target.by !== 'conversation') return asideUnplaced(tx, item, now);
    place = createPlace(tx, item.target, now);
    const known = identify(tx, item, place.cid, now);
    if (known !== null) {
      unlinkSeen(tx, item.eventKey, place.cid);
      removePlace(tx, place);
      return known;
    }
  } else {
    const known = identify(tx, item, place.cid, now);
    if (known !== null) return known;
    if (item.target.by === 'conversation') place = learnBuyer(tx, place, item.target.buyer);
  }
  if (RECORDED.has(item.kind) || isOwnEcho(tx, place.cid, item.echoId)) {
    recordInbox(tx, place, item, now);
    return { outcome: 'recorded', conversationId: place.row.id as ConversationId };
  }
  const { burst, due } = dueOf(tx, place, item, now);
  return {
    outcome: 'stored',
    conversationId: place.row.id as ConversationId,
    dueAt: queueInbox(tx, place, item, burst, due, now),
  };
}

/** Marks the event as seen; answers what it is when it was seen before. */
function identify(tx: Tx, item: WireItem, cid: number | null, now: number): IngestResult | null {
  const verdict = markSeen(tx, 'e', item.eventKey, item.bodyHash, cid, now);
  const again =
    verdict === 'new' && item.messageKey !== null
      ? markSeen(tx, 'm', item.messageKey, item.bodyHash, cid, now)
      : verdict;
  if (again === 'new') return null;
  if (again === 'same') return { outcome: 'duplicate' };
  const kept = putAside(tx, {
    record: {
      source: item.source,
      reason: 'conflict',
      detail: `${item.kind} ${item.eventKey} came again with another content`,
      raw: item.text,
      ...shopOf(item),
    },
    now,
    identity: `conflict:${item.eventKey}:${item.bodyHash ?? ''}`,
  });
  return kept === null ? { outcome: 'duplicate' } : { outcome: 'conflict' };
}

function asideUnplaced(tx: Tx, item: WireItem, now: number): IngestResult {
  const reason = item.target.by === 'customer' ? 'unknown_customer' : 'unknown_conversation';
  putAside(tx, {
    record: {
      source: item.source,
      reason,
      detail: `${item.kind} ${item.eventKey} fits no conversation`,
      raw: item.text,
    },
    now,
    identity: `${reason}:${item.eventKey}`,
  });
  return { outcome: 'aside', reason };
}

const shopOf = ({ target }: WireItem): { channel?: string; shopId?: string } => {
  if (target.by === 'shop') return { channel: target.channel, shopId: target.shopId };
  if (target.by === 'conversation') return { channel: target.ref.channel, shopId: target.ref.shopId };
  return {};
};

/** A line on the marketplace that carries the id of one of our own sent rows. */
export const isOwnEcho = (tx: Tx, cid: number, messageId: string | null): boolean =>
  messageId !== null &&
  tx.db.get('SELECT 1 AS own FROM outbox WHERE external_id = ? AND cid = ?', [messageId, cid]) !== undefined;

/**
 * A buyer's line waits for the next one, up to a bound from the burst's first line; one that cannot wait makes the whole burst due.
 * Lines of one buyer never overtake each other, so a due line always takes the burst along; other events leave it where it is.
 */
function dueOf(tx: Tx, place: Known, item: WireItem, now: number): { burst: Burst; due: number } {
  if (item.kind !== 'buyer.message') return { burst: 0, due: now };
  const { coalescing } = item;
  const waits =
    coalescing !== null && !coalescing.immediate && (place.row.owner === 'bot' || place.row.owner === 'closed');
  if (!waits) return { burst: 2, due: now };
  if (place.head === null) return { burst: 1, due: Math.min(now + coalescing.windowMs, now + coalescing.maxMs) };
  tx.appends.flush();
  const front = tx.db.get<{ first: number | null; burst: number | null }>(
    'SELECT min(received_at) AS first, max(burst) AS burst FROM queue_in WHERE cid = ? AND burst > 0 AND attempts = 0',
    [place.cid],
  );
  if (front?.burst === 2) return { burst: 2, due: now };
  return { burst: 1, due: Math.min(now + coalescing.windowMs, (front?.first ?? now) + coalescing.maxMs) };
}

import { type Conversation, type ConversationId, conversationIdOf } from '../../../src/contracts/conversation.ts';
import type { InboundBody, InboundEvent, InboundTarget, TimerName } from '../../../src/contracts/inbound.ts';
import type { OutboxDraft, Side } from '../../../src/contracts/outbound.ts';
import type { DeliveryClaim, RowOutcome, Store, TurnClaim, TurnCommit } from '../../../src/contracts/store.ts';

export const T0 = 1_700_000_000_000;
export const SHOP = '7494049642642441621';
export const idOf = (externalId: string): ConversationId =>
  conversationIdOf({ channel: 'tiktok', shopId: SHOP, externalId });

const byConversation = (externalId: string, buyer?: string): InboundTarget => ({
  by: 'conversation',
  ref: { channel: 'tiktok', shopId: SHOP, externalId },
  ...(buyer === undefined ? {} : { buyer: { id: buyer, customerToken: `tts-${SHOP}-${buyer}` } }),
});

export interface LineOptions {
  text?: string;
  hash?: string | null;
  index?: string | null;
  at?: number | null;
  buyer?: string;
  eventKey?: string;
  messageKey?: string | null;
}

/** A buyer's line; `n` makes the platform's ids. */
export function line(externalId: string, n: number | string, options: LineOptions = {}): InboundEvent {
  const text = options.text ?? `line ${n}`;
  return {
    eventKey: options.eventKey ?? `tiktok:${SHOP}:n:${n}`,
    messageKey: options.messageKey === undefined ? `tiktok:${SHOP}:m:${n}` : options.messageKey,
    bodyHash: options.hash === undefined ? `hash of ${text}` : options.hash,
    source: 'webhook',
    target: byConversation(externalId, options.buyer),
    order: { index: options.index ?? null, at: options.at ?? null },
    body: { kind: 'buyer.message', message: { id: String(n), part: { type: 'text', text }, at: T0, visible: true } },
  };
}

/** Any other event of a conversation. */
export function event(externalId: string, key: string, body: InboundBody, target?: InboundTarget): InboundEvent {
  return {
    eventKey: `test:${key}`,
    messageKey: null,
    bodyHash: null,
    source: 'webhook',
    target: target ?? byConversation(externalId),
    order: { index: null, at: null },
    body,
  };
}

export const shopLine = (externalId: string, messageId: string, text = 'hello'): InboundEvent =>
  event(externalId, `shop:${messageId}`, {
    kind: 'shop.message',
    sender: 'staff',
    message: { id: messageId, part: { type: 'text', text }, at: T0, visible: true },
  });

export const deskLine = (key: string, token: string | null, sessionId: string | null): InboundEvent =>
  event(
    '',
    `desk:${key}`,
    { kind: 'desk.message', sessionId, messageId: key, parts: [{ type: 'text', text: 'agent here' }] },
    { by: 'customer', customerToken: token, sessionId },
  );

export const say = (ref: string, change: Partial<OutboxDraft> & { text?: string } = {}): OutboxDraft => {
  const { text = `text of ${ref}`, ...rest } = change;
  return {
    ref,
    side: 'buyer',
    origin: 'bot',
    body: { kind: 'message', part: { type: 'text', text } },
    mergeable: false,
    ...rest,
  };
};

export const ingest = (store: Store, events: InboundEvent[], now = T0) =>
  store.ingest(
    events.map((each) => ({ event: each })),
    now,
  );

export async function claimTurn(store: Store, id: ConversationId, now = T0, workerId = 'w1'): Promise<TurnClaim> {
  const [claim] = await store.claimTurns({ workerId, now, limit: 1, only: [id] });
  if (claim === undefined) throw new Error(`nothing to claim in ${id}`);
  return claim;
}

export type CommitChange = Partial<Omit<TurnCommit, 'conversation' | 'timers'>> & {
  conversation?: Partial<Conversation>;
  set?: { name: TimerName; dueAt: number }[];
  cancel?: TimerName[];
};

/** A commit that handles everything that was claimed and changes nothing else. */
export function commitOf(claim: TurnClaim, change: CommitChange = {}): TurnCommit {
  const { conversation, set, cancel, ...rest } = change;
  return {
    claim,
    version: claim.conversation.version,
    now: T0,
    turnId: `turn-${claim.leaseToken}`,
    handled: claim.events.map((row) => row.id),
    conversation: { ...claim.conversation, ...conversation },
    outbox: [],
    supersede: [],
    settled: [],
    timers: { set: set ?? [], cancel: cancel ?? [] },
    notes: [],
    undo: null,
    ...rest,
  };
}

/** One whole turn on a new line of the buyer. */
export async function turn(store: Store, externalId: string, n: number | string, change: CommitChange = {}) {
  const now = change.now ?? T0;
  await ingest(store, [line(externalId, n)], now);
  return store.commitTurn(commitOf(await claimTurn(store, idOf(externalId), now), change));
}

export interface ClaimChange {
  now?: number;
  workerId?: string;
  merge?: Partial<Record<Side, number>>;
  heldShops?: string[];
  limit?: number;
}

export const claimDeliveries = (store: Store, change: ClaimChange = {}): Promise<DeliveryClaim[]> =>
  store.claimDeliveries({ workerId: 'w1', now: T0, limit: 10, merge: {}, heldShops: [], ...change });

export async function claimDelivery(store: Store, change: ClaimChange = {}): Promise<DeliveryClaim> {
  const [claim] = await claimDeliveries(store, change);
  if (claim === undefined) throw new Error('nothing to deliver');
  return claim;
}

export const record = (
  store: Store,
  claim: DeliveryClaim,
  outcomes: RowOutcome[],
  events: InboundEvent[] = [],
  now = T0,
) =>
  store.recordDelivery({
    claim: {
      conversationId: claim.conversation.id,
      side: claim.side,
      workerId: claim.workerId,
      leaseToken: claim.leaseToken,
    },
    now,
    outcomes,
    events,
  });

/** Reports every claimed row as sent under the given platform id. */
export const sent = (store: Store, claim: DeliveryClaim, externalId: string | null = null) =>
  record(
    store,
    claim,
    claim.rows.map((row) => ({ outboxId: row.id, kind: 'sent', externalId })),
  );

export const refs = (claim: DeliveryClaim): string[] => claim.rows.map((row) => row.ref);
export const keys = (claim: TurnClaim): string[] => claim.events.map((row) => row.event.eventKey);

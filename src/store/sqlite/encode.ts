import type { Conversation } from '../../contracts/conversation.ts';
import type { InboundEvent } from '../../contracts/inbound.ts';
import type { DeliveryRecord, IngestItem, RowOutcome, TurnCommit } from '../../contracts/store.ts';
import type { WireCommit, WireConversation, WireItem, WireOutcome, WireRecord } from './wire.ts';

/** Contract shapes to wire shapes, on the caller's side. */
export const encodeItem = (item: IngestItem): WireItem => encodeEvent(item.event, item.coalescing ?? null);

const encodeEvent = (event: InboundEvent, coalescing: WireItem['coalescing']): WireItem => ({
  eventKey: event.eventKey,
  messageKey: event.messageKey,
  bodyHash: event.bodyHash,
  kind: event.body.kind,
  target: event.target,
  echoId: event.body.kind === 'shop.message' ? event.body.message.id : null,
  timer: event.body.kind === 'timer.due' ? event.body.name : null,
  source: event.source,
  text: JSON.stringify(event),
  coalescing,
});

const encodeConversation = (conversation: Conversation, undo: Conversation['undo']): WireConversation => ({
  id: conversation.id,
  channel: conversation.channel,
  shopId: conversation.shopId,
  externalId: conversation.externalId,
  buyerId: conversation.buyerId,
  customerToken: conversation.customerToken,
  buyerName: null,
  owner: conversation.owner,
  epoch: conversation.epoch,
  episode: conversation.episode,
  language: conversation.language,
  lastBuyerAt: conversation.lastBuyerAt,
  createdAt: conversation.createdAt,
  updatedAt: conversation.updatedAt,
  version: conversation.version,
  facts: JSON.stringify(conversation.facts),
  desk: JSON.stringify(conversation.desk),
  bot: JSON.stringify(conversation.bot),
  undo: undo === null ? null : JSON.stringify(undo),
});

export function encodeCommit(commit: TurnCommit): WireCommit {
  const { desk } = commit.conversation;
  const sessions = desk.aliases === undefined ? [] : [...desk.aliases];
  if (desk.sessionId !== undefined) sessions.push(desk.sessionId);
  return {
    claim: lease(commit.claim),
    version: commit.version,
    now: commit.now,
    turnId: commit.turnId,
    handled: commit.handled,
    dead: commit.dead ?? [],
    conversation: encodeConversation(commit.conversation, commit.undo),
    sessions,
    undoIds: commit.undo === null ? null : JSON.stringify(commit.undo.inboxIds),
    drafts: commit.outbox.map((draft) => ({
      ref: draft.ref,
      side: draft.side,
      origin: draft.origin,
      mergeable: draft.mergeable ? 1 : 0,
      body: JSON.stringify(draft.body),
      variants: JSON.stringify(draft.variants ?? []),
    })),
    supersede: commit.supersede,
    settled: commit.settled,
    setTimers: commit.timers.set,
    cancelTimers: commit.timers.cancel,
    notes: JSON.stringify(commit.notes),
  };
}

export const encodeRecord = (record: DeliveryRecord): WireRecord => ({
  claim: { ...lease(record.claim), side: record.claim.side },
  now: record.now,
  outcomes: record.outcomes.map(encodeOutcome),
  events: record.events.map((event) => encodeEvent(event, null)),
});

/** Callers pass a whole claim where a lease is asked for; only the lease travels. */
export const lease = (claim: WireCommit['claim']): WireCommit['claim'] => ({
  conversationId: claim.conversationId,
  workerId: claim.workerId,
  leaseToken: claim.leaseToken,
});

function encodeOutcome(outcome: RowOutcome): WireOutcome {
  if (outcome.kind !== 'retry') return outcome;
  return {
    outboxId: outcome.outboxId,
    kind: 'retry',
    dueAt: outcome.dueAt,
    reason: outcome.reason,
    body: outcome.body === undefined ? null : JSON.stringify(outcome.body),
    variants: outcome.variants === undefined ? null : JSON.stringify(outcome.variants),
  };
}

import type { BotState, Conversation, ConversationId, Undo } from '../../contracts/conversation.ts';
import type { InboundEvent } from '../../contracts/inbound.ts';
import type { OutboxRow } from '../../contracts/outbound.ts';
import type { DeliveryClaim, StoredInbound, TimelineEntry, TurnClaim } from '../../contracts/store.ts';
import { inPlatformOrder } from './platform-order.ts';
import type {
  WireConversation,
  WireDeliveryClaim,
  WireInbound,
  WireOutbox,
  WireTimelineEntry,
  WireTurnClaim,
} from './wire.ts';

/**
 * Wire shapes to contract shapes, on the caller's side. Bot state and undo are parsed when somebody looks: a delivery never does,
 * and they are most of a conversation's bytes.
 */
export function decodeConversation(wire: WireConversation): Conversation {
  let bot: BotState | undefined;
  let undo: Undo | null | undefined;
  const facts = JSON.parse(wire.facts) as Conversation['facts'];
  if (wire.buyerName !== null) facts.buyerName = wire.buyerName;
  return {
    id: wire.id as ConversationId,
    channel: wire.channel,
    shopId: wire.shopId,
    externalId: wire.externalId,
    buyerId: wire.buyerId,
    customerToken: wire.customerToken,
    owner: wire.owner,
    epoch: wire.epoch,
    episode: wire.episode,
    language: wire.language,
    facts,
    desk: JSON.parse(wire.desk) as Conversation['desk'],
    get bot() {
      bot ??= JSON.parse(wire.bot) as BotState;
      return bot;
    },
    set bot(value) {
      bot = value;
    },
    get undo() {
      if (undo === undefined) undo = wire.undo === null ? null : (JSON.parse(wire.undo) as Undo);
      return undo;
    },
    set undo(value) {
      undo = value;
    },
    lastBuyerAt: wire.lastBuyerAt,
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    version: wire.version,
  };
}

const decodeInbound = (wire: WireInbound): StoredInbound => ({
  id: wire.id,
  event: JSON.parse(wire.text) as InboundEvent,
  receivedAt: wire.receivedAt,
  attempts: wire.attempts,
});

const decodeOutbox = (conversationId: ConversationId, wire: WireOutbox): OutboxRow => ({
  id: wire.id,
  conversationId,
  ref: wire.ref,
  side: wire.side,
  origin: wire.origin,
  epoch: wire.epoch,
  turnId: wire.turnId,
  body: JSON.parse(wire.body) as OutboxRow['body'],
  variants: JSON.parse(wire.variants) as string[],
  mergeable: wire.mergeable === 1,
  status: wire.status,
  attempts: wire.attempts,
  firstAttemptAt: wire.firstAttemptAt,
  externalId: wire.externalId,
  reason: wire.reason,
  createdAt: wire.createdAt,
  updatedAt: wire.updatedAt,
});

export function decodeTurnClaim(wire: WireTurnClaim): TurnClaim {
  const { conversationId } = wire;
  return {
    conversationId,
    workerId: wire.workerId,
    leaseToken: wire.leaseToken,
    conversation: decodeConversation(wire.conversation),
    events: inPlatformOrder(wire.events.map(decodeInbound)),
    unsent: wire.unsent.map((row) => decodeOutbox(conversationId, row)),
    inFlight: wire.inFlight.map((row) => decodeOutbox(conversationId, row)),
    undoEvents: inPlatformOrder(wire.undoEvents.map(decodeInbound)),
  };
}

export function decodeDeliveryClaim(wire: WireDeliveryClaim): DeliveryClaim {
  const conversation = decodeConversation(wire.conversation);
  return {
    conversation,
    side: wire.side,
    workerId: wire.workerId,
    leaseToken: wire.leaseToken,
    rows: wire.rows.map((row) => decodeOutbox(conversation.id, row)),
    resumed: wire.resumed,
  };
}

export function decodeTimelineEntry(wire: WireTimelineEntry): TimelineEntry {
  const detail: Record<string, unknown> = { ...wire.detail };
  for (const [name, text] of Object.entries(wire.json)) detail[name] = JSON.parse(text);
  return {
    seq: wire.seq,
    at: wire.at,
    kind: wire.kind,
    id: wire.id,
    title: wire.title,
    status: wire.status,
    detail,
  };
}

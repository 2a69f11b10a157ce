import type { Owner } from '../../contracts/conversation.ts';
import type { InboundBody, InboundTarget } from '../../contracts/inbound.ts';
import type { Origin, OutboxStatus, Side } from '../../contracts/outbound.ts';
import type { Coalescing, TurnLease } from '../../contracts/store.ts';

/**
 * What travels between the caller and the operations, perhaps between threads: flat records in which everything that the
 * database keeps as JSON is text already. Text is copied between threads as one block, and no thread parses what it only passes on.
 */
export interface WireConversation {
  id: string;
  channel: string;
  shopId: string;
  externalId: string;
  buyerId: string | null;
  customerToken: string | null;
  buyerName: string | null;
  owner: Owner;
  epoch: number;
  episode: number;
  language: string | null;
  lastBuyerAt: number | null;
  createdAt: number;
  updatedAt: number;
  version: number;
  facts: string;
  desk: string;
  bot: string;
  undo: string | null;
}

export interface WireEvent {
  eventKey: string;
  messageKey: string | null;
  bodyHash: string | null;
  kind: InboundBody['kind'];
  target: InboundTarget;
  /** The platform's id of a line on the marketplace that the buyer did not write; an own echo is known by it. */
  echoId: string | null;
  timer: string | null;
  source: string;
  /** The whole event. */
  text: string;
}

export interface WireItem extends WireEvent {
  coalescing: Coalescing | null;
}

export interface WireInbound {
  id: number;
  text: string;
  receivedAt: number;
  attempts: number;
}

export interface WireOutbox {
  id: number;
  ref: string;
  side: Side;
  origin: Origin;
  epoch: number;
  turnId: string;
  mergeable: number;
  status: OutboxStatus;
  attempts: number;
  firstAttemptAt: number | null;
  externalId: string | null;
  reason: string | null;
  createdAt: number;
  updatedAt: number;
  body: string;
  variants: string;
}

export interface WireTurnClaim extends TurnLease {
  conversation: WireConversation;
  events: WireInbound[];
  unsent: WireOutbox[];
  inFlight: WireOutbox[];
  undoEvents: WireInbound[];
}

export interface WireDraft {
  ref: string;
  side: Side;
  origin: Origin;
  mergeable: number;
  body: string;
  variants: string;
}

export interface WireCommit {
  claim: TurnLease;
  version: number;
  now: number;
  turnId: string;
  handled: number[];
  dead: { id: number; reason: string }[];
  conversation: WireConversation;
  /** Ids of the conversation's desk sessions, current and earlier. */
  sessions: string[];
  /** JSON list of the inbox rows that `undo` names. */
  undoIds: string | null;
  drafts: WireDraft[];
  supersede: number[];
  settled: { outboxId: number; externalId: string }[];
  setTimers: { name: string; dueAt: number }[];
  cancelTimers: string[];
  notes: string;
}

export interface WireDeliveryClaim {
  conversation: WireConversation;
  side: Side;
  workerId: string;
  leaseToken: number;
  rows: WireOutbox[];
  resumed: boolean;
}

export type WireOutcome =
  | { outboxId: number; kind: 'sent'; externalId: string | null }
  | { outboxId: number; kind: 'retry'; dueAt: number; reason: string; body: string | null; variants: string | null }
  | { outboxId: number; kind: 'unknown'; dueAt: number; reason: string }
  | { outboxId: number; kind: 'dead'; code: string; reason: string }
  | { outboxId: number; kind: 'dropped'; reason: string };

export interface WireRecord {
  claim: TurnLease & { side: Side };
  now: number;
  outcomes: WireOutcome[];
  events: WireItem[];
}

export interface WireTimelineEntry {
  seq: number;
  at: number;
  kind: 'inbound' | 'turn' | 'outbound';
  id: string;
  title: string;
  status: string;
  /** JSON parts by name; the caller parses them. */
  detail: Record<string, string | number | null>;
  json: Record<string, string>;
}

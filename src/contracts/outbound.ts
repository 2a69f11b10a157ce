import type { ConversationId, HandoffRequest } from './conversation.ts';
import type { MessagePart } from './message.ts';

export type Side = 'buyer' | 'desk' | 'receipt';

/** Whose words these are. `bot` and `bridge` words are bound to the epoch; `agent` and `buyer` words are never dropped for it. */
export type Origin = 'bot' | 'bridge' | 'agent' | 'buyer';

export type OutboundBody =
  /** To the buyer, or (side `desk`) the buyer's words to the agent. */
  | { kind: 'message'; part: MessagePart; agentName?: string }
  | { kind: 'desk.open'; request: HandoffRequest; packet: string }
  | { kind: 'desk.close'; sessionId: string }
  | { kind: 'desk.leaveQueue'; queueKey: string }
  | { kind: 'desk.leaveMessage'; text: string; groupId?: string; agentId?: string }
  | { kind: 'desk.rate'; sessionId: string; optionId: string; remark?: string; resolved?: number }
  | { kind: 'receipt.read' };

/** What a turn asks for; the commit gives it an id and a place behind everything of the same conversation and side. */
export interface OutboxDraft {
  /** Chosen by the turn, unique, `[A-Za-z0-9_-]`; Udesk's `message_id` is made of it, so it stays over retries and restarts. */
  ref: string;
  side: Side;
  origin: Origin;
  body: OutboundBody;
  /** The same thing in other words, used when a platform refuses a repeated or sensitive text. */
  variants?: string[];
  /** May be joined with its neighbours of the same origin into one message when a limit is near. */
  mergeable: boolean;
}

/** `sending`: an attempt may be under way. `unknown`: it was, and nobody knows how it ended. `dead`: a dead letter. */
export type OutboxStatus = 'pending' | 'sending' | 'unknown' | 'sent' | 'dead' | 'dropped';

export interface OutboxRow {
  id: number;
  conversationId: ConversationId;
  ref: string;
  side: Side;
  origin: Origin;
  /** The owner's epoch when the turn decided. */
  epoch: number;
  turnId: string;
  body: OutboundBody;
  variants: string[];
  mergeable: boolean;
  status: OutboxStatus;
  /** Attempts begun, counted before the request leaves. */
  attempts: number;
  /** When the first attempt of the present series began; read-back looks from here. */
  firstAttemptAt: number | null;
  /** The platform's id of the message once accepted. */
  externalId: string | null;
  /** Why it is where it is, in plain words. */
  reason: string | null;
  createdAt: number;
  updatedAt: number;
}

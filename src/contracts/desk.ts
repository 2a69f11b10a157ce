import type { Diagnosis } from './channel.ts';
import type { Conversation, HandoffRequest } from './conversation.ts';
import type { AsideRecord, DeskOpenFacts, InboundEvent } from './inbound.ts';
import type { MessagePart } from './message.ts';

export interface DeskOpen {
  conversation: Conversation;
  customerToken: string;
  request: HandoffRequest;
  /** Name shown to agents. */
  customerName: string;
  signal?: AbortSignal;
}

export interface DeskSend {
  conversation: Conversation;
  customerToken: string;
  /** A session id, or the tagged special values of Udesk: never store these as ids. */
  to:
    | { kind: 'session'; sessionId: string }
    | { kind: 'queue' }
    | { kind: 'leave'; groupId?: string; agentId?: string };
  part: MessagePart;
  /** Udesk's `message_id`; the same over every repeat. */
  messageId: string;
  signal?: AbortSignal;
}

/**
 * `gone`: the session is closed or unknown (9200). `unknown` has no read-back at Udesk: the bridge repeats with the same `message_id`.
 */
export type DeskOutcome =
  | { kind: 'accepted' }
  | { kind: 'gone' }
  | { kind: 'refused'; next: 'retry' | 'dead'; code: string; reason: string; retryAfterMs?: number }
  | { kind: 'unknown'; reason: string };

export type DeskOpenOutcome =
  | { kind: 'answered'; facts: DeskOpenFacts }
  | Exclude<DeskOutcome, { kind: 'accepted' } | { kind: 'gone' }>;

export type QueueStatus =
  | { state: 'queued'; place: number }
  | { state: 'assigning' }
  | { state: 'in_session' }
  | { state: 'not_queued' };

export type CustomerStatus = 'none' | 'in_session' | 'queued' | 'invalid';

/** The place where people answer. The only one shipped is Udesk. */
export interface Desk {
  readonly name: string;
  /** `POST /webhooks/udesk/:secret` in Udesk's case; answers 404 for a wrong secret. */
  readonly webhookPath: string;
  /** Compares in constant time. */
  secretFits(secret: string): boolean;
  /** Never throws: what cannot be read comes back as `aside`. */
  receive(rawBody: Buffer, receivedAt: number): { events: InboundEvent[]; aside: AsideRecord[] };
  /** Finds or creates the customer, then asks for an agent session. Settles its own unknown outcome by `customer_status`. */
  open(open: DeskOpen): Promise<DeskOpenOutcome>;
  send(send: DeskSend): Promise<DeskOutcome>;
  /** Already closed counts as accepted. */
  close(sessionId: string, signal?: AbortSignal): Promise<DeskOutcome>;
  leaveQueue(customerToken: string, queueKey: string, signal?: AbortSignal): Promise<DeskOutcome>;
  /** A repeated vote counts as accepted. */
  rate(
    vote: { sessionId: string; optionId: string; remark?: string; resolved?: number },
    signal?: AbortSignal,
  ): Promise<DeskOutcome>;
  /** Reading call: allowed inside a turn. */
  queueStatus(customerToken: string, signal?: AbortSignal): Promise<QueueStatus>;
  customerStatus(customerToken: string, signal?: AbortSignal): Promise<CustomerStatus>;
  /** True when the rate budget is nearly spent: texts are merged then. */
  underPressure(): boolean;
  diagnose(): Promise<Diagnosis[]>;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

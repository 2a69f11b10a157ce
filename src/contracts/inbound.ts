import type { ConversationId, ConversationRef, Survey } from './conversation.ts';
import type { BuyerMessage, MessagePart, ShopSender } from './message.ts';

/** Whose inbox an event goes to. An event that cannot be placed is set aside with its reason, never dropped. */
export type InboundTarget =
  | { by: 'conversation'; ref: ConversationRef; buyer?: { id: string; customerToken: string; name?: string } }
  | { by: 'id'; conversationId: ConversationId }
  /** Udesk names a buyer by the token we gave it; `sessionId` finds the conversation when a push lacks the token. */
  | { by: 'customer'; customerToken: string | null; sessionId: string | null }
  /** Concerns the shop, not one conversation (order status, authorisation): recorded, and `app` may react. */
  | { by: 'shop'; channel: string; shopId: string };

/** What happened, without a trace of the platform's own wording. */
export type InboundBody =
  | { kind: 'buyer.message'; message: BuyerMessage }
  /** A line on the marketplace that the buyer did not write: our own echo, staff in the seller app, or automation. */
  | { kind: 'shop.message'; sender: ShopSender; message: BuyerMessage }
  /** The platform says something changed about the conversation (an agent joined or left). */
  | { kind: 'conversation.changed' }
  | { kind: 'order.changed'; orderId: string; what: 'status' | 'package' | 'cancellation' | 'return'; status: string }
  | { kind: 'authorization.changed'; status: 'revoked' | 'expiring'; expiresAt?: number }
  | { kind: 'desk.started'; sessionId: string; agentId?: string; agentName?: string; text?: string }
  | { kind: 'desk.message'; sessionId: string | null; messageId: string; agentName?: string; parts: MessagePart[] }
  | { kind: 'desk.transferred'; sessionId: string; agentId?: string; agentName?: string; text?: string }
  | { kind: 'desk.closed'; sessionId: string; how: 'normal' | 'redirect' | 'force'; survey?: Survey }
  | { kind: 'desk.survey'; sessionId: string; survey?: Survey }
  /** The agent has read these messages of ours (`message_id`s). */
  | { kind: 'desk.read'; sessionId: string; messageIds: string[] }
  | { kind: 'desk.ignored'; what: string }
  /** A delivery that the conversation must react to; ordinary success stays in the outbox. */
  | { kind: 'delivery.result'; outboxId: number; result: DeliveryResult }
  | { kind: 'timer.due'; name: TimerName }
  /** Known to the platform's list, unknown to us: stored and harmless. */
  | { kind: 'other'; what: string };

export type DeliveryResult =
  | { kind: 'desk.opened'; outcome: DeskOpenFacts }
  /** The session was gone (9200) and another was asked for; the message that found out went with it. */
  | { kind: 'desk.reopened'; outcome: DeskOpenFacts }
  | { kind: 'desk.closed' }
  | { kind: 'desk.left' }
  /** Given up on; `reason` in plain words. `wording`: the platform refuses these words, a person may find others. */
  | { kind: 'dead'; code: string; reason: string; why: 'wording' | 'refused' | 'budget' }
  /** The platform does not allow writing to this buyer any more. */
  | { kind: 'closed'; code: string; reason: string };

/** Udesk's answer to "give this buyer a person". */
export type DeskOpenFacts =
  | {
      state: 'assigned';
      customerId?: string;
      sessionId: string;
      agentId?: string;
      agentName?: string;
      welcome?: string;
      survey?: Survey;
      /** The packet for the agent went out with the session. */
      packetSent?: boolean;
    }
  | { state: 'queued'; customerId?: string; queueKey: string; place: number; text?: string }
  | { state: 'assigning'; customerId?: string; text?: string }
  | { state: 'nobody_online'; customerId?: string; text?: string }
  /** Udesk could not be asked (down, refused, misconfigured); `reason` in plain words for the timeline. */
  | { state: 'unknown'; reason: string };

/**
 * Every wait has a timer and a next step. `queue.poll`: ask the place again. `queue.budget`: waited long enough.
 * `agent.silent`: the agent has not written yet. `buyer.idle`: the buyer stopped answering the agent.
 * `survey.window`: a number is a message again. `takeover.idle`: staff in the seller app stopped; the bot may again.
 * `transfer.wait`: a redirect close without its transfer. `bot.wait`: a dialog's own wait. `episode.idle`: the bot's episode ends.
 */
export const TIMER_NAMES = [
  'queue.poll',
  'queue.budget',
  'agent.silent',
  'buyer.idle',
  'survey.window',
  'takeover.idle',
  'transfer.wait',
  'bot.wait',
  'episode.idle',
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

export interface InboundEvent {
  /**
   * The event's identity with its source, unique for ever: `tiktok:7494…:n:7327112393057371910`, `timer:{conversation}:{name}:{n}`.
   * A repeat is acknowledged and forgotten.
   */
  eventKey: string;
  /** The message's own identity, `tiktok:7494…:m:7494560109732334263`: the same message under another event id is a repeat too. */
  messageKey: string | null;
  /** Hash of what was said; the same id with another hash is kept aside and counted. `null` where bodies cannot be compared (polls, timers). */
  bodyHash: string | null;
  source: 'webhook' | 'poll' | 'desk' | 'timer' | 'delivery' | 'console' | 'botframework';
  target: InboundTarget;
  /** Platform order inside a conversation: `index` as a decimal string (compared by length, then text), then time. */
  order: { index: string | null; at: number | null };
  body: InboundBody;
}

/** A valid request whose content cannot be used: kept for a person to look at, counted, answered with success. */
export interface AsideRecord {
  source: string;
  /** Machine word: `unreadable`, `unknown_shop`, `unknown_customer`, `conflict`. */
  reason: string;
  detail: string;
  /** The raw body, bounded by MAX_BODY_BYTES. */
  raw: string;
  channel?: string;
  shopId?: string;
}

import type { TurnContext } from 'botbuilder';
import type { Conversation } from './conversation.ts';
import type { DeskOpenFacts } from './inbound.ts';
import type { Lookups } from './lookups.ts';
import type { BuyerMessage, MessagePart } from './message.ts';
import type { ShopSettings } from './settings.ts';
import type { TurnNote } from './store.ts';

/**
 * The meeting place of the bridge's Bot Framework turn and whatever answers in it. The bridge builds the activity and the ports, runs the
 * middleware chain and then {@link Bot.onTurn}; what is sent in the turn is collected and leaves with the turn's commit.
 */
export interface Bot {
  /**
   * One turn. Say things with `context.sendActivity`, whose `channelData` may carry {@link SayData}; ask for a person with Bot Framework's
   * `handoff.initiate` event ({@link HandoffInitiate} as `value`). Anything thrown becomes the fallback reply and the offer of a person.
   */
  onTurn(context: TurnContext): Promise<void>;
  /** "human please" and its like: such a line cuts the coalescing window short. Called for every buyer text before it is stored. */
  isUrgent?(text: string): boolean;
}

/** Key of {@link BotPorts} in `context.turnState`. */
export const BOT_PORTS = Symbol.for('buyerline.botPorts');

/**
 * Key in `context.turnState` of a plain JSON object that belongs to this conversation and is committed with the turn.
 * Keys are property names (`dialogs`, `storage`); whoever owns a property may change it in place.
 */
export const BOT_STATE = Symbol.for('buyerline.botState');

export interface BotPorts {
  conversation: Readonly<Conversation>;
  settings: ShopSettings;
  /** What the buyer wrote in this burst; empty for events. `activity.text` holds its texts joined by line breaks. */
  messages: readonly BuyerMessage[];
  /** Decided by the bridge from the text, the configured languages and the market. */
  language: string;
  lookups: Lookups;
  hours: { open: boolean; opensAt: number | null };
  now: number;
  /** Aborted when the turn has lost its reason (owner changed, process stops). */
  signal: AbortSignal;
  note(note: TurnNote): void;
  /** Sets facts of the conversation (order, product in question) with the commit. */
  learn(facts: { orderId?: string; productId?: string }): void;
  /** A durable wake-up of this conversation's bot: an event activity named `buyerline.wait` comes at that time; `null` cancels. */
  wakeAt(at: number | null): void;
}

/** On a message activity. `parts` replaces `activity.text` when it is given. */
export interface SayData {
  parts?: MessagePart[];
  /** The same words otherwise, for a platform that refuses a repeated text. */
  variants?: string[];
}

/** `value` of the `handoff.initiate` event activity. */
export interface HandoffInitiate {
  reason: string;
  groupId?: string;
  agentId?: string;
  note?: string;
  /** True when a dialog waits for `handoff.status` and has branches for its answers. */
  awaited: boolean;
  /**
   * Outcomes for which the waiting dialog has words of its own; for the others the bridge says its own, before whatever the dialog goes on to say.
   * Absent: the bridge speaks when the dialog's turn said nothing.
   */
  ownWords?: HandoffStatus['outcome'][];
}

/** `value` of the `handoff.status` event activity that a waiting dialog gets. `closed_hours` never asked Udesk. */
export interface HandoffStatus {
  state: 'accepted' | 'failed';
  outcome: 'open' | 'closed' | 'nobody_online' | 'unknown';
  facts?: DeskOpenFacts;
}

/** Name of the event activity with which a dialog leaves a message for the agents (`value`: {@link LeaveMessage}). */
export const LEAVE_MESSAGE_EVENT = 'buyerline.leaveMessage';

export interface LeaveMessage {
  text: string;
  groupId?: string;
  agentId?: string;
}

/** Name of the event activity that ends the episode after what was said (`owner` becomes `closed`). */
export const END_EPISODE_EVENT = 'buyerline.endEpisode';

/** Names of event activities that the bot receives. */
export const BOT_EVENTS = {
  handoffStatus: 'handoff.status',
  wait: 'buyerline.wait',
  returned: 'buyerline.returned',
} as const;

/**
 * Glossary, in the field's own words:
 *
 * - **platform event**: what a marketplace or Udesk sent us (one webhook may carry several).
 * - **inbox**: platform events, timers and delivery results waiting for a turn; durable before anything is acknowledged.
 * - **turn**: everything due in one conversation's inbox, handled at once and committed once.
 * - **activity**: Bot Framework's word for one thing said or done inside a bot turn.
 * - **outbox**: what a turn decided to say or do outside; sent in order per conversation and side.
 * - **side**: `buyer` (the marketplace), `desk` (Udesk), `receipt` (read marks; never blocks the other two).
 * - **owner** and **epoch**: who may speak, and a number that grows each time that changes.
 * - **episode**: from a buyer's first message to `closed`; the next message begins another.
 * - **lease**: a worker's short right to run a turn or a delivery; void when the worker's heartbeat stops.
 * - **handoff**: the conversation goes from the bot to a person.
 * - **dead letter**: an inbox or outbox row that will not be tried again by itself, kept with a reason in plain words.
 */

/** `tiktok:7494049642642441621:7494560109732334261`, that is channel, shop and the marketplace's conversation id. */
export type ConversationId = string & { readonly __brand: 'ConversationId' };

export interface ConversationRef {
  channel: string;
  shopId: string;
  externalId: string;
}

/** Deterministic, so that every process and every repeat names a conversation alike. */
export const conversationIdOf = (ref: ConversationRef): ConversationId =>
  `${ref.channel}:${ref.shopId}:${ref.externalId}` as ConversationId;

/** `bot`: dialogs. `urobot`: Udesk's robot. `queue`: asked for a person. `agent`: a person. `closed`: nobody; the next message opens an episode. */
export const OWNERS = ['bot', 'urobot', 'queue', 'agent', 'closed'] as const;
export type Owner = (typeof OWNERS)[number];

/** What Udesk's side of a conversation looks like at this moment. All ids are strings. */
export interface DeskState {
  /** Udesk's numeric customer id. */
  customerId?: string;
  /** Live agent session (`im_sub_session_id`). */
  sessionId?: string;
  /** Earlier session ids of the same handoff (transfers); a late push under one of these still belongs here. */
  aliases?: string[];
  agentId?: string;
  agentName?: string;
  /** `seller-app` when staff answered in the marketplace's own app: a person owns it, and Udesk has no session. */
  via?: 'udesk' | 'seller-app';
  /** Key that `close_queue` wants; only a queued answer carries it. */
  queueKey?: string;
  queuePlace?: number;
  /** The last place that the buyer was told. */
  toldPlace?: number;
  /** `redirect` close seen, transfer awaited. */
  awaitingTransfer?: boolean;
  /** When staff last wrote in the seller app. */
  staffAt?: number;
  /** True once the agent wrote something in this session. */
  agentSpoke?: boolean;
  /** Survey that the session brought along, kept until it is asked. */
  survey?: Survey;
  /** Survey question that is open now. */
  openSurvey?: OpenSurvey;
  /** The request that led to this handoff, kept for a new session after 9200 and for "nobody online". */
  handoff?: HandoffRequest;
}

/** A satisfaction survey, already made plain: three Udesk layouts become one list. */
export interface Survey {
  enabled: boolean;
  title?: string;
  /** Asked by itself after the session ends. */
  afterSession: boolean;
  options: SurveyOption[];
  resolved?: { title: string; options: { value: number; text: string }[] };
}

export interface SurveyOption {
  id: string;
  text: string;
  remark: 'hide' | 'optional' | 'required';
}

export interface OpenSurvey {
  sessionId: string;
  options: SurveyOption[];
  /** Set while the remark of the chosen option is awaited. */
  chosen?: string;
  askedAt: number;
}

export interface HandoffRequest {
  /** Machine word: `buyer_asked`, `not_understood`, `dialog`, `error`, `first_line_off`… */
  reason: string;
  groupId?: string;
  agentId?: string;
  /** The dialog's note to the agent. */
  note?: string;
  /** Outcomes (`open`, `closed`, `nobody_online`, `unknown`) that the dialog answers in its own words. */
  ownWords?: string[];
  /** Dialog waiting for the answer (its branches run on it); absent when the bridge itself handed off. */
  dialog?: string;
}

/** What the conversation is about, learnt from cards and markers; shown to agents, offered to dialogs. */
export interface ConversationFacts {
  buyerName?: string;
  orderId?: string;
  productId?: string;
  /** Two-letter region of the shop, `GB`, `ID`… */
  market?: string;
}

/** Bot Framework state of a conversation: storage key -> stored item. */
export type BotState = Record<string, unknown>;

/** The state before the last bot turn, kept while none of its words has left: a newer message then supersedes that answer. */
export interface Undo {
  turnId: string;
  bot: BotState;
  /** The buyer messages of that turn, to be handled again together with the new ones. */
  inboxIds: number[];
  /** How many outbox rows that turn wrote: fewer unsent ones mean that some have begun to leave, and it is too late. */
  rows: number;
}

export interface Conversation {
  id: ConversationId;
  channel: string;
  shopId: string;
  externalId: string;
  /** The marketplace's id of the buyer in chat, `null` until a buyer message told it. */
  buyerId: string | null;
  /** `tts-{shopId}-{buyerId}`; what Udesk knows the buyer by. */
  customerToken: string | null;
  owner: Owner;
  epoch: number;
  episode: number;
  /** BCP 47, e.g. `zh-Hant`; `null` until known. */
  language: string | null;
  facts: ConversationFacts;
  desk: DeskState;
  bot: BotState;
  undo: Undo | null;
  lastBuyerAt: number | null;
  createdAt: number;
  updatedAt: number;
  /** Compare-and-set: grows by one at each commit. */
  version: number;
}

import type { Conversation, ConversationId, Undo } from './conversation.ts';
import type { AsideRecord, InboundEvent, TimerName } from './inbound.ts';
import type { OutboundBody, OutboxDraft, OutboxRow, Side } from './outbound.ts';

/**
 * The durable heart, one contract for every engine; `test/contract/store-suite.ts` is its meaning in tests.
 * Every method is one transaction of its own: it happens whole or not at all, and is durable when it resolves.
 * All rejections are {@link StoreConflictError} (run again), {@link StoreUnavailableError} (503, platform repeats) or our bug.
 * Times are milliseconds given by the caller: an engine never reads a clock.
 */
export interface Store {
  // ---- inbox -------------------------------------------------------------------------------------------------------
  /** Writes a batch in order. A repeat of a call changes nothing and answers `duplicate`. */
  ingest(items: IngestItem[], now: number): Promise<IngestResult[]>;
  /** Which of these message keys have been seen. */
  knownMessages(messageKeys: string[]): Promise<ReadonlySet<string>>;
  /** Keeps what cannot be used; returns its id. */
  putAside(record: AsideRecord, now: number): Promise<number>;
  listAside(limit: number): Promise<AsideRow[]>;
  /** Hands out and removes the aside rows of a shop that has become known (reason `unknown_shop`). */
  takeAside(channel: string, shopId: string): Promise<AsideRow[]>;

  // ---- turns -------------------------------------------------------------------------------------------------------
  /**
   * Leases conversations that have due inbox rows, oldest first, never one that another live worker holds, and counts the start of
   * each row (`attempts`), which survives a crash of the process. `only` narrows to these conversations (the fast path after ingest).
   */
  claimTurns(request: { workerId: string; now: number; limit: number; only?: ConversationId[] }): Promise<TurnClaim[]>;
  /**
   * Everything a turn decided, at once. Conflict when the lease is gone, the version moved, or a row to supersede has begun to leave.
   * Frees the lease. Returns what wants attention next.
   */
  commitTurn(commit: TurnCommit): Promise<{ outboxIds: number[]; nextDueAt: number | null }>;
  /** The turn raised: rows become due again at `retryAt`, or dead letters when `dead` is given. Frees the lease. */
  failTurn(failure: { claim: TurnLease; now: number; reason: string; retryAt: number | null }): Promise<void>;

  // ---- outbox ------------------------------------------------------------------------------------------------------
  /**
   * Leases the head of outboxes that are due, one claim per conversation and side. Rows bound to an older epoch are dropped here
   * (origin `bot` or `bridge`), visibly. Claimed rows become `sending` and their attempt is counted before this resolves.
   * A row found `sending` or `unknown` is claimed with `resumed: true`: settle before sending.
   */
  claimDeliveries(request: {
    workerId: string;
    now: number;
    limit: number;
    only?: { conversationId: ConversationId; side: Side }[];
    /** How many mergeable neighbours a claim may hold, per side. 1 = no merging. */
    merge: Partial<Record<Side, number>>;
    /** Shops (`tiktok:7494…`) whose buyer side waits: nothing is claimed for them. */
    heldShops: string[];
  }): Promise<DeliveryClaim[]>;
  /** What became of the claimed rows; frees the lease; may put events into the same conversation's inbox in the same transaction. */
  recordDelivery(record: DeliveryRecord): Promise<{ nextDueAt: number | null; ingested: IngestResult[] }>;
  /** External ids of this conversation's sent rows, newest first: read-back must not match these. */
  sentExternalIds(conversationId: ConversationId, limit: number): Promise<string[]>;

  // ---- time --------------------------------------------------------------------------------------------------------
  /** Moves due timers into the inbox as `timer.due`; returns the conversations that got work. */
  fireTimers(now: number, limit: number): Promise<ConversationId[]>;
  /** The earliest moment at which something not held becomes due (inbox, outbox or timer); `null` when nothing waits. */
  nextDueAt(): Promise<number | null>;
  /** This worker lives until `until`; its leases are void after that. */
  heartbeat(workerId: string, until: number): Promise<void>;
  /** Frees leases of workers whose heartbeat ended before `now`. Returns how many. A stopping worker passes its own id to free at once. */
  sweepLeases(now: number, workerId?: string): Promise<number>;

  // ---- shops and figures -------------------------------------------------------------------------------------------
  /** Inserts or replaces all but the credentials, which only `saveCredentials` writes. */
  putShop(shop: Shop): Promise<void>;
  getShop(channel: string, shopId: string): Promise<Shop | null>;
  listShops(channel?: string): Promise<Shop[]>;
  removeShop(channel: string, shopId: string): Promise<boolean>;
  /** Encrypted at rest. `null` when none are stored. */
  getCredentials(channel: string, shopId: string): Promise<Credentials | null>;
  /** Compare-and-set on `revision` (0 = none stored yet): false when another process refreshed first; then read again. */
  saveCredentials(channel: string, shopId: string, values: Record<string, string>, revision: number): Promise<boolean>;
  /** Small durable values: recovery marks, daily counters. */
  getMeta(key: string): Promise<string | null>;
  putMeta(key: string, value: string): Promise<void>;

  // ---- people and tools --------------------------------------------------------------------------------------------
  getConversation(id: ConversationId): Promise<Conversation | null>;
  /** By our id, customer token, platform conversation id, event or message id, Udesk session id, or outbox ref. Newest first. */
  findConversations(query: string, limit: number): Promise<Conversation[]>;
  listConversations(request: { limit: number; before?: number }): Promise<Conversation[]>;
  /** Inbox rows, turns and outbox rows of one conversation as one story, oldest first. `after` pages on `seq`. */
  timeline(conversationId: ConversationId, request: { limit: number; after?: number }): Promise<TimelineEntry[]>;
  listDeadLetters(limit: number): Promise<DeadLetter[]>;
  /** Due again now, attempts at zero. False when there is no such dead letter. */
  retryDeadLetter(id: string, now: number): Promise<boolean>;
  dropDeadLetter(id: string, reason: string, now: number): Promise<boolean>;
  counts(): Promise<StoreCounts>;
  /** Forgets event and message ids seen before `before`, so that the table that de-duplicates stays small. Returns how many. */
  forgetSeen(before: number): Promise<number>;
  /** Resolves when a write works. Rejects with StoreUnavailableError. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** When a buyer's words become due. Applies only while the bot owns the conversation; everything else is due at once. */
export interface Coalescing {
  windowMs: number;
  /** From the first line of the burst. */
  maxMs: number;
  /** "human please": due now, together with what waits. */
  immediate: boolean;
}

export interface IngestItem {
  event: InboundEvent;
  /** Absent: due at once. */
  coalescing?: Coalescing;
}

/**
 * `stored`: waits for a turn. `recorded`: kept for the timeline, no turn needed (own echo, shop-level event).
 * `duplicate`: seen before, same body. `conflict`: seen before with another body, set aside. `aside`: could not be placed.
 */
export type IngestResult =
  | { outcome: 'stored'; conversationId: ConversationId; dueAt: number }
  | { outcome: 'recorded'; conversationId: ConversationId | null }
  | { outcome: 'duplicate' }
  | { outcome: 'conflict' }
  | { outcome: 'aside'; reason: string };

export interface StoredInbound {
  id: number;
  event: InboundEvent;
  receivedAt: number;
  /** Starts, this one included. */
  attempts: number;
}

export interface TurnLease {
  conversationId: ConversationId;
  workerId: string;
  /** Fences a worker that slept through its lease. */
  leaseToken: number;
}

export interface TurnClaim extends TurnLease {
  conversation: Conversation;
  /** Due rows in platform order: `index`, then platform time, then arrival; events without platform order keep their arrival place. */
  events: StoredInbound[];
  /** Buyer-side rows of the bot that have not begun to leave. */
  unsent: OutboxRow[];
  /** Buyer-side rows that may be on their way: an echo with the same words is ours. */
  inFlight: OutboxRow[];
  /** Events that `conversation.undo` names, so that a superseding turn can handle them again. */
  undoEvents: StoredInbound[];
}

export interface TurnNote {
  /** Noun then past verb, `owner.changed`, `dialog.entered`, `handoff.asked`. */
  what: string;
  /** One line for a person. May hold buyer's words: it stays in the database. */
  detail?: string;
}

export interface TurnCommit {
  claim: TurnLease;
  /** Version that the turn saw. */
  version: number;
  now: number;
  turnId: string;
  /** Inbox rows that are done with this turn. */
  handled: number[];
  /** Rows that can never be handled, each with a reason. */
  dead?: { id: number; reason: string }[];
  /** The whole new conversation; the store sets `version` and `updatedAt`. */
  conversation: Conversation;
  outbox: OutboxDraft[];
  /** Unsent rows that this turn replaces (dropped as superseded). */
  supersede: number[];
  /** Rows in flight whose echo arrived: they are sent. */
  settled: { outboxId: number; externalId: string }[];
  timers: { set: { name: TimerName; dueAt: number }[]; cancel: TimerName[] };
  notes: TurnNote[];
  undo: Undo | null;
}

export interface DeliveryClaim {
  /** Without bot state, which no delivery needs: `bot` is `{}` and `undo` is `null` here. */
  conversation: Conversation;
  side: Side;
  workerId: string;
  leaseToken: number;
  /** One row, or mergeable neighbours that leave as one message. */
  rows: OutboxRow[];
  /** True: an earlier attempt may have been carried out. */
  resumed: boolean;
}

export type RowOutcome =
  | { outboxId: number; kind: 'sent'; externalId: string | null }
  /** `body` replaces what is said (another variant, a card as text); `resetAttempts` when it is a new thing to try. */
  | { outboxId: number; kind: 'retry'; dueAt: number; reason: string; body?: OutboundBody; variants?: string[] }
  | { outboxId: number; kind: 'unknown'; dueAt: number; reason: string }
  | { outboxId: number; kind: 'dead'; code: string; reason: string }
  | { outboxId: number; kind: 'dropped'; reason: string };

export interface DeliveryRecord {
  claim: { conversationId: ConversationId; side: Side; workerId: string; leaseToken: number };
  now: number;
  outcomes: RowOutcome[];
  events: InboundEvent[];
}

export interface Shop {
  channel: string;
  shopId: string;
  name: string;
  /** Two letters, `GB`. */
  region: string | null;
  status: 'active' | 'expiring' | 'revoked';
  /** Not secret: cipher, seller type, open id. */
  info: Record<string, string>;
}

/** All values are text; expiry as `…AtSec`. */
export interface Credentials {
  values: Record<string, string>;
  revision: number;
}

export interface AsideRow extends AsideRecord {
  id: number;
  at: number;
}

/**
 * One line of the story. `seq` grows with time within a conversation and is unique there.
 * `kind` inbound: `title` is the event's kind; turn: notes; outbound: body kind and status.
 */
export interface TimelineEntry {
  seq: number;
  at: number;
  kind: 'inbound' | 'turn' | 'outbound';
  id: string;
  title: string;
  status: string;
  /** Content for people; holds buyer's words. */
  detail: unknown;
}

export interface DeadLetter {
  /** `in-12` or `out-34`. */
  id: string;
  side: 'inbox' | Side;
  conversationId: ConversationId | null;
  at: number;
  attempts: number;
  what: string;
  reason: string;
}

export interface StoreCounts {
  inboxPending: number;
  outboxPending: Record<Side, number>;
  deadLetters: Record<'inbox' | Side, number>;
  conversations: number;
  aside: number;
}

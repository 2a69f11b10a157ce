import type { Conversation, ConversationRef } from './conversation.ts';
import type { HttpRoute } from './http.ts';
import type { AsideRecord, InboundEvent } from './inbound.ts';
import type { Lookups } from './lookups.ts';
import type { MessagePart, PartType } from './message.ts';

/** What a marketplace can carry; `bridge` folds the rest into text. */
export interface ChannelCapabilities {
  /** Code points in one text. */
  textLimit: number;
  /** Part types that may be sent. */
  sends: ReadonlySet<PartType>;
  /** False when links in a text are refused or useless. */
  links: boolean;
}

export interface WebhookRequest {
  headers: Record<string, string | undefined>;
  rawBody: Buffer;
  receivedAt: number;
}

/** `refused`: the signature does not fit (401). `accepted`: durable first, then acknowledged. */
export type WebhookResult =
  | { kind: 'refused'; reason: string }
  | { kind: 'accepted'; events: InboundEvent[]; aside: AsideRecord[] };

/** One message to the buyer. */
export interface ChannelSend {
  conversation: Conversation;
  part: MessagePart;
  /** Stable over retries and restarts; for platforms that know idempotency. */
  ref: string;
  signal?: AbortSignal;
}

/**
 * The three outcomes of a send. `refused` says what to do next:
 * `retry` (nothing was accepted, try again after `retryAfterMs`), `text` (say it as text), `rephrase` (another variant, else dead),
 * `dead` (never works), `closed` (this buyer may not be written to any more), `hold` (the whole shop waits until `retryAfterMs`).
 */
export type SendOutcome =
  | { kind: 'accepted'; externalId: string | null }
  | {
      kind: 'refused';
      next: 'retry' | 'text' | 'rephrase' | 'dead' | 'closed' | 'hold';
      code: string;
      reason: string;
      retryAfterMs?: number;
    }
  | { kind: 'unknown'; reason: string };

/** `cannot-tell`: reading back failed too; ask again later. */
export type ReadBack =
  | { kind: 'found'; externalId: string }
  | { kind: 'absent' }
  | { kind: 'cannot-tell'; reason: string };

export interface ReadBackRequest {
  conversation: Conversation;
  part: MessagePart;
  ref: string;
  /** The first attempt began here; allow for clocks that differ by some minutes. */
  since: number;
  /** External ids that belong to other rows of ours: a match must not be one of these. */
  taken: ReadonlySet<string>;
  signal?: AbortSignal;
}

/** A marketplace (or any place where buyers write). Implement this, register it, and run `test/contract/channel-suite.ts`. */
export interface Channel {
  /** Lower case, no colon: `tiktok`. */
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  /** `POST` route of the platform's events, `/webhooks/tiktok`; absent when the channel only polls or has own routes. */
  readonly webhookPath?: string;
  /** Further routes: OAuth start and callback. */
  readonly routes?: readonly HttpRoute[];
  /** Verifies over the raw bytes, then translates the whole batch. Must not touch the network. */
  receive?(request: WebhookRequest): WebhookResult | Promise<WebhookResult>;
  send(send: ChannelSend): Promise<SendOutcome>;
  readBack?(request: ReadBackRequest): Promise<ReadBack>;
  /** Marks the buyer's messages as read. Gives way to sends; may answer `refused/retry`. */
  markRead?(conversation: Conversation, signal?: AbortSignal): Promise<SendOutcome>;
  /** Reading calls for dialogs, scoped to this conversation's buyer. */
  lookups?(conversation: Conversation): Lookups;
  /**
   * Re-reads what may have been missed and yields events batch by batch (source `poll`). `known` tells which message keys the store has,
   * so that a page that brings nothing new ends the walk.
   */
  recover?(request: RecoverRequest): AsyncIterable<InboundEvent[]>;
  /** Checks that can be run by `doctor`: credentials, clock, reachability. */
  diagnose?(): Promise<Diagnosis[]>;
  /** Starts what needs a clock (token refresh ahead of time); `stop` ends it. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

export interface RecoverRequest {
  known(messageKeys: string[]): Promise<ReadonlySet<string>>;
  /** Older unread messages are left alone: a shop that joins with a year of history must not be answered from the beginning. */
  notBefore: number;
  /**
   * Conversations with news since then are read even when nothing in them looks unread: a process that was down answers what it had before it
   * reads, and marks as read what it never saw. Absent: only what looks unread or newer.
   */
  newsSince?: number;
  /** Platform ids of what this bridge itself sent there lately. Our answer to one line does not say that the next one was seen; a person's does. */
  own?(ref: ConversationRef): Promise<ReadonlySet<string>>;
  signal?: AbortSignal;
}

export interface Diagnosis {
  what: string;
  /** `warn` works but needs a look; `fail` does not work. */
  level: 'ok' | 'warn' | 'fail';
  detail: string;
}

import { backoffMs } from '../common/backoff.ts';
import { BuyerlineError, coerceError } from '../common/errors.ts';
import type { Channel, SendOutcome } from '../contracts/channel.ts';
import type { DeliveryResult } from '../contracts/inbound.ts';
import type { MessagePart } from '../contracts/message.ts';
import type { OutboxRow } from '../contracts/outbound.ts';
import type { DeliveryClaim, RowOutcome } from '../contracts/store.ts';
import { partAsText } from './part-text.ts';

/** After this many attempts a message is a dead letter; with the caps below that is a little over an hour. */
export const MAX_ATTEMPTS = 20;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 5 * 60_000;
/** A message that the platform accepted but did not confirm shows up in its history within seconds: two looks, this far from the attempt. */
const LOOK_AGAIN_MS = 1_500;
const ABSENT_AFTER_MS = 5_000;
const MAX_READ_BACKS = 40;
/** A channel that cannot be read back: so many sends of unknown outcome, then a dead letter, for each may have arrived. */
const MAX_BLIND_SENDS = 3;

export interface Delivered {
  outcomes: RowOutcome[];
  results: { outboxId: number; result: DeliveryResult }[];
  /** The whole shop waits until then. */
  holdUntil?: number;
}

export interface BuyerDelivery {
  claim: DeliveryClaim;
  channel: Channel;
  now(): number;
  signal: AbortSignal;
  /** When this process last tried to send the row; absent after a restart. */
  lastTry(outboxId: number): number | undefined;
  sentIds(): Promise<ReadonlySet<string>>;
}

/** Sends one message (or merged neighbours as one) to the marketplace; an earlier attempt of unknown outcome is settled first. */
export async function deliverToBuyer(delivery: BuyerDelivery): Promise<Delivered> {
  const { claim, channel } = delivery;
  const [first] = claim.rows;
  if (first === undefined) return { outcomes: [], results: [] };
  const part = joined(claim.rows);
  if (part === null)
    return each(claim.rows, (row) => ({ outboxId: row.id, kind: 'dropped', reason: 'nothing to say' }));
  if (claim.resumed) {
    const settled = await settle(delivery, first, part);
    if (settled !== 'send') return settled;
    if (isStale(claim, first)) return each(claim.rows, (row) => ({ outboxId: row.id, kind: 'dropped', reason: STALE }));
  }
  let outcome: SendOutcome;
  try {
    outcome = await channel.send({ conversation: claim.conversation, part, ref: first.ref, signal: delivery.signal });
  } catch (thrown) {
    outcome = outcomeOfError(thrown);
  }
  return conclude(delivery, part, outcome);
}

const STALE = 'the owner changed while its outcome was unknown; it had not arrived, and is not sent any more';

function isStale(claim: DeliveryClaim, row: OutboxRow): boolean {
  return (row.origin === 'bot' || row.origin === 'bridge') && row.epoch !== claim.conversation.epoch;
}

/** Did the earlier attempt arrive? `send` when it certainly did not. */
async function settle(delivery: BuyerDelivery, row: OutboxRow, part: MessagePart): Promise<Delivered | 'send'> {
  const { claim, channel } = delivery;
  // A channel that cannot be read back: said twice is the lesser harm against never.
  if (channel.readBack === undefined)
    return row.attempts > MAX_BLIND_SENDS
      ? giveUp(claim.rows, 'UNKNOWN', `whether it arrived stayed unknown ${MAX_BLIND_SENDS} times`, 'budget')
      : 'send';
  const since = row.firstAttemptAt ?? row.createdAt;
  const answer = await channel
    .readBack({
      conversation: claim.conversation,
      part,
      ref: row.ref,
      since,
      taken: await delivery.sentIds(),
      signal: delivery.signal,
    })
    .catch((thrown: unknown) => ({ kind: 'cannot-tell' as const, reason: coerceError(thrown).name }));
  const now = delivery.now();
  if (answer.kind === 'found')
    return each(claim.rows, (inner) => ({
      outboxId: inner.id,
      kind: 'sent',
      externalId: inner.id === row.id ? answer.externalId : null,
    }));
  if (answer.kind === 'absent') {
    const triedAt = delivery.lastTry(row.id) ?? since;
    if (now - triedAt >= ABSENT_AFTER_MS) return 'send';
    const dueAt = Math.min(triedAt + ABSENT_AFTER_MS, now + LOOK_AGAIN_MS);
    return each(claim.rows, (inner) => ({
      outboxId: inner.id,
      kind: 'unknown',
      dueAt,
      reason: 'not in the conversation yet; looking again',
    }));
  }
  if (row.attempts > MAX_READ_BACKS)
    return giveUp(
      claim.rows,
      'READ_BACK_FAILED',
      `whether it arrived could not be read back: ${answer.reason}`,
      'budget',
    );
  const dueAt = now + backoffMs(Math.min(row.attempts, 6), RETRY_BASE_MS, 30_000);
  return each(claim.rows, (inner) => ({
    outboxId: inner.id,
    kind: 'unknown',
    dueAt,
    reason: `cannot be read back yet: ${answer.reason}`,
  }));
}

function conclude(delivery: BuyerDelivery, part: MessagePart, outcome: SendOutcome): Delivered {
  const { rows } = delivery.claim;
  const [first] = rows;
  if (first === undefined) return { outcomes: [], results: [] };
  const now = delivery.now();
  if (outcome.kind === 'accepted')
    return each(rows, (row) => ({
      outboxId: row.id,
      kind: 'sent',
      externalId: row.id === first.id ? outcome.externalId : null,
    }));
  if (outcome.kind === 'unknown')
    return each(rows, (row) => ({
      outboxId: row.id,
      kind: 'unknown',
      dueAt: now + LOOK_AGAIN_MS,
      reason: outcome.reason,
    }));
  const { code, reason } = outcome;
  switch (outcome.next) {
    case 'retry': {
      if (first.attempts >= MAX_ATTEMPTS)
        return giveUp(rows, code, `given up after ${first.attempts} attempts: ${reason}`, 'budget');
      const dueAt = now + Math.max(outcome.retryAfterMs ?? 0, backoffMs(first.attempts, RETRY_BASE_MS, RETRY_CAP_MS));
      return each(rows, (row) => ({ outboxId: row.id, kind: 'retry', dueAt, reason }));
    }
    case 'hold': {
      const dueAt = now + (outcome.retryAfterMs ?? 60_000);
      return { ...each(rows, (row) => ({ outboxId: row.id, kind: 'retry', dueAt, reason })), holdUntil: dueAt };
    }
    case 'text': {
      const text = partAsText(part);
      if (part.type === 'text' || text === '') return giveUp(rows, code, reason, 'refused');
      return each(rows, (row) => ({
        outboxId: row.id,
        kind: 'retry',
        dueAt: now,
        reason,
        body: { kind: 'message', part: { type: 'text', text } },
      }));
    }
    case 'rephrase': {
      const [variant, ...others] = first.variants;
      if (variant === undefined || rows.length > 1) return giveUp(rows, code, reason, 'wording');
      return each(rows, (row) => ({
        outboxId: row.id,
        kind: 'retry',
        dueAt: now,
        reason: `${reason}; said in other words`,
        body: { kind: 'message', part: { type: 'text', text: variant } },
        variants: others,
      }));
    }
    case 'dead':
      return giveUp(rows, code, reason, 'refused');
    case 'closed':
      return {
        outcomes: rows.map((row) => ({ outboxId: row.id, kind: 'dead', code, reason })),
        results: [{ outboxId: first.id, result: { kind: 'closed', code, reason } }],
      };
  }
}

/** An exception is never taken as "not sent" unless it says so. */
export function outcomeOfError(thrown: unknown): SendOutcome & DeskShaped {
  const error = coerceError(thrown);
  if (error instanceof BuyerlineError && error.code === 'NETWORK_NOT_SENT')
    return {
      kind: 'refused',
      next: 'retry',
      code: error.code,
      reason: error.message,
      retryAfterMs: error.retryAfterMs,
    };
  return { kind: 'unknown', reason: error instanceof BuyerlineError ? error.message : `unexpected ${error.name}` };
}

type DeskShaped =
  | { kind: 'refused'; next: 'retry'; code: string; reason: string; retryAfterMs?: number }
  | { kind: 'unknown'; reason: string };

function giveUp(rows: OutboxRow[], code: string, reason: string, why: 'wording' | 'refused' | 'budget'): Delivered {
  const [first] = rows;
  return {
    outcomes: rows.map((row) => ({ outboxId: row.id, kind: 'dead', code, reason })),
    results: first === undefined ? [] : [{ outboxId: first.id, result: { kind: 'dead', code, reason, why } }],
  };
}

export const each = (rows: OutboxRow[], outcome: (row: OutboxRow) => RowOutcome): Delivered => ({
  outcomes: rows.map(outcome),
  results: [],
});

/** The message of a claim: one part, or neighbouring texts as one. */
export function joined(rows: OutboxRow[]): MessagePart | null {
  const parts = rows.flatMap((row) => (row.body.kind === 'message' ? [row.body.part] : []));
  const [first] = parts;
  if (first === undefined) return null;
  if (parts.length === 1) return first;
  return { type: 'text', text: parts.map(partAsText).join('\n') };
}

import { backoffMs } from '../common/backoff.ts';
import type { Desk, DeskOutcome, DeskSend } from '../contracts/desk.ts';
import type { DeliveryResult, DeskOpenFacts } from '../contracts/inbound.ts';
import type { MessagePart } from '../contracts/message.ts';
import type { OutboundBody, OutboxRow } from '../contracts/outbound.ts';
import type { DeliveryClaim } from '../contracts/store.ts';
import { type Delivered, each, joined, MAX_ATTEMPTS, outcomeOfError } from './deliver-to-buyer.ts';

/** Asking for a person must end in an answer to the buyer soon: so many tries, then the "unknown" branch. */
const OPEN_ATTEMPTS = 4;
const RETRY_BASE_MS = 400;
const RETRY_CAP_MS = 60_000;
/** While the answer to "give this buyer a person" is being handled, the buyer's next words wait this long at a time. */
const WAIT_FOR_SESSION_MS = 150;

export interface DeskDelivery {
  claim: DeliveryClaim;
  desk: Desk;
  now(): number;
  signal: AbortSignal;
  /** Session learnt by a delivery whose turn has not been committed yet. */
  override: { get(): string | undefined; set(sessionId: string): void };
}

export async function deliverToDesk(delivery: DeskDelivery): Promise<Delivered> {
  const [first] = delivery.claim.rows;
  if (first === undefined) return { outcomes: [], results: [] };
  const { body } = first;
  switch (body.kind) {
    case 'desk.open':
      return openSession(delivery, first, body);
    case 'message':
      return sendMessage(delivery, first);
    case 'desk.close':
      return simple(delivery, first, (desk, signal) => desk.close(body.sessionId, signal), { kind: 'desk.closed' });
    case 'desk.leaveQueue':
      return simple(
        delivery,
        first,
        (desk, signal) => desk.leaveQueue(tokenOf(delivery.claim), body.queueKey, signal),
        { kind: 'desk.left' },
      );
    case 'desk.rate':
      return simple(delivery, first, (desk, signal) => desk.rate(body, signal));
    case 'desk.leaveMessage':
      return simple(delivery, first, (desk, signal) =>
        desk.send(
          sendOf(
            delivery.claim,
            first,
            { type: 'text', text: body.text },
            { kind: 'leave', groupId: body.groupId, agentId: body.agentId },
            signal,
          ),
        ),
      );
    case 'receipt.read':
      return each(delivery.claim.rows, (row) => ({ outboxId: row.id, kind: 'dropped', reason: 'not for the desk' }));
  }
}

async function openSession(
  delivery: DeskDelivery,
  row: OutboxRow,
  body: Extract<OutboundBody, { kind: 'desk.open' }>,
): Promise<Delivered> {
  const { claim, desk } = delivery;
  const { conversation } = claim;
  if (conversation.owner !== 'queue')
    return each(claim.rows, (inner) => ({
      outboxId: inner.id,
      kind: 'dropped',
      reason: 'nobody waits for a person any more',
    }));
  const outcome = await desk
    .open({
      conversation,
      customerToken: tokenOf(claim),
      request: body.request,
      customerName: conversation.facts.buyerName ?? conversation.customerToken ?? conversation.id,
      signal: delivery.signal,
    })
    .catch(outcomeOfError);
  if (outcome.kind === 'answered') {
    const facts = await withPacket(delivery, row, body.packet, outcome.facts);
    if (facts.state === 'assigned') delivery.override.set(facts.sessionId);
    return opened(row, facts);
  }
  if (outcome.kind === 'refused' && outcome.next === 'dead')
    return opened(row, { state: 'unknown', reason: outcome.reason });
  if (row.attempts >= OPEN_ATTEMPTS) return opened(row, { state: 'unknown', reason: outcome.reason });
  return again(delivery, row, outcome);
}

const opened = (row: OutboxRow, facts: DeskOpenFacts): Delivered => ({
  outcomes: [
    facts.state === 'unknown'
      ? { outboxId: row.id, kind: 'dropped', reason: facts.reason }
      : { outboxId: row.id, kind: 'sent', externalId: facts.state === 'assigned' ? facts.sessionId : null },
  ],
  results: [{ outboxId: row.id, result: { kind: 'desk.opened', outcome: facts } }],
});

/** The packet goes out with the session, so that it stands before anything the buyer writes; when that fails the turn asks for it again. */
async function withPacket(
  delivery: DeskDelivery,
  row: OutboxRow,
  packet: string,
  facts: DeskOpenFacts,
): Promise<DeskOpenFacts> {
  if (facts.state !== 'assigned' || packet === '') return facts;
  const send = sendOf(
    delivery.claim,
    row,
    { type: 'text', text: packet },
    { kind: 'session', sessionId: facts.sessionId },
    delivery.signal,
  );
  const outcome = await delivery.desk.send({ ...send, messageId: `${send.messageId}-p` }).catch(outcomeOfError);
  return { ...facts, packetSent: outcome.kind === 'accepted' };
}

async function sendMessage(delivery: DeskDelivery, row: OutboxRow): Promise<Delivered> {
  const { claim, desk, override } = delivery;
  const { conversation } = claim;
  const part = joined(claim.rows);
  if (part === null)
    return each(claim.rows, (inner) => ({ outboxId: inner.id, kind: 'dropped', reason: 'nothing to say' }));
  const sessionId = override.get() ?? conversation.desk.sessionId;
  const live = conversation.owner === 'agent' || override.get() !== undefined;
  const queued = conversation.owner === 'queue' && conversation.desk.queuePlace !== undefined;
  if (!live && !queued) return withoutSession(delivery, row, part);
  const to: DeskSend['to'] = live && sessionId !== undefined ? { kind: 'session', sessionId } : { kind: 'queue' };
  const outcome = await desk.send(sendOf(claim, row, part, to, delivery.signal)).catch(outcomeOfError);
  if (outcome.kind === 'gone') return reopenAndSend(delivery, row, part);
  return conclude(delivery, row, outcome);
}

/**
 * No session to write to. Words of this handoff wait for its answer; words of an earlier session must not (the question itself stands behind
 * them): the buyer's are left for the agents' workbench, the bridge's notes have lost their reader.
 */
async function withoutSession(delivery: DeskDelivery, row: OutboxRow, part: MessagePart): Promise<Delivered> {
  const { claim } = delivery;
  const { conversation } = claim;
  if (conversation.owner === 'queue' && row.epoch === conversation.epoch)
    return each(claim.rows, (inner) => ({
      outboxId: inner.id,
      kind: 'retry',
      dueAt: delivery.now() + WAIT_FOR_SESSION_MS,
      reason: 'waits for the answer to the handoff',
    }));
  if (row.origin !== 'buyer')
    return each(claim.rows, (inner) => ({ outboxId: inner.id, kind: 'dropped', reason: 'its session has ended' }));
  const outcome = await delivery.desk
    .send(sendOf(claim, row, part, { kind: 'leave' }, delivery.signal))
    .catch(outcomeOfError);
  return conclude(delivery, row, outcome);
}

/** 9200: the session is gone. A new one is asked for here, so that nothing behind this message overtakes it; re-sent once, under a fresh id. */
async function reopenAndSend(delivery: DeskDelivery, row: OutboxRow, part: MessagePart): Promise<Delivered> {
  const { claim, desk } = delivery;
  const { conversation } = claim;
  const outcome = await desk
    .open({
      conversation,
      customerToken: tokenOf(claim),
      request: conversation.desk.handoff ?? { reason: 'session_gone' },
      customerName: conversation.facts.buyerName ?? conversation.customerToken ?? conversation.id,
      signal: delivery.signal,
    })
    .catch(outcomeOfError);
  if (outcome.kind !== 'answered') return again(delivery, row, outcome);
  const { facts } = outcome;
  const result: DeliveryResult = { kind: 'desk.reopened', outcome: facts };
  if (facts.state === 'assigned') delivery.override.set(facts.sessionId);
  if (facts.state === 'nobody_online' || facts.state === 'unknown') {
    const left = await desk
      .send({ ...sendOf(claim, row, part, { kind: 'leave' }, delivery.signal), messageId: freshId(claim, row) })
      .catch(outcomeOfError);
    return { ...conclude(delivery, row, left), results: [{ outboxId: row.id, result }] };
  }
  const to: DeskSend['to'] =
    facts.state === 'assigned' ? { kind: 'session', sessionId: facts.sessionId } : { kind: 'queue' };
  const resent = await desk
    .send({ ...sendOf(claim, row, part, to, delivery.signal), messageId: freshId(claim, row) })
    .catch(outcomeOfError);
  return { ...conclude(delivery, row, resent), results: [{ outboxId: row.id, result }] };
}

async function simple(
  delivery: DeskDelivery,
  row: OutboxRow,
  call: (desk: Desk, signal: AbortSignal) => Promise<DeskOutcome>,
  result?: DeliveryResult,
): Promise<Delivered> {
  const outcome = await call(delivery.desk, delivery.signal).catch(outcomeOfError);
  // A session or a queue entry that is gone is what closing and leaving wanted.
  const settled: DeskOutcome = outcome.kind === 'gone' ? { kind: 'accepted' } : outcome;
  const concluded = conclude(delivery, row, settled);
  if (settled.kind === 'accepted' && result !== undefined) concluded.results.push({ outboxId: row.id, result });
  return concluded;
}

function conclude(delivery: DeskDelivery, row: OutboxRow, outcome: DeskOutcome): Delivered {
  const { rows } = delivery.claim;
  if (outcome.kind === 'accepted')
    return each(rows, (inner) => ({
      outboxId: inner.id,
      kind: 'sent',
      externalId: messageIdOf(delivery.claim, inner),
    }));
  if (outcome.kind === 'gone')
    return again(delivery, row, { kind: 'refused', code: '9200', reason: 'the new session is gone as well' });
  if (outcome.kind === 'refused' && outcome.next === 'dead') return dead(rows, outcome.code, outcome.reason, 'refused');
  return again(delivery, row, outcome);
}

/** Udesk has no read-back for customer messages: an unknown outcome is repeated under the same `message_id`, which Udesk keeps unique. */
function again(
  delivery: DeskDelivery,
  row: OutboxRow,
  outcome:
    | { kind: 'unknown'; reason: string }
    | { kind: 'refused'; code: string; reason: string; retryAfterMs?: number },
): Delivered {
  const { rows } = delivery.claim;
  const code = outcome.kind === 'refused' ? outcome.code : 'UNKNOWN';
  if (row.attempts >= MAX_ATTEMPTS)
    return dead(rows, code, `given up after ${row.attempts} attempts: ${outcome.reason}`, 'budget');
  const wait = backoffMs(row.attempts, RETRY_BASE_MS, RETRY_CAP_MS);
  const dueAt = delivery.now() + Math.max(wait, outcome.kind === 'refused' ? (outcome.retryAfterMs ?? 0) : 0);
  return each(rows, (inner) => ({
    outboxId: inner.id,
    kind: outcome.kind === 'unknown' ? 'unknown' : 'retry',
    dueAt,
    reason: outcome.reason,
  }));
}

function dead(rows: OutboxRow[], code: string, reason: string, why: 'refused' | 'budget'): Delivered {
  const [first] = rows;
  return {
    outcomes: rows.map((row) => ({ outboxId: row.id, kind: 'dead', code, reason })),
    results: first === undefined ? [] : [{ outboxId: first.id, result: { kind: 'dead', code, reason, why } }],
  };
}

const tokenOf = (claim: DeliveryClaim): string => claim.conversation.customerToken ?? '';

/** Unique over the whole Udesk company, stable over retries and restarts: marketplace and shop stand in front. */
export const messageIdOf = (claim: DeliveryClaim, row: OutboxRow): string =>
  `${claim.conversation.channel}-${claim.conversation.shopId}-${row.ref}`.replace(/[^A-Za-z0-9_-]/gu, '_');

const freshId = (claim: DeliveryClaim, row: OutboxRow): string => `${messageIdOf(claim, row)}-r`;

function sendOf(
  claim: DeliveryClaim,
  row: OutboxRow,
  part: MessagePart,
  to: DeskSend['to'],
  signal: AbortSignal,
): DeskSend {
  return {
    conversation: claim.conversation,
    customerToken: tokenOf(claim),
    to,
    part,
    messageId: messageIdOf(claim, row),
    signal,
  };
}

import { createHash } from 'node:crypto';
import { canonicalJson, tryParseJson } from '../common/json.ts';
import type { AsideRecord, InboundBody, InboundEvent } from '../contracts/inbound.ts';
import { agentItemBodies, readAgentItem } from './agent-item.ts';
import { type Push, readPush } from './push-shape.ts';
import { repairJson } from './repair-json.ts';
import { asId, asText, isRecord } from './schema.ts';

export interface Received {
  events: InboundEvent[];
  aside: AsideRecord[];
}

/**
 * One push of Udesk as events, in the order of its list: Udesk promises that order and no other, so `order` stays empty and arrival
 * decides (`message_created_at` is China time in three spellings, and start and greeting often share a second).
 *
 * Never throws. What cannot be read at all comes back aside; one bad item does not take its neighbours along.
 * `onRepaired` is told when a body was JSON only after mending.
 */
export function toInbound(rawBody: Buffer, onRepaired: () => void = () => {}): Received {
  const text = rawBody.toString('utf8');
  try {
    const root = parseBody(text, onRepaired);
    const pushes = (Array.isArray(root) ? root : [root]).filter(isRecord);
    if (pushes.length === 0) return { events: [], aside: [aside(text, 'the body is not a JSON object')] };
    const received: Received = { events: [], aside: [] };
    for (const push of pushes) addPush(received, readPush(push), text);
    tellRepeatsApart(received.events);
    return received;
  } catch {
    // Nesting beyond the stack is the one way to get here.
    return { events: [], aside: [aside(text, 'the body is nested too deeply to be read')] };
  }
}

function parseBody(text: string, onRepaired: () => void): unknown {
  const strict = tryParseJson(text);
  if (strict !== undefined) return strict;
  const repaired = tryParseJson(repairJson(text));
  if (repaired !== undefined) onRepaired();
  return repaired;
}

function addPush(received: Received, push: Push, text: string): void {
  switch (push.kind) {
    case 'read':
      if (push.sessionId === null || push.messageIds.length === 0)
        received.aside.push(aside(text, 'a read receipt without session or message ids'));
      else received.events.push(readReceipt(push.sessionId, push.messageIds));
      return;
    case 'agent':
      for (const raw of push.items) {
        try {
          received.events.push(...agentEvents(push, raw));
        } catch {
          received.aside.push(aside(text, 'an item of the push cannot be read'));
        }
      }
      return;
    case 'robot':
    case 'urobot':
      received.events.push(...push.items.map((item) => robotEvent(push.kind, push.customerToken, item)));
      return;
    case 'strange':
      received.aside.push(aside(text, 'neither a read receipt nor a push of agent, robot or urobot'));
  }
}

function readReceipt(sessionId: string, messageIds: string[]): InboundEvent {
  const hash = hashOf({ sessionId, messageIds });
  return event(`udesk:read:${sessionId}:${hash.slice(0, 32)}`, hash, null, sessionId, {
    kind: 'desk.read',
    sessionId,
    messageIds,
  });
}

function agentEvents(push: Extract<Push, { kind: 'agent' }>, raw: Record<string, unknown>): InboundEvent[] {
  const item = readAgentItem(raw, push.sessionId);
  // What was said, without the agent's picture: its address may be signed anew in a repeat.
  const hash = hashOf({ type: item.type, sessionId: item.sessionId, data: raw.data });
  const ownId =
    item.messageId ??
    `${item.sessionId ?? '-'}:${item.type}:${asText(raw.message_created_at) ?? '-'}:${hash.slice(0, 32)}`;
  const bodies = agentItemBodies(item, item.messageId ?? hash.slice(0, 32));
  return bodies.map((body, index) =>
    event(index === 0 ? `udesk:m:${ownId}` : `udesk:m:${ownId}:close`, hash, push.customerToken, item.sessionId, body),
  );
}

/** Robots' answers are recorded; a dialog with urobot reads `push.items` here. Their key is session and log id. */
function robotEvent(
  kind: 'robot' | 'urobot',
  customerToken: string | null,
  item: Record<string, unknown>,
): InboundEvent {
  const hash = hashOf(item);
  const sessionId = asId(item.sessionId) ?? null;
  const ownId = asText(item.message_id) ?? `${sessionId ?? '-'}:${asId(item.logId) ?? hash.slice(0, 32)}`;
  return event(`udesk:${kind}:${ownId}`, hash, customerToken, sessionId, { kind: 'desk.ignored', what: kind });
}

function event(
  eventKey: string,
  bodyHash: string,
  customerToken: string | null,
  sessionId: string | null,
  body: InboundBody,
): InboundEvent {
  return {
    eventKey,
    messageKey: null,
    bodyHash,
    source: 'desk',
    target: { by: 'customer', customerToken, sessionId },
    order: { index: null, at: null },
    body,
  };
}

/**
 * Two different items of one push under one `message_id` (the vendor's own example does that) are two events: the later ones carry their
 * hash in the key, which a repeat of the push gives again. The same item twice stays one event.
 */
function tellRepeatsApart(events: InboundEvent[]): void {
  const first = new Map<string, string | null>();
  for (const one of events) {
    const seen = first.get(one.eventKey);
    if (seen === undefined) first.set(one.eventKey, one.bodyHash);
    else if (seen !== one.bodyHash) one.eventKey = `${one.eventKey}:${(one.bodyHash ?? '').slice(0, 16)}`;
  }
}

const hashOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');

const aside = (raw: string, detail: string): AsideRecord => ({ source: 'udesk', reason: 'unreadable', detail, raw });

import { partAsText } from '../bridge/part-text.ts';
import type { InboundBody, InboundEvent } from '../contracts/inbound.ts';
import type { MessagePart } from '../contracts/message.ts';
import type { OutboundBody } from '../contracts/outbound.ts';
import type { TimelineEntry, TurnNote } from '../contracts/store.ts';

/** `detail` of a timeline entry by its kind; the store writes it. */
type Detail = Partial<{
  reason: string | null;
  event: Partial<InboundEvent>;
  notes: TurnNote[];
  side: string;
  origin: string;
  epoch: number;
  attempts: number | null;
  externalId: string | null;
  body: OutboundBody;
}>;

/**
 * One entry as a person reads it: a heading, then the words. Example:
 * `['-> buyer.message  [handled]  in-11', 'where is my order?']`. Ids that a person may search for next are in the heading.
 */
export function storyLine(entry: TimelineEntry): string[] {
  const detail = (entry.detail ?? {}) as Detail;
  switch (entry.kind) {
    case 'inbound': {
      const { body } = detail.event ?? {};
      const from = body?.kind === 'shop.message' ? ` (${body.sender})` : '';
      return [
        `-> ${entry.title}${from}  [${entry.status}]  ${ids(entry.id, eventId(detail.event))}`,
        ...heard(body),
        ...why(detail),
      ];
    }
    case 'turn': {
      const notes = (detail.notes ?? []).map((note) => (note.detail ? `${note.what}: ${note.detail}` : note.what));
      return [`** turn  [${entry.status}]  ${entry.id}`, ...notes.flatMap(lines)];
    }
    case 'outbound': {
      const { side = '?', origin = '?', epoch = 0, attempts } = detail;
      const tries = attempts !== null && attempts !== undefined && attempts > 1 ? `, ${attempts} attempts` : '';
      return [
        `<- ${entry.title} to the ${side}  [${entry.status}]  ${ids(entry.id, detail.externalId)}  (${origin}, epoch ${epoch}${tries})`,
        ...said(detail.body),
        ...why(detail),
      ];
    }
  }
}

const ids = (own: string, platform: string | null | undefined): string => (platform ? `${own}  ${platform}` : own);

/** The platform's own id: a message's, else what stands at the end of the event's key. */
function eventId(event: Detail['event']): string | undefined {
  const { body } = event ?? {};
  if (body?.kind === 'buyer.message' || body?.kind === 'shop.message') return body.message.id;
  return body?.kind === 'desk.message' ? body.messageId : undefined;
}

const why = ({ reason }: Detail): string[] => (reason ? [`why: ${reason}`] : []);

function heard(body: InboundBody | undefined): string[] {
  if (body === undefined) return [];
  switch (body.kind) {
    case 'buyer.message':
    case 'shop.message':
      return [...(body.message.visible ? [] : ['(hidden by the platform)']), ...words(body.message.part)];
    case 'desk.message':
      return body.parts.flatMap(words);
    default: {
      const { kind: _kind, ...facts } = body;
      return Object.keys(facts).length === 0 ? [] : [bounded(JSON.stringify(facts))];
    }
  }
}

function said(body: OutboundBody | undefined): string[] {
  if (body === undefined) return [];
  switch (body.kind) {
    case 'message':
      return words(body.part);
    case 'desk.open':
      return lines(body.packet);
    case 'desk.leaveMessage':
      return lines(body.text);
    case 'receipt.read':
      return [];
    default: {
      const { kind: _kind, ...facts } = body;
      return [bounded(JSON.stringify(facts))];
    }
  }
}

function words(part: MessagePart): string[] {
  const text = lines(partAsText(part));
  return part.type === 'text' ? text : [`[${part.type}] ${text.join(' ')}`.trim()];
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(bounded);

const bounded = (text: string): string => (text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);

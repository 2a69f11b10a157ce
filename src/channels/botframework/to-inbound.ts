import { createHash, randomUUID } from 'node:crypto';
import { wellFormed } from '../../common/text.ts';
import type { ConversationRef } from '../../contracts/conversation.ts';
import type { InboundBody, InboundEvent } from '../../contracts/inbound.ts';
import type { MessagePart } from '../../contracts/message.ts';
import { type IncomingActivity, mentionsOfBot } from './schema.ts';

export const CHANNEL = 'botframework';

/** An activity with more attachments than this is told as what it is, a heap. */
const MAX_ATTACHMENTS = 20;
/** Something happened to a conversation that exists; told in its timeline, never answered. All other types leave no trace. */
const RECORDED = new Set(['messageUpdate', 'messageDelete', 'endOfConversation']);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The place where the buyer writes stands for the shop: `emulator`, `directline`, `msteams`, `webchat`. Never holds a `-`. */
export const shopIdOf = (channelId: string): string =>
  channelId
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 40);

/**
 * What Udesk knows the buyer by: `bf-directline-user7`, or `bf-msteams--29_1bSj-3f1c0a9e5d21b4c7` when characters had to be replaced: a piece of a
 * hash then keeps apart what would fall together (`a:b` and `a_b`), and `--` keeps such a token apart from every plain one.
 */
export function customerTokenOf(shopId: string, buyerId: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,59}$/.test(buyerId)) return `bf-${shopId}-${buyerId}`;
  return `bf-${shopId}--${buyerId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}-${sha256(buyerId).slice(0, 16)}`;
}

export const conversationRefOf = (activity: IncomingActivity): ConversationRef => ({
  channel: CHANNEL,
  shopId: shopIdOf(activity.channelId),
  externalId: activity.conversation.id,
});

/**
 * The events of one activity: a message becomes one event per thing in it (its text, then each attachment), in that order; what is never
 * answered becomes at most a line in the timeline. An activity without an id cannot be recognised when it is repeated.
 */
export function toInbound(activity: IncomingActivity, receivedAt: number): InboundEvent[] {
  const ref = conversationRefOf(activity);
  const activityId = activity.id ?? randomUUID();
  const keyOf = (kind: 'e' | 'm', place: number) =>
    [CHANNEL, ref.shopId, kind, ref.externalId, activityId, ...(place === 0 ? [] : [place])].join(':');
  const at = timeOf(activity.timestamp);
  const order = { index: null, at };

  const { from } = activity;
  // Another bot or our own words handed back: answering would be two machines talking to each other.
  const human =
    from !== undefined && from.role !== 'bot' && from.role !== 'skill' && from.id !== activity.recipient?.id;
  if (activity.type !== 'message' || !human) {
    if (!RECORDED.has(activity.type) && activity.type !== 'message') return [];
    const body: InboundBody = { kind: 'other', what: activity.type === 'message' ? 'message of a bot' : activity.type };
    const target = { by: 'conversation' as const, ref };
    return [{ eventKey: keyOf('e', 0), messageKey: null, bodyHash: null, source: CHANNEL, target, order, body }];
  }

  const name = wellFormed(from.name ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 100);
  const buyer = {
    id: from.id,
    customerToken: customerTokenOf(ref.shopId, from.id),
    ...(name === '' ? {} : { name: wellFormed(name) }),
  };
  return partsOf(activity).map((part, place) => ({
    eventKey: keyOf('e', place),
    messageKey: keyOf('m', place),
    bodyHash: sha256(JSON.stringify([from.id, part])),
    source: CHANNEL,
    target: { by: 'conversation', ref, buyer },
    order,
    body: {
      kind: 'buyer.message',
      message: { id: place === 0 ? activityId : `${activityId}:${place}`, part, at: at ?? receivedAt, visible: true },
    },
  }));
}

/** Never empty: a message in which nothing can be read is still one that an agent should see. */
function partsOf(activity: IncomingActivity): MessagePart[] {
  const parts: MessagePart[] = [];
  const text = textOf(activity);
  if (text !== '') parts.push({ type: 'text', text });
  const attachments = activity.attachments ?? [];
  for (const attachment of attachments.slice(0, MAX_ATTACHMENTS)) {
    const part = attachmentPart(attachment);
    if (part !== null) parts.push(part);
  }
  if (attachments.length > MAX_ATTACHMENTS)
    parts.push({ type: 'unknown', label: `${attachments.length - MAX_ATTACHMENTS} more attachments` });
  if (parts.length === 0)
    parts.push({ type: 'unknown', label: activity.value == null ? 'empty message' : 'card input' });
  return parts;
}

function textOf(activity: IncomingActivity): string {
  let text = activity.text ?? '';
  for (const mention of mentionsOfBot(activity)) text = text.split(mention).join('');
  return wellFormed(text).trim();
}

type Attachment = NonNullable<IncomingActivity['attachments']>[number];

/** `null` for Teams' copy of the text as HTML, which comes with every message. */
function attachmentPart(attachment: Attachment): MessagePart | null {
  const contentType = (attachment.contentType ?? '').toLowerCase();
  const url = attachment.contentUrl;
  const name = attachment.name === undefined ? undefined : wellFormed(attachment.name).slice(0, 200);
  if (url === undefined) {
    if (contentType === 'text/html' || contentType === 'text/plain') return null;
    return { type: 'unknown', label: wellFormed(contentType).slice(0, 100) || 'attachment' };
  }
  // A picture inside the address (data:) or on the buyer's own disk is nothing that an agent could open.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return { type: 'unknown', label: wellFormed(contentType).slice(0, 100) || 'attachment' };
  const [kind] = contentType.split('/');
  switch (kind) {
    case 'image':
      return { type: 'image', url };
    case 'video':
      return { type: 'video', url };
    case 'audio':
      return { type: 'audio', url, ...(name === undefined ? {} : { name }) };
    default:
      return { type: 'file', url, ...(name === undefined ? {} : { name }) };
  }
}

function timeOf(timestamp: string | undefined): number | null {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return at > 0 ? at : null;
}

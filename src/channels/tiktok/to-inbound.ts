import { createHash } from 'node:crypto';
import { canonicalJson, tryParseJson } from '../../common/json.ts';
import { wellFormed } from '../../common/text.ts';
import type { AsideRecord, InboundBody, InboundEvent } from '../../contracts/inbound.ts';
import type { Logger } from '../../contracts/logger.ts';
import { readContent } from './content.ts';
import { translateLegacyEnvelope } from './legacy.ts';
import { bodyHashOf, messageEvent } from './message-event.ts';
import {
  cancellationEventSchema,
  conversationEventSchema,
  envelopeSchema,
  expirationEventSchema,
  messageEventSchema,
  orderEventSchema,
  packageEventSchema,
  returnEventSchema,
} from './schema.ts';
import { CHANNEL } from './tokens.ts';

export interface Translation {
  events: InboundEvent[];
  aside: AsideRecord[];
}

/** One notification: what it is about, before it has keys. */
interface Notice {
  type: number;
  data: unknown;
  shopId: string;
  notificationId: string | null;
  timestamp: number | null;
}

const KNOWN_ROLES = new Set(['BUYER', 'SHOP', 'CUSTOMER_SERVICE', 'SYSTEM', 'ROBOT']);

/**
 * A verified body as events: one envelope, or a list of them. Numbers decide, unknown numbers are recorded and harmless; what cannot be
 * read is set aside and does not hinder its neighbours. Never throws. Source: Partner Center webhook pages 1, 4, 6, 7, 11 to 14.
 */
export function toInbound(rawBody: Buffer, receivedAt: number, logger: Logger): Translation {
  const translation: Translation = { events: [], aside: [] };
  const text = rawBody.toString('utf8');
  const parsed = tryParseJson(text);
  const batch = Array.isArray(parsed) ? parsed : [parsed];
  if (batch.length === 0) translation.aside.push(unreadable(text, 'the list is empty'));
  for (const element of batch) {
    try {
      const raw = batch.length > 1 ? JSON.stringify(element) : text;
      translateOne(element, raw, receivedAt, translation, logger);
    } catch {
      // Nested deeper than the stack, for example.
      translation.aside.push(unreadable(text, 'the body could not be translated'));
    }
  }
  return translation;
}

function translateOne(element: unknown, raw: string, receivedAt: number, into: Translation, logger: Logger): void {
  const envelope = envelopeSchema.safeParse(element);
  if (!envelope.success || !Number.isSafeInteger(envelope.data.type)) {
    into.aside.push(unreadable(raw, 'not a notification: type, shop_id or the JSON itself is missing'));
    return;
  }
  const { shop_id: shopId, tts_notification_id: notificationId, timestamp } = envelope.data;
  const inner = typeof envelope.data.data === 'string' ? tryParseJson(envelope.data.data) : envelope.data.data;
  const { type, data } = translateLegacyEnvelope({ type: Number(envelope.data.type), data: inner });
  const notice: Notice = { type, data, shopId, notificationId, timestamp };
  const events = type === 14 ? messageOf(notice, receivedAt, logger) : eventsOf(notice);
  if (events === null) {
    into.aside.push({ ...unreadable(raw, `type ${type} without the fields it needs`), shopId });
    return;
  }
  into.events.push(...events);
}

function messageOf(notice: Notice, receivedAt: number, logger: Logger): InboundEvent[] | null {
  const read = messageEventSchema.safeParse(notice.data);
  if (!read.success) return null;
  const { message_id: id, conversation_id: conversationId, ...rest } = read.data;
  const line = { ...rest, id, content: rest.content };
  if (!KNOWN_ROLES.has(line.sender.role))
    logger.warn('tiktok.role_unknown', { shopId: notice.shopId, messageId: id, missing: line.sender.role === '' });
  const part = readContent(line.type, line.content);
  const bodyHash = bodyHashOf(line, part);
  return [
    messageEvent(line, part, {
      shopId: notice.shopId,
      conversationId,
      eventKey: eventKeyOf(notice, `${id}:${bodyHash.slice(0, 16)}`),
      bodyHash,
      source: 'webhook',
      fallbackAt: notice.timestamp === null ? receivedAt : notice.timestamp * 1000,
    }),
  ];
}

const eventKeyOf = (notice: Notice, otherwise: string): string =>
  notice.notificationId === null
    ? `${CHANNEL}:${notice.shopId}:d:${notice.type}:${otherwise}`
    : `${CHANNEL}:${notice.shopId}:n:${notice.notificationId}`;

function eventsOf(notice: Notice): InboundEvent[] | null {
  const { type, data, shopId } = notice;
  switch (type) {
    case 13: {
      const read = conversationEventSchema.safeParse(data);
      if (!read.success) return null;
      const conversationId = read.data.conversation_id;
      // Fires at every coming and going of an agent with the same data: without a notification id only the envelope's time differs.
      const event = shopEvent(notice, { kind: 'conversation.changed' }, `${conversationId}:${notice.timestamp ?? 0}`);
      return [
        { ...event, target: { by: 'conversation', ref: { channel: CHANNEL, shopId, externalId: conversationId } } },
      ];
    }
    case 1: {
      const read = orderEventSchema.safeParse(data);
      return read.success ? [orderChanged(notice, read.data.order_id, 'status', read.data.order_status)] : null;
    }
    case 11: {
      const read = cancellationEventSchema.safeParse(data);
      return read.success ? [orderChanged(notice, read.data.order_id, 'cancellation', read.data.cancel_status)] : null;
    }
    case 12: {
      const read = returnEventSchema.safeParse(data);
      return read.success ? [orderChanged(notice, read.data.order_id, 'return', read.data.return_status)] : null;
    }
    case 4: {
      const read = packageEventSchema.safeParse(data);
      if (!read.success) return null;
      const orderIds = [...new Set(read.data.package_list.flatMap((parcel) => parcel.order_id_list))];
      if (orderIds.length === 0) return [shopEvent(notice, { kind: 'other', what: 'package update without orders' })];
      return orderIds.map((orderId, place) => {
        const event = orderChanged(notice, orderId, 'package', read.data.sc_type);
        // One notification, several orders: each has its own identity, the same at every repeat.
        return place === 0 ? event : { ...event, eventKey: `${event.eventKey}:${orderId}` };
      });
    }
    case 6:
      return [shopEvent(notice, { kind: 'authorization.changed', status: 'revoked' }, String(notice.timestamp ?? 0))];
    case 7: {
      const expiresAt = timeOf(expirationEventSchema.parse(data).expiration_time);
      const when = expiresAt === undefined ? {} : { expiresAt };
      return [
        shopEvent(
          notice,
          { kind: 'authorization.changed', status: 'expiring', ...when },
          String(notice.timestamp ?? 0),
        ),
      ];
    }
    default:
      return [shopEvent(notice, { kind: 'other', what: `TikTok notification type ${type}` })];
  }
}

const orderChanged = (
  notice: Notice,
  orderId: string,
  what: 'status' | 'package' | 'cancellation' | 'return',
  status: string,
): InboundEvent => shopEvent(notice, { kind: 'order.changed', orderId, what, status: wellFormed(status).slice(0, 64) });

/** `otherwise`: what tells two notifications with the same data apart when they carry no id (an order event carries its own time). */
function shopEvent(notice: Notice, body: InboundBody, otherwise = ''): InboundEvent {
  const bodyHash = createHash('sha256')
    .update(canonicalJson(notice.data ?? null))
    .digest('hex');
  return {
    eventKey: eventKeyOf(notice, `${otherwise}:${bodyHash.slice(0, 16)}`),
    messageKey: null,
    bodyHash,
    source: 'webhook',
    target: { by: 'shop', channel: CHANNEL, shopId: notice.shopId },
    order: { index: null, at: notice.timestamp === null ? null : notice.timestamp * 1000 },
    body,
  };
}

/** `expiration_time` is a text whose form is not documented: Unix seconds, milliseconds or a date. */
function timeOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const unreadable = (raw: string, detail: string): AsideRecord => ({
  source: CHANNEL,
  reason: 'unreadable',
  detail,
  raw,
  channel: CHANNEL,
});

import { createHash } from 'node:crypto';
import type { InboundEvent } from '../../contracts/inbound.ts';
import type { BuyerMessage, MessagePart, ShopSender } from '../../contracts/message.ts';
import type { ApiMessage } from './schema.ts';
import { CHANNEL } from './tokens.ts';

/** `tiktok:7494…:m:7494560109732334263` */
export const messageKeyOf = (shopId: string, messageId: string): string => `${CHANNEL}:${shopId}:m:${messageId}`;

/** `tts-7494049642642441621-7494560109732334299`: what Udesk knows the buyer by. */
export const customerTokenOf = (shopId: string, buyerId: string): string =>
  `tts-${shopId}-${buyerId}`.replace(/[^A-Za-z0-9_-]/g, '_');

/** Lines that the platform writes whoever it names as the sender: an allocated agent has not said anything yet. */
const PLATFORM_LINES = new Set(['ALLOCATED_SERVICE', 'NOTIFICATION']);

export type Speaker = 'buyer' | ShopSender;

/**
 * Who speaks. Staff is CUSTOMER_SERVICE in a line that people can see; SHOP carries auto-replies and FAQ, ROBOT TikTok's own chatbot.
 * A hidden line (the rating request) is the platform's even under CUSTOMER_SERVICE: it must not count as a person taking over.
 * Anything else, also a missing role, is `system`: recorded, never answered.
 */
export function speakerOf(line: { role: string; type: string; visible: boolean }): Speaker {
  if (PLATFORM_LINES.has(line.type)) return 'system';
  switch (line.role) {
    case 'BUYER':
      return 'buyer';
    case 'CUSTOMER_SERVICE':
      return line.visible ? 'staff' : 'system';
    case 'SHOP':
      return 'shop';
    case 'ROBOT':
      return 'robot';
    default:
      return 'system';
  }
}

/** Same words, same hash: of the translated line, so that the legacy form of a message and its repeat under another envelope agree. */
export function bodyHashOf(line: ApiMessage, part: MessagePart): string {
  const said = [line.type, part, line.sender.im_user_id, line.sender.role, line.create_time, line.is_visible];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/** A line of a conversation as an event, whether it was pushed or read. */
export function messageEvent(
  line: ApiMessage,
  part: MessagePart,
  where: {
    shopId: string;
    conversationId: string;
    eventKey: string;
    bodyHash: string | null;
    source: 'webhook' | 'poll';
    /** Used when the platform gave no time of writing. */
    fallbackAt: number;
  },
): InboundEvent {
  const { shopId, conversationId } = where;
  const at = line.create_time === null ? null : line.create_time * 1000;
  const message: BuyerMessage = { id: line.id, part, at: at ?? where.fallbackAt, visible: line.is_visible };
  const speaker = speakerOf({ role: line.sender.role, type: line.type, visible: line.is_visible });
  const ref = { channel: CHANNEL, shopId, externalId: conversationId };
  const buyerId = line.sender.im_user_id;
  const name = line.sender.nickname;
  const buyer =
    speaker === 'buyer' && buyerId !== null
      ? { id: buyerId, customerToken: customerTokenOf(shopId, buyerId), ...(name === '' ? {} : { name }) }
      : undefined;
  return {
    eventKey: where.eventKey,
    messageKey: messageKeyOf(shopId, line.id),
    bodyHash: where.bodyHash,
    source: where.source,
    target: { by: 'conversation', ref, ...(buyer === undefined ? {} : { buyer }) },
    order: { index: line.index, at },
    body: speaker === 'buyer' ? { kind: 'buyer.message', message } : { kind: 'shop.message', sender: speaker, message },
  };
}

import { codePoints, wellFormed } from '../../common/text.ts';
import type { MessagePart, PartType } from '../../contracts/message.ts';

export const TEXT_LIMIT = 2_000;

/** Part types that have a form of their own; a video only with TikTok's `videoId`. Source: `send-message-202309` and the pages of 2026. */
export const SENDABLE: ReadonlySet<PartType> = new Set<PartType>([
  'text',
  'image',
  'video',
  'product',
  'order',
  'return',
  'coupon',
  'logistics',
]);

export type Outbound =
  | { kind: 'message'; type: string; content: string }
  | { kind: 'refused'; next: 'text' | 'dead'; code: string; reason: string };

/**
 * One of our parts as TikTok's `type` and `content` (JSON text). An image must have been uploaded: its address, width and height are
 * TikTok's. Example: `{ type: 'order', orderId: '57…' }` -> `{ type: 'ORDER_CARD', content: '{"order_id":"57…"}' }`.
 */
export function toOutbound(part: MessagePart): Outbound {
  switch (part.type) {
    case 'text':
      return textMessage(part.text);
    case 'image':
      return part.width === undefined || part.height === undefined
        ? refused('text', 'IMAGE_NOT_UPLOADED', 'the image has no size, it was not uploaded')
        : message('IMAGE', { url: part.url, width: part.width, height: part.height });
    case 'video':
      return part.videoId === undefined
        ? refused('text', 'VIDEO_NOT_UPLOADED', 'only a video that TikTok has can be sent')
        : message('VIDEO', { vid: part.videoId });
    case 'product':
      return message('PRODUCT_CARD', { product_id: part.productId });
    case 'order':
      return message('ORDER_CARD', { order_id: part.orderId });
    case 'return':
      return message('RETURN_REFUND_CARD', { order_id: part.orderId, sku_id: part.skuId });
    case 'coupon':
      return message('COUPON_CARD', { coupon_id: part.couponId });
    case 'logistics':
      return message('LOGISTICS_CARD', {
        order_id: part.orderId,
        ...(part.packageId === undefined ? {} : { package_id: part.packageId }),
      });
    case 'audio':
    case 'file':
    case 'sticker':
    case 'context':
    case 'notice':
    case 'unknown':
      return refused('text', 'TYPE_NOT_SENDABLE', `TikTok Shop has no form for "${part.type}"`);
  }
}

function textMessage(text: string): Outbound {
  const clean = wellFormed(text);
  if (clean.trim() === '') return refused('dead', 'TEXT_EMPTY', 'the text is empty');
  if (codePoints(clean) > TEXT_LIMIT)
    return refused('dead', 'TEXT_TOO_LONG', `the text is longer than ${TEXT_LIMIT} characters and was not split`);
  return message('TEXT', { content: clean });
}

const message = (type: string, content: Record<string, string | number>): Outbound => ({
  kind: 'message',
  type,
  content: JSON.stringify(content),
});

const refused = (next: 'text' | 'dead', code: string, reason: string): Outbound => ({
  kind: 'refused',
  next,
  code,
  reason,
});

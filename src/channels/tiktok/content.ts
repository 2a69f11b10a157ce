import { tryParseJson } from '../../common/json.ts';
import { wellFormed } from '../../common/text.ts';
import type { MessagePart } from '../../contracts/message.ts';
import { readUnescapedVideo, translateLegacyContent } from './legacy.ts';

type Fields = Record<string, unknown>;

/** What a platform's text may hold: no lone surrogates, and no NUL, which PostgreSQL cannot store. */
const cleanText = (text: string): string => wellFormed(text).replaceAll('\0', '\uFFFD');

/**
 * A message's `type` and `content` as one of our parts. `content` is a JSON text by contract; an object, or a text that is no JSON, is
 * read as well as it can be: `TEXT` with `hello` is a text, anything else that cannot be read becomes `unknown` with its raw words.
 * Example: `readContent('ORDER_CARD', '{"order_id":"576461413038785752"}')` -> `{ type: 'order', orderId: '576461413038785752' }`.
 * Source: Partner Center `Message Types` and the v1 to 202309 mapping.
 */
export function readContent(type: string, content: unknown): MessagePart {
  const raw = typeof content === 'string' ? content : undefined;
  const fields = fieldsOf(type, content);
  if (fields === null) {
    if (type === 'TEXT' && raw !== undefined) return { type: 'text', text: cleanText(raw) };
    return unknown(type, raw ?? (content === undefined || content === null ? undefined : String(content)));
  }
  return readFields(type, fields) ?? unknown(type, raw ?? textOf(fields, 'content'));
}

function fieldsOf(type: string, content: unknown): Fields | null {
  const parsed = typeof content === 'string' ? tryParseJson(content) : content;
  if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
    return translateLegacyContent(parsed as Fields);
  if (type !== 'VIDEO' || typeof content !== 'string') return null;
  const video = readUnescapedVideo(content);
  return video === null ? null : translateLegacyContent(video);
}

function readFields(type: string, fields: Fields): MessagePart | null {
  switch (type) {
    case 'TEXT': {
      const text = textOf(fields, 'content');
      return text === undefined ? null : { type: 'text', text };
    }
    case 'IMAGE': {
      const url = urlOf(fields, 'url');
      return url === undefined ? null : { type: 'image', url, ...sizeOf(fields) };
    }
    case 'VIDEO': {
      const url = urlOf(fields, 'url');
      const videoId = textOf(fields, 'vid');
      if (url === undefined && videoId === undefined) return null;
      const coverUrl = urlOf(fields, 'cover');
      const durationSec = numberOf(fields, 'duration');
      return {
        type: 'video',
        url: url ?? '',
        ...(coverUrl === undefined ? {} : { coverUrl }),
        ...(durationSec === undefined ? {} : { durationSec }),
        ...(videoId === undefined ? {} : { videoId }),
      };
    }
    case 'EMOTICONS': {
      const url = urlOf(fields, 'url');
      return url === undefined ? null : { type: 'sticker', url };
    }
    case 'PRODUCT_CARD':
      return withId(fields, 'product_id', (productId) => ({ type: 'product', productId }));
    case 'ORDER_CARD':
      return withId(fields, 'order_id', (orderId) => ({ type: 'order', orderId }));
    case 'COUPON_CARD':
      return withId(fields, 'coupon_id', (couponId) => ({ type: 'coupon', couponId }));
    case 'RETURN_REFUND_CARD':
      return withId(fields, 'order_id', (orderId) =>
        withId(fields, 'sku_id', (skuId) => ({ type: 'return', orderId, skuId })),
      );
    case 'LOGISTICS_CARD':
      return withId(fields, 'order_id', (orderId) => {
        const packageId = idOf(fields, 'package_id');
        return { type: 'logistics', orderId, ...(packageId === undefined ? {} : { packageId }) };
      });
    case 'BUYER_ENTER_FROM_PRODUCT': {
      const productId = idOf(fields, 'product_id');
      return { type: 'context', from: 'product', ...(productId === undefined ? {} : { productId }) };
    }
    case 'BUYER_ENTER_FROM_ORDER': {
      const orderId = idOf(fields, 'order_id');
      return { type: 'context', from: 'order', ...(orderId === undefined ? {} : { orderId }) };
    }
    case 'BUYER_ENTER_FROM_TRANSFER': {
      const text = textOf(fields, 'content');
      return { type: 'context', from: 'transfer', ...(text === undefined ? {} : { text }) };
    }
    case 'ALLOCATED_SERVICE':
    case 'NOTIFICATION':
      return { type: 'notice', text: textOf(fields, 'content') ?? '' };
    default:
      return null;
  }
}

const unknown = (label: string, text: string | undefined): MessagePart => ({
  type: 'unknown',
  label: cleanText(label).slice(0, 64),
  ...(text === undefined ? {} : { text: cleanText(text) }),
});

const ID = /^[A-Za-z0-9_-]{1,64}$/;

function idOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && ID.test(text) ? text : undefined;
}

const withId = (fields: Fields, name: string, make: (id: string) => MessagePart | null): MessagePart | null => {
  const id = idOf(fields, name);
  return id === undefined ? null : make(id);
};

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? cleanText(value) : undefined;
}

/** Only web addresses: what is shown to agents as a link must not be `javascript:`. */
function urlOf(fields: Fields, name: string): string | undefined {
  const url = textOf(fields, name);
  return url !== undefined && /^https?:\/\//i.test(url) ? url : undefined;
}

/** Numbers arrive as numbers or as decimal text. */
function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function sizeOf(fields: Fields): { width?: number; height?: number } {
  const width = numberOf(fields, 'width');
  const height = numberOf(fields, 'height');
  return { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
}

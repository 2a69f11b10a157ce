import { codePoints, comparable, splitText, wellFormed } from '../common/text.ts';
import type { ChannelCapabilities } from '../contracts/channel.ts';
import type { MessagePart } from '../contracts/message.ts';

/** A part as words: for a channel that cannot carry it, and for a person who reads the timeline. Empty when there is nothing to say. */
export function partAsText(part: MessagePart): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'image':
    case 'video':
    case 'sticker':
      return part.url;
    case 'audio':
    case 'file':
      return [part.name, part.url].filter(Boolean).join(' ');
    case 'product':
      return [part.title ?? `#${part.productId}`, part.link].filter(Boolean).join(' ');
    case 'order':
      return [part.title ?? `#${part.orderId}`, part.link].filter(Boolean).join(' ');
    case 'return':
      return `#${part.orderId}`;
    case 'coupon':
      return `#${part.couponId}`;
    case 'logistics':
      return [`#${part.orderId}`, part.packageId].filter(Boolean).join(' ');
    case 'context':
      return part.text ?? part.productId ?? part.orderId ?? '';
    case 'notice':
      return part.text;
    case 'unknown':
      return part.text ?? part.label;
  }
}

/**
 * What a channel can carry of this part: itself, or text in pieces that fit. Example: a 5,000 character text on a channel with
 * `textLimit` 2000 becomes three texts cut at sentence ends.
 */
export function fitParts(part: MessagePart, capabilities: ChannelCapabilities): MessagePart[] {
  if (part.type !== 'text' && capabilities.sends.has(part.type)) return [part];
  const text = wellFormed(partAsText(part)).trim();
  if (text === '') return [];
  if (codePoints(text) <= capabilities.textLimit) return [{ type: 'text', text }];
  return splitText(text, capabilities.textLimit).map((piece) => ({ type: 'text', text: piece }));
}

/** Do these two say the same? Platforms change white space and Unicode form on the way, nothing else. */
export function samePart(a: MessagePart, b: MessagePart): boolean {
  if (a.type !== b.type) return false;
  return comparable(partAsText(a)) === comparable(partAsText(b));
}

import type { MessagePart } from '../contracts/message.ts';

/** `type` and `data` of `POST /im/messages` (reference section 7). */
export interface DeskMessage {
  type: 'message' | 'image' | 'audio' | 'video' | 'rich';
  data: { content: string; filename?: string; duration?: number };
}

export interface OutboundStyle {
  /**
   * How the agents' workbench shows the content of a `message`. `html` (default): the IM page says that text content may hold HTML tags.
   * `plain`: for a tenant whose workbench was seen to show tags as text; nothing is escaped then.
   */
  messageMarkup: 'html' | 'plain';
  /** Send videos as type `video`; off by default, because the parameter list of the call leaves that type out. */
  nativeVideo: boolean;
}

/**
 * A buyer's message as Udesk takes it. Media go by address, so the address must be reachable for Udesk.
 *
 *     { type: 'text', text: 'Where is <b>it</b>?' }  -> { type: 'message', data: { content: 'Where is &lt;b>it&lt;/b>?' } }
 *     { type: 'image', url: 'https://…/1.png' }      -> { type: 'image', data: { content: 'https://…/1.png' } }
 *     { type: 'order', orderId: '57…', link: 'https://…' } -> { type: 'rich', data: { content: 'Order 57…<br/><a href="https://…">…</a>' } }
 */
export function toDeskMessage(part: MessagePart, style: OutboundStyle): DeskMessage {
  switch (part.type) {
    case 'text':
      return text(part.text, style);
    case 'image':
      return isWebAddress(part.url)
        ? { type: 'image', data: { content: part.url } }
        : text(`[Image] ${part.url}`, style);
    case 'audio':
      if (!isWebAddress(part.url)) return text(`[Audio] ${part.url}`, style);
      return {
        type: 'audio',
        data: {
          content: part.url,
          ...(part.name === undefined ? {} : { filename: part.name }),
          ...(part.durationSec === undefined ? {} : { duration: part.durationSec }),
        },
      };
    case 'video':
      if (style.nativeVideo && isWebAddress(part.url)) return { type: 'video', data: { content: part.url } };
      return withLink(part.durationSec === undefined ? '[Video]' : `[Video, ${part.durationSec} s]`, part.url, style);
    case 'file':
      return withLink(part.name === undefined ? '[File]' : `[File] ${part.name}`, part.url, style);
    case 'sticker':
      return withLink('[Sticker]', part.url, style);
    case 'product':
      return withLink(titled(`Product ${part.productId}`, part.title), part.link, style);
    case 'order':
      return withLink(titled(`Order ${part.orderId}`, part.title), part.link, style);
    case 'return':
      return text(`[Return] order ${part.orderId}, item ${part.skuId}`, style);
    case 'coupon':
      return text(`[Coupon] ${part.couponId}`, style);
    case 'logistics':
      return text(
        `[Parcel] order ${part.orderId}${part.packageId === undefined ? '' : `, package ${part.packageId}`}`,
        style,
      );
    case 'context':
      return text(contextText(part), style);
    case 'notice':
      return text(part.text, style);
    case 'unknown':
      return text(
        part.text === undefined ? `[${part.label}: cannot be shown here]` : `[${part.label}] ${part.text}`,
        style,
      );
  }
}

function contextText(part: Extract<MessagePart, { type: 'context' }>): string {
  const about = [
    part.productId === undefined ? '' : `product ${part.productId}`,
    part.orderId === undefined ? '' : `order ${part.orderId}`,
  ].filter((item) => item !== '');
  const origin = part.from === 'transfer' ? 'another conversation' : part.from === 'order' ? 'an order' : 'a product';
  const head = about.length === 0 ? `[The buyer came from ${origin}]` : `[The buyer came from ${about.join(', ')}]`;
  return part.text === undefined ? head : `${head} ${part.text}`;
}

const titled = (head: string, title: string | undefined): string =>
  title === undefined ? `[${head}]` : `[${head}] ${title}`;

function text(content: string, style: OutboundStyle): DeskMessage {
  return { type: 'message', data: { content: style.messageMarkup === 'html' ? asHtml(content) : content } };
}

/** `rich` is shown as HTML by definition, so the link is clickable for the agent. */
function withLink(label: string, url: string | undefined, style: OutboundStyle): DeskMessage {
  if (url === undefined || url === '') return text(label, style);
  if (!isWebAddress(url)) return text(`${label} ${url}`, style);
  const safe = escapeAll(url);
  return { type: 'rich', data: { content: `${escapeAll(label)}<br/><a href="${safe}" target="_blank">${safe}</a>` } };
}

/**
 * Escapes only what a browser would read as markup: `<` before a letter, `/`, `!` or `?`, and `&` before a letter or `#` (so that
 * `?a=1&times=2` does not turn into a multiplication sign). Everything else, `3 < 5` and `Tom & Jerry` too, leaves byte for byte,
 * so that it reads well even where tags are not rendered. Line ends become `<br/>`, because HTML folds them.
 */
export const asHtml = (content: string): string =>
  content
    .replace(/&(?=[#A-Za-z])/g, '&amp;')
    .replace(/<(?=[A-Za-z/!?])/g, '&lt;')
    .replace(/\r\n|\r|\n/g, '<br/>');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeAll = (content: string): string => content.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

/** Only these become links or media: `javascript:` and `data:` stay text. */
export function isWebAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  return protocol === 'https:' || protocol === 'http:';
}

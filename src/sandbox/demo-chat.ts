import { tryParseJson } from '../common/json.ts';
import type { CastMember } from './demo-cast.ts';
import { fieldsOf, textOf } from './demo-text.ts';
import type { ChatLine, ChatView } from './demo-view.ts';
import type { ConversationView } from './tiktok/control-methods.ts';

const KEPT_LINES = 200;

export interface ChatWords {
  orderTitle(orderId: string): string | undefined;
  productTitle(productId: string): string | undefined;
  /** Same-origin address for a picture of the marketplace; `undefined` when it is not one. */
  picture(address: string, shopId: string): string | undefined;
}

/** A conversation as the buyer's phone shows it: hidden lines and markers stay out. */
export function chatView(conversation: ConversationView, buyer: CastMember, words: ChatWords): ChatView {
  return {
    conversationId: conversation.id,
    open: conversation.open,
    lines: conversation.messages
      .filter((message) => message.is_visible !== false && !textOf(message.type).startsWith('BUYER_ENTER_FROM'))
      .slice(-KEPT_LINES)
      .map((message) => chatLine(message, buyer, words)),
  };
}

function chatLine(message: ConversationView['messages'][number], buyer: CastMember, words: ChatWords): ChatLine {
  const content = fieldsOf(typeof message.content === 'string' ? tryParseJson(message.content) : undefined);
  const type = textOf(message.type);
  return {
    id: textOf(message.id),
    at: Number(message.create_time) * 1000,
    who: speakerOf(message.via),
    ...shown(type, content, buyer.shopId, words),
  };
}

function speakerOf(via: string): ChatLine['who'] {
  if (via === 'buyer') return 'buyer';
  if (via === 'api') return 'shop';
  return via === 'seller_app' ? 'staff' : 'platform';
}

function shown(
  type: string,
  content: Record<string, unknown>,
  shopId: string,
  words: ChatWords,
): Pick<ChatLine, 'kind' | 'text' | 'picture'> {
  switch (type) {
    case 'TEXT':
      return { kind: 'text', text: textOf(content.content) };
    case 'IMAGE':
    case 'EMOTICONS': {
      const kind = type === 'IMAGE' ? 'picture' : 'sticker';
      const picture = words.picture(textOf(content.url), shopId);
      return { kind, text: type === 'IMAGE' ? 'Picture' : 'Sticker', ...(picture === undefined ? {} : { picture }) };
    }
    case 'ORDER_CARD': {
      const orderId = textOf(content.order_id);
      return { kind: 'order', text: withTitle(`Order ${orderId}`, words.orderTitle(orderId)) };
    }
    case 'PRODUCT_CARD': {
      const productId = textOf(content.product_id);
      return { kind: 'product', text: words.productTitle(productId) ?? `Product ${productId}` };
    }
    case 'ALLOCATED_SERVICE':
    case 'NOTIFICATION':
      return { kind: 'notice', text: textOf(content.content) };
    default:
      return { kind: 'other', text: textOf(content.content) || type.replaceAll('_', ' ').toLowerCase() };
  }
}

const withTitle = (head: string, title: string | undefined): string =>
  title === undefined ? head : `${head}\n${title}`;

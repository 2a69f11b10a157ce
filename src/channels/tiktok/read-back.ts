import { comparable } from '../../common/text.ts';
import type { ReadBack, ReadBackRequest } from '../../contracts/channel.ts';
import type { MessagePart } from '../../contracts/message.ts';
import { readContent } from './content.ts';
import type { CustomerService } from './customer-service.ts';
import type { Images } from './images.ts';
import type { ApiMessage } from './schema.ts';

/** Clocks may differ by this much. */
const SKEW_MS = 5 * 60_000;
const MAX_PAGES = 10;

/**
 * Looks for a message of ours whose sending had no known outcome: newest lines first, down to five minutes before the first attempt, not
 * the buyer's, with the same content, and not one that another row of ours already claims. Of several the first at or after the attempt is
 * taken, because an identical older line is more likely somebody else's.
 */
export async function readBack(
  deps: { service: CustomerService; images: Images },
  request: ReadBackRequest,
): Promise<ReadBack> {
  const { conversation, part, taken, signal } = request;
  const oldestSec = Math.floor((request.since - SKEW_MS) / 1000);
  const sinceSec = Math.floor(request.since / 1000);
  const wanted = matcherOf(part, part.type === 'image' ? deps.images.uploadedUrl(conversation.shopId, part) : null);
  let best: ApiMessage | null = null;
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await deps.service.listMessages(conversation.shopId, conversation.externalId, pageToken, {
      priority: 'send',
      signal,
    });
    if (result.kind === 'failed') return { kind: 'cannot-tell', reason: result.reason };
    let reachedEnd = false;
    for (const line of result.data.messages) {
      const at = line.create_time ?? sinceSec;
      if (at < oldestSec) {
        reachedEnd = true;
        continue;
      }
      const buyers = line.sender.role === 'BUYER' || line.sender.im_user_id === conversation.buyerId;
      if (buyers || taken.has(line.id) || !wanted(line)) continue;
      best = pick(best, line, sinceSec);
    }
    pageToken = result.data.next_page_token;
    if (reachedEnd || pageToken === '')
      return best === null ? { kind: 'absent' } : { kind: 'found', externalId: best.id };
  }
  if (best !== null) return { kind: 'found', externalId: best.id };
  return { kind: 'cannot-tell', reason: 'too many lines since the attempt' };
}

/** The earliest at or after the attempt, else the latest before it. */
function pick(best: ApiMessage | null, line: ApiMessage, sinceSec: number): ApiMessage {
  if (best === null) return line;
  const at = line.create_time ?? sinceSec;
  const bestAt = best.create_time ?? sinceSec;
  if (at >= sinceSec) return bestAt >= sinceSec && bestAt < at ? best : line;
  return bestAt >= sinceSec || bestAt > at ? best : line;
}

/** An upload that this process does not remember is matched by its type alone, in the short window that is looked at. */
function matcherOf(part: MessagePart, uploadedUrl: string | null): (line: ApiMessage) => boolean {
  const said = (line: ApiMessage) => readContent(line.type, line.content);
  switch (part.type) {
    case 'text': {
      const text = comparable(part.text);
      return (line) => {
        const there = said(line);
        return there.type === 'text' && comparable(there.text) === text;
      };
    }
    case 'image':
      return (line) => {
        const there = said(line);
        return (
          there.type === 'image' && (uploadedUrl === null || withoutQuery(there.url) === withoutQuery(uploadedUrl))
        );
      };
    case 'video':
      return (line) => {
        const there = said(line);
        return there.type === 'video' && there.videoId === part.videoId;
      };
    default: {
      const card = identityOf(part);
      return (line) => card !== null && identityOf(said(line)) === card;
    }
  }
}

/** Addresses of media come back with signatures that expire. */
const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url;

function identityOf(part: MessagePart): string | null {
  switch (part.type) {
    case 'product':
      return `product ${part.productId}`;
    case 'order':
      return `order ${part.orderId}`;
    case 'return':
      return `return ${part.orderId} ${part.skuId}`;
    case 'coupon':
      return `coupon ${part.couponId}`;
    case 'logistics':
      return `logistics ${part.orderId} ${part.packageId ?? ''}`;
    default:
      return null;
  }
}

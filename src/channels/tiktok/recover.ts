import { LRUCache } from 'lru-cache';
import { type Clock, wait } from '../../common/clock.ts';
import type { RecoverRequest } from '../../contracts/channel.ts';
import type { InboundEvent } from '../../contracts/inbound.ts';
import type { Logger } from '../../contracts/logger.ts';
import { readContent } from './content.ts';
import type { CustomerService } from './customer-service.ts';
import { messageEvent, messageKeyOf, speakerOf } from './message-event.ts';
import type { ApiConversation, ApiMessage } from './schema.ts';
import { CHANNEL, type ShopDirectory } from './tokens.ts';

/** Bounds of one walk: 1,000 conversations of a shop, 100 lines of a conversation. */
const LIST_PAGES = 50;
const MESSAGE_PAGES = 10;
/** An answer this young may be one of ours whose sending is not written down yet: it is asked for once more after a pause. */
const FRESH_MS = 30_000;
const SETTLE_MS = 1_000;

export type Recover = (request: RecoverRequest) => AsyncIterable<InboundEvent[]>;

/**
 * Feeds what webhooks have missed. Of each conversation that looks newer than what we know, the trailing lines that nobody at the shop has
 * answered: a buyer's line before the newest visible answer that is not our own was dealt with. Older lines than `notBefore` are left alone.
 * Yields one batch per conversation, oldest line first. Runs at low priority; a refusal ends the walk of that shop quietly.
 */
export function createRecover(deps: {
  service: CustomerService;
  shops: Pick<ShopDirectory, 'listShops'>;
  clock: Clock;
  logger: Logger;
}): Recover {
  const { service, clock, logger } = deps;
  /** Conversation -> latest line at the last look: unread counts stay up after an answer by API, and need no second look. */
  const looked = new LRUCache<string, string>({ max: 20_000 });

  async function* recover(request: RecoverRequest): AsyncGenerator<InboundEvent[]> {
    for (const shop of await deps.shops.listShops(CHANNEL))
      if (shop.status !== 'revoked' && !request.signal?.aborted) yield* recoverShop(shop.shopId, request);
  }

  async function* recoverShop(shopId: string, request: RecoverRequest): AsyncGenerator<InboundEvent[]> {
    let pageToken = '';
    let newestFirst = true;
    let previousAt = Number.POSITIVE_INFINITY;
    for (let page = 0; page < LIST_PAGES; page++) {
      if (request.signal?.aborted) return;
      const result = await service.listConversations(shopId, pageToken, { priority: 'low', signal: request.signal });
      if (result.kind === 'failed') {
        logger.warn('tiktok.recover_stopped', { shopId, code: result.code, reason: result.reason });
        return;
      }
      const conversations = result.data.conversations;
      for (const conversation of conversations) {
        const at = latestAt(conversation);
        if (at > previousAt) newestFirst = false;
        previousAt = at;
      }
      const candidates = await candidatesOf(shopId, conversations, request);
      for (const conversation of candidates) {
        if (request.signal?.aborted) return;
        const events = await missingOf(shopId, conversation, request);
        if (events === null) return;
        if (events.length > 0) yield events;
        if (conversation.latest_message) looked.set(`${shopId} ${conversation.id}`, conversation.latest_message.id);
      }
      pageToken = result.data.next_page_token;
      if (pageToken === '') return;
      // The list's order is not documented: a page without news ends the walk only while the list has been seen to run newest first.
      if (candidates.length === 0 && newestFirst) return;
    }
  }

  async function candidatesOf(
    shopId: string,
    conversations: ApiConversation[],
    request: RecoverRequest,
  ): Promise<ApiConversation[]> {
    const recent = conversations.filter(
      (conversation) => !conversation.latest_message || latestAt(conversation) >= request.notBefore,
    );
    const latestIds = recent.flatMap((conversation) => conversation.latest_message?.id ?? []);
    const known = await request.known(latestIds.map((id) => messageKeyOf(shopId, id)));
    return recent.filter((conversation) => {
      const latest = conversation.latest_message;
      if (!latest) return conversation.unread_count > 0;
      if (looked.get(`${shopId} ${conversation.id}`) === latest.id) return false;
      const news = request.newsSince !== undefined && latestAt(conversation) >= request.newsSince;
      return news || !known.has(messageKeyOf(shopId, latest.id)) || conversation.unread_count > 0;
    });
  }

  /** `null`: reading failed, stop here and try at the next walk. */
  async function missingOf(
    shopId: string,
    conversation: ApiConversation,
    request: RecoverRequest,
  ): Promise<InboundEvent[] | null> {
    const missing: ApiMessage[] = [];
    const ownLines = async () =>
      (await request.own?.({ channel: CHANNEL, shopId, externalId: conversation.id })) ?? new Set<string>();
    let pageToken = '';
    for (let page = 0; page < MESSAGE_PAGES; page++) {
      const result = await service.listMessages(shopId, conversation.id, pageToken, {
        priority: 'low',
        signal: request.signal,
      });
      if (result.kind === 'failed') {
        logger.warn('tiktok.recover_stopped', { shopId, code: result.code, reason: result.reason });
        return null;
      }
      const lines = [...result.data.messages].sort(newestFirst);
      let read = trailingOf(lines, request.notBefore, await ownLines());
      if (request.own !== undefined && clock.now() - answeredAt(read) < FRESH_MS) {
        await wait(clock, SETTLE_MS, request.signal);
        read = trailingOf(lines, request.notBefore, await ownLines());
      }
      const { trailing, ended } = read;
      const buyers = trailing.filter((line) => speaker(line) === 'buyer');
      const known = await request.known(buyers.map((line) => messageKeyOf(shopId, line.id)));
      missing.push(...buyers.filter((line) => !known.has(messageKeyOf(shopId, line.id))));
      pageToken = result.data.next_page_token;
      if (ended || known.size > 0 || pageToken === '') break;
    }
    return missing
      .sort(newestFirst)
      .reverse()
      .map((line) => eventOf(shopId, conversation, line));
  }

  return recover;
}

const latestAt = (conversation: ApiConversation): number => (conversation.latest_message?.create_time ?? 0) * 1000;

const speaker = (line: ApiMessage) => speakerOf({ role: line.sender.role, type: line.type, visible: line.is_visible });

interface Trailing {
  /** From the newest. */
  trailing: ApiMessage[];
  /** There is no use in reading older lines. */
  ended: boolean;
  /** Somebody else's visible answer, at which the lines end. */
  answer: ApiMessage | null;
}

/** The lines after the newest visible answer of somebody else. */
function trailingOf(lines: ApiMessage[], notBefore: number, own: ReadonlySet<string>): Trailing {
  const trailing: ApiMessage[] = [];
  for (const line of lines) {
    const who = speaker(line);
    if (line.is_visible && (who === 'staff' || who === 'shop' || who === 'robot') && !own.has(line.id))
      return { trailing, ended: true, answer: line };
    if ((line.create_time ?? 0) * 1000 < notBefore) return { trailing, ended: true, answer: null };
    trailing.push(line);
  }
  return { trailing, ended: false, answer: null };
}

const answeredAt = ({ answer }: Trailing): number => (answer?.create_time ?? 0) * 1000;

/** By `index` (longer is larger, then by digits), else by time. */
function newestFirst(a: ApiMessage, b: ApiMessage): number {
  if (a.index !== null && b.index !== null && a.index !== b.index) {
    if (a.index.length !== b.index.length) return b.index.length - a.index.length;
    return a.index < b.index ? 1 : -1;
  }
  return (b.create_time ?? 0) - (a.create_time ?? 0);
}

function eventOf(shopId: string, conversation: ApiConversation, line: ApiMessage): InboundEvent {
  const participant = conversation.participants.find((one) => one.im_user_id === line.sender.im_user_id);
  const nickname = line.sender.nickname || participant?.nickname || '';
  const named = { ...line, sender: { ...line.sender, nickname } };
  return messageEvent(named, readContent(line.type, line.content), {
    shopId,
    conversationId: conversation.id,
    eventKey: `${CHANNEL}:${shopId}:p:${line.id}`,
    bodyHash: null,
    source: 'poll',
    fallbackAt: conversation.create_time === null ? 0 : conversation.create_time * 1000,
  });
}

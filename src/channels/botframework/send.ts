import type { Activity, CloudAdapter, ConversationReference } from 'botbuilder';
import { LRUCache } from 'lru-cache';
import { BuyerlineError } from '../../common/errors.ts';
import type { ChannelSend, SendOutcome } from '../../contracts/channel.ts';
import type { Conversation } from '../../contracts/conversation.ts';
import type { MessagePart } from '../../contracts/message.ts';
import { ConnectorRefusal } from './connector-http.ts';
import { serviceUrlProblem } from './local-caller.ts';
import type { References, StoredReference } from './references.ts';

/** What `TurnContext.turnState` holds under `ConnectorClientKey`, as far as we use it. */
interface Connector {
  conversations: {
    sendToConversation(
      conversationId: string,
      activity: Partial<Activity>,
      options: { abortSignal?: AbortSignal },
    ): Promise<{ id?: string } | undefined>;
  };
}

/** After so many lost answers in a row for one message, the bridge's back-off and its limit of attempts take over. */
const MAX_UNKNOWN = 2;

export function createSender(deps: {
  adapter: () => CloudAdapter;
  references: References;
  appId: string | null;
}): (send: ChannelSend) => Promise<SendOutcome> {
  const { references, appId } = deps;
  const lost = new LRUCache<string, number>({ max: 2_000 });

  const lostAgain = (ref: string, reason: string): SendOutcome => {
    const times = (lost.get(ref) ?? 0) + 1;
    lost.set(ref, times);
    if (times <= MAX_UNKNOWN) return { kind: 'unknown', reason };
    return refused('retry', 'OUTCOME_UNKNOWN', `${reason}, ${times} times; sent again`);
  };

  return async ({ conversation, part, ref, signal }) => {
    const reference = await references.find(conversation);
    if (reference === null) return refused('dead', 'NO_REFERENCE', 'it is not known where to answer this conversation');
    if (serviceUrlProblem(reference.serviceUrl, appId !== null) !== null)
      return refused('dead', 'NOT_LOCAL', 'without an app id only conversations of this machine are answered');
    const content = contentOf(part);
    if (content === null) return refused('text', 'NOT_SENDABLE', `a ${part.type} is told as text`);
    const activity = { ...addressed(reference, conversation), ...content };
    let externalId: string | null = null;
    try {
      const adapter = deps.adapter();
      const address = reference as Partial<ConversationReference>;
      await adapter.continueConversationAsync(appId ?? '', address, async (context) => {
        // Not context.sendActivity: it would name the turn's made-up activity as the one that is replied to.
        const connector: Connector | undefined = context.turnState.get(adapter.ConnectorClientKey);
        const sent = await connector?.conversations.sendToConversation(reference.conversation.id, activity, {
          abortSignal: signal,
        });
        externalId = sent?.id ?? null;
      });
    } catch (thrown) {
      if (thrown instanceof ConnectorRefusal) return outcomeOfRefusal(thrown, part);
      if (!(thrown instanceof BuyerlineError))
        // Everything of ours that writes to the network throws BuyerlineError: this came before, while a token was fetched.
        return refused('retry', 'NO_TOKEN', 'Microsoft gave no token for the app id: check its password and tenant');
      if (thrown.code === 'NETWORK_NOT_SENT') return refused('retry', thrown.code, thrown.message);
      return lostAgain(ref, thrown.message);
    }
    lost.delete(ref);
    return { kind: 'accepted', externalId };
  };
}

const refused = (
  next: Extract<SendOutcome, { kind: 'refused' }>['next'],
  code: string,
  reason: string,
  retryAfterMs?: number,
): SendOutcome => ({ kind: 'refused', next, code, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/**
 * Repeated: 429 and what Microsoft asks to repeat (412, 502, 504; page "Send and receive messages / Optimise your bot with rate limiting in Teams"),
 * with them every other 5xx and 401, which a fresh token may mend. 403 (the buyer removed or blocked the bot) and 404 end the conversation.
 */
function outcomeOfRefusal({ status, code, retryAfterMs }: ConnectorRefusal, part: MessagePart): SendOutcome {
  const reason = `the connector answered ${status}${code === String(status) ? '' : ` (${code})`}`;
  if (status === 401 || status === 408 || status === 412 || status === 429 || status >= 500)
    return refused('retry', code, reason, retryAfterMs);
  if (status === 403 || status === 404 || status === 410) return refused('closed', code, reason);
  return refused(part.type === 'text' ? 'dead' : 'text', code, reason);
}

function addressed(reference: StoredReference, conversation: Conversation): Partial<Activity> {
  const { buyerId, facts } = conversation;
  return {
    type: 'message',
    channelId: reference.channelId,
    serviceUrl: reference.serviceUrl,
    conversation: reference.conversation as Activity['conversation'],
    from: { id: reference.bot.id, name: reference.bot.name ?? '' },
    ...(buyerId === null ? {} : { recipient: { id: buyerId, name: facts.buyerName ?? '' } }),
  };
}

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

function contentOf(part: MessagePart): Partial<Activity> | null {
  // As Markdown, which is what a channel assumes otherwise, line breaks and numbered menus would fall together.
  if (part.type === 'text') return { text: part.text, textFormat: 'plain' };
  if (part.type !== 'image') return null;
  const extension = /\.(\w+)$/.exec(URL.canParse(part.url) ? new URL(part.url).pathname : '')?.[1]?.toLowerCase();
  return { attachments: [{ contentType: IMAGE_TYPES[extension ?? ''] ?? 'image/*', contentUrl: part.url }] };
}

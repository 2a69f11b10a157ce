import { type Activity, ActivityTypes } from 'botbuilder';
import { coerceError } from '../common/errors.ts';
import {
  END_EPISODE_EVENT,
  type HandoffInitiate,
  LEAVE_MESSAGE_EVENT,
  type LeaveMessage,
  type SayData,
} from '../contracts/bot.ts';
import type { Lookups } from '../contracts/lookups.ts';
import type { BuyerMessage } from '../contracts/message.ts';
import { changeOwner } from './owner.ts';
import { rememberTalk } from './packet.ts';
import { partAsText } from './part-text.ts';
import { sayPart, sayText } from './say.ts';
import type { TurnScope } from './turn-scope.ts';

export type BotInput =
  | { kind: 'messages'; messages: readonly BuyerMessage[] }
  | { kind: 'event'; name: string; value: unknown };

const HANDOFF_INITIATE = 'handoff.initiate';

export interface BotResult {
  /** How many messages to the buyer it drafted. */
  said: number;
  /** It asked for a person; the caller decides what becomes of that. */
  handoff: HandoffInitiate | null;
}

/**
 * Runs the bot once inside the turn and turns what it sent into the draft. A dialog that raises an error becomes the fallback reply, an empty
 * dialog stack and a handoff: the buyer is not left with silence, and the words drafted before the error are not sent half.
 */
export async function runBot(scope: TurnScope, input: BotInput): Promise<BotResult> {
  const { draft, claim } = scope;
  const { conversation } = draft;
  let collected: Partial<Activity>[];
  try {
    collected = await scope.adapter.runTurn(
      activityOf(scope, input),
      conversation.bot,
      {
        conversation,
        settings: draft.settings,
        messages: input.kind === 'messages' ? input.messages : [],
        language: scope.language(),
        lookups: scope.channel.lookups?.(conversation) ?? NO_LOOKUPS,
        hours: scope.hours(draft.now),
        now: draft.now,
        signal: scope.signal,
        note: (note) => draft.note(note.what, note.detail),
        learn: (facts) => {
          Object.assign(conversation.facts, facts);
        },
        wakeAt: (at) => {
          if (at === null) draft.cancelTimers('bot.wait');
          else draft.setTimer('bot.wait', Math.max(0, at - draft.now));
        },
      },
      (context) => scope.bot.onTurn(context),
    );
  } catch (thrown) {
    const error = coerceError(thrown);
    scope.logger.error('dialog.failed', {
      conversationId: claim.conversationId,
      code: 'DIALOG_FAILED',
      error: error.name,
    });
    draft.note('dialog.failed', error.message.slice(0, 300));
    conversation.bot = { talk: conversation.bot.talk };
    sayText(scope, 'fallback');
    return { said: 1, handoff: { reason: 'error', awaited: false } };
  }
  const result: BotResult = { said: 0, handoff: null };
  const before = draft.outbox.length;
  for (const activity of collected) applyActivity(scope, activity, result);
  rememberTalk(
    conversation.bot,
    draft.outbox.slice(before).flatMap((row) => {
      if (row.side !== 'buyer' || row.body.kind !== 'message') return [];
      return [{ who: 'bot' as const, text: partAsText(row.body.part) }];
    }),
  );
  return result;
}

function applyActivity(scope: TurnScope, activity: Partial<Activity>, result: BotResult): void {
  if (activity.type === ActivityTypes.Message) {
    result.said += sayActivity(scope, activity);
    return;
  }
  if (activity.type === ActivityTypes.EndOfConversation) {
    changeOwner(scope.draft, 'closed', 'the bot ended the conversation');
    return;
  }
  if (activity.type !== ActivityTypes.Event) return;
  if (activity.name === HANDOFF_INITIATE) {
    const asked: Partial<HandoffInitiate> = isObject(activity.value) ? activity.value : {};
    result.handoff = { ...asked, reason: asked.reason ?? 'dialog', awaited: asked.awaited === true };
  } else if (activity.name === LEAVE_MESSAGE_EVENT) {
    const left: Partial<LeaveMessage> = isObject(activity.value) ? activity.value : {};
    if (typeof left.text === 'string' && left.text.trim() !== '') {
      const { text, groupId, agentId } = left;
      scope.draft.ask({ kind: 'desk.leaveMessage', text, groupId, agentId }, { side: 'desk', origin: 'buyer' });
      scope.draft.note('message.left', 'for the agents');
    }
  } else if (activity.name === END_EPISODE_EVENT) {
    changeOwner(scope.draft, 'closed', 'the dialog ended the episode');
  }
}

function sayActivity(scope: TurnScope, activity: Partial<Activity>): number {
  const data: SayData = isObject(activity.channelData) ? activity.channelData : {};
  if (data.parts !== undefined) {
    let said = 0;
    for (const part of data.parts) said += sayPart(scope, part, 'bot', part.type === 'text' ? data.variants : []);
    return said;
  }
  let said = 0;
  if (typeof activity.text === 'string' && activity.text.trim() !== '')
    said += sayPart(scope, { type: 'text', text: withSuggestions(activity) }, 'bot', data.variants);
  for (const attachment of activity.attachments ?? []) {
    if (attachment.contentUrl === undefined) continue;
    const image = attachment.contentType.startsWith('image');
    said += sayPart(
      scope,
      image
        ? { type: 'image', url: attachment.contentUrl }
        : { type: 'file', url: attachment.contentUrl, name: attachment.name },
      'bot',
    );
  }
  return said;
}

/** Suggested actions of Bot Framework as a numbered list, because no marketplace has buttons. */
function withSuggestions(activity: Partial<Activity>): string {
  const titles = activity.suggestedActions?.actions.map((action) => action.title) ?? [];
  return [activity.text, ...titles.map((title, place) => `${place + 1}. ${title}`)].join('\n');
}

function activityOf(scope: TurnScope, input: BotInput): Partial<Activity> {
  const { conversation, now, turnId } = scope.draft;
  const base: Partial<Activity> = {
    id: turnId,
    channelId: conversation.channel,
    serviceUrl: 'urn:buyerline',
    timestamp: new Date(now),
    locale: scope.language(),
    conversation: {
      id: conversation.id,
      isGroup: false,
      conversationType: 'personal',
      tenantId: conversation.shopId,
      name: '',
    },
    from: { id: conversation.buyerId ?? conversation.id, name: conversation.facts.buyerName ?? '', role: 'user' },
    recipient: { id: conversation.shopId, name: '', role: 'bot' },
  };
  if (input.kind === 'event') return { ...base, type: ActivityTypes.Event, name: input.name, value: input.value };
  const texts = input.messages.flatMap((message) => (message.part.type === 'text' ? [message.part.text] : []));
  const attachments = input.messages.flatMap(({ part }) =>
    part.type === 'image' ? [{ contentType: 'image/*', contentUrl: part.url }] : [],
  );
  return {
    ...base,
    type: ActivityTypes.Message,
    text: texts.join('\n'),
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}

const failed = async () => ({ kind: 'failed' as const, reason: 'this channel has no look-ups' });
const NO_LOOKUPS: Lookups = { order: failed, recentOrders: failed, tracking: failed, product: failed };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import type { BuyerMessage, PartType } from '../contracts/message.ts';
import type { StoredInbound } from '../contracts/store.ts';
import { detectLanguage } from './detect-language.ts';
import { beginHandoff, botTurn, failHandoff } from './handoff.ts';
import { beginEpisode } from './owner.ts';
import { rememberTalk } from './packet.ts';
import { partAsText } from './part-text.ts';
import { readSurveyAnswer } from './survey.ts';
import { relayToDesk } from './turn-draft.ts';
import type { TurnScope } from './turn-scope.ts';
import { isLeaveWord } from './words.ts';

export interface BuyerLine {
  inboxId: number;
  message: BuyerMessage;
}

/** Markers, notices and what the marketplace's API cannot show: an agent sees them, the bot stays silent. */
const SILENT: ReadonlySet<PartType> = new Set(['context', 'notice', 'unknown']);

/**
 * What the buyer wrote since the last turn, as one: the owner decides where it goes. Invisible lines, notices and markers of where the buyer
 * came from are remembered but never answered.
 */
export async function handleBuyerMessages(scope: TurnScope, lines: BuyerLine[]): Promise<void> {
  const { draft } = scope;
  const { conversation } = draft;
  const seen = lines.filter(({ message }) => message.visible);
  if (seen.length < lines.length)
    draft.note('message.hidden', `${lines.length - seen.length} line(s) that the platform hides`);
  for (const { message } of seen) learnFacts(scope, message);
  const answerable = seen.filter(({ message }) => !SILENT.has(message.part.type));
  if (answerable.length === 0) {
    if (conversation.owner === 'agent' && conversation.desk.via === 'udesk')
      for (const { message } of seen) relayToDesk(draft, message.part);
    return;
  }
  conversation.lastBuyerAt = Math.max(conversation.lastBuyerAt ?? 0, ...answerable.map(({ message }) => message.at));
  const texts = answerable.flatMap(({ message }) => (message.part.type === 'text' ? [message.part.text] : []));
  if (texts.length > 0) {
    const { languages, market } = draft.settings;
    conversation.language = detectLanguage(texts.join('\n'), { languages, market, previous: conversation.language });
  }
  if (
    conversation.desk.openSurvey !== undefined &&
    answerable.length === 1 &&
    readSurveyAnswer(scope, texts[0] ?? null)
  )
    return;
  if (conversation.owner === 'closed') beginEpisode(scope.draft);
  switch (conversation.owner) {
    case 'bot':
    case 'urobot':
      await answerByBot(scope, answerable);
      return;
    case 'queue':
      await whileQueued(scope, answerable, texts);
      return;
    case 'agent':
      relayToAgent(scope, answerable);
      return;
  }
}

async function answerByBot(scope: TurnScope, lines: BuyerLine[]): Promise<void> {
  const { draft, claim } = scope;
  const { conversation, settings } = draft;
  draft.setTimer('episode.idle', settings.budgets.episodeIdleMs);
  if (settings.replyMode === 'off') {
    rememberTalk(conversation.bot, talkOf(lines));
    await beginHandoff(scope, { reason: 'reply_mode_off', awaited: false });
    for (const { message } of lines) if (conversation.owner === 'queue') relayToDesk(draft, message.part);
    return;
  }
  const all = superseded(scope, lines);
  const before = JSON.stringify(conversation.bot);
  const epochBefore = conversation.epoch;
  const desksBefore = draft.outbox.length;
  rememberTalk(conversation.bot, talkOf(lines));
  await botTurn(scope, { kind: 'messages', messages: all.map((line) => line.message) });
  if (settings.markRead && conversation.owner === 'bot')
    draft.ask({ kind: 'receipt.read' }, { side: 'receipt', origin: 'bridge' });
  const words = draft.outbox.slice(desksBefore).filter((row) => row.side === 'buyer');
  const onlyWords = draft.outbox.slice(desksBefore).every((row) => row.side !== 'desk');
  if (words.length > 0 && onlyWords && conversation.epoch === epochBefore && claim.inFlight.length === 0)
    draft.undo = {
      turnId: draft.turnId,
      bot: JSON.parse(before),
      inboxIds: all.map((line) => line.inboxId),
      rows: words.length,
    };
}

/**
 * A message that arrives while the answer to the last one still waits unsent supersedes that answer: the bot goes back to where it was and
 * answers both together. Only when not one row of that answer has begun to leave.
 */
function superseded(scope: TurnScope, lines: BuyerLine[]): BuyerLine[] {
  const { claim, draft } = scope;
  const { undo } = claim.conversation;
  if (undo === null || claim.inFlight.length > 0) return lines;
  const waiting = claim.unsent.filter((row) => row.turnId === undo.turnId);
  if (waiting.length === 0 || waiting.length !== undo.rows) return lines;
  const earlier = claim.undoEvents.filter(isBuyerEvent).map(toLine);
  if (earlier.length === 0) return lines;
  draft.supersede.push(...waiting.map((row) => row.id));
  draft.conversation.bot = undo.bot;
  draft.note('answer.superseded', `${waiting.length} unsent message(s): the buyer wrote more before they left`);
  return [...earlier, ...lines];
}

async function whileQueued(scope: TurnScope, lines: BuyerLine[], texts: string[]): Promise<void> {
  const { draft } = scope;
  const { conversation } = draft;
  if (texts.length === 1 && isLeaveWord(texts[0] ?? '')) {
    const { queueKey, handoff } = conversation.desk;
    if (queueKey !== undefined) draft.ask({ kind: 'desk.leaveQueue', queueKey }, { side: 'desk', origin: 'bridge' });
    draft.note('queue.left', 'the buyer asked to');
    await failHandoff(
      scope,
      { ...handoff, reason: handoff?.reason ?? 'dialog', dialog: undefined },
      'nobody_online',
      'handoff.left_queue',
    );
    conversation.bot = { talk: conversation.bot.talk };
    return;
  }
  for (const { message } of lines) relayToDesk(draft, message.part);
}

function relayToAgent(scope: TurnScope, lines: BuyerLine[]): void {
  const { draft } = scope;
  const { conversation, settings } = draft;
  if (conversation.desk.via === 'seller-app') {
    draft.note('message.left_to_staff', 'staff in the seller app own this conversation');
    draft.setTimer('takeover.idle', settings.budgets.takeoverIdleMs);
    return;
  }
  for (const { message } of lines) relayToDesk(draft, message.part);
  draft.cancelTimers('buyer.idle');
  if (conversation.desk.agentSpoke !== true) draft.setTimer('agent.silent', settings.budgets.agentSilentMs);
}

function learnFacts(scope: TurnScope, message: BuyerMessage): void {
  const { facts } = scope.draft.conversation;
  const { part } = message;
  if ('orderId' in part && part.orderId !== undefined) facts.orderId = part.orderId;
  if ('productId' in part && part.productId !== undefined) facts.productId = part.productId;
}

const isBuyerEvent = (row: StoredInbound): boolean => row.event.body.kind === 'buyer.message';

function toLine(row: StoredInbound): BuyerLine {
  if (row.event.body.kind !== 'buyer.message') throw new TypeError('not a buyer message');
  return { inboxId: row.id, message: row.event.body.message };
}

const talkOf = (lines: BuyerLine[]) =>
  lines.map(({ message }) => ({ who: 'buyer' as const, text: partAsText(message.part) }));

import { BOT_EVENTS, type HandoffInitiate, type HandoffStatus } from '../contracts/bot.ts';
import type { HandoffRequest } from '../contracts/conversation.ts';
import type { TextKey } from '../contracts/settings.ts';
import { changeOwner } from './owner.ts';
import { buildPacket } from './packet.ts';
import { type BotInput, runBot } from './run-bot.ts';
import { sayText } from './say.ts';
import type { TurnScope } from './turn-scope.ts';

/** More than one refused handoff in one turn is a dialog that asks again in the branch that answers a refusal. */
const MAX_HANDOFFS_IN_TURN = 2;

/** The bot's turn and, when it asked for a person, the way there. Answers how many messages were said. */
export async function botTurn(scope: TurnScope, input: BotInput): Promise<number> {
  const { said, handoff } = await runBot(scope, input);
  if (handoff === null) return said;
  const tries = scope.draft.notes.filter((note) => note.what === 'handoff.refused').length;
  if (tries >= MAX_HANDOFFS_IN_TURN)
    scope.draft.note('handoff.repeated', 'asked again inside its own refusal; not tried again in this turn');
  else await beginHandoff(scope, handoff);
  return said;
}

/**
 * Tells the buyer what became of a handoff. The bridge's words come first, unless the waiting dialog has said that it has its own for this
 * outcome; a dialog that then stays silent is helped out.
 */
export async function answerHandoff(
  scope: TurnScope,
  request: HandoffRequest,
  status: HandoffStatus,
  words: TextKey,
  values: Record<string, string | number> = {},
): Promise<void> {
  const own =
    request.dialog !== undefined && (request.ownWords === undefined || request.ownWords.includes(status.outcome));
  if (!own) sayText(scope, words, values);
  if (request.dialog === undefined) return;
  const said = await botTurn(scope, { kind: 'event', name: BOT_EVENTS.handoffStatus, value: status });
  if (own && said === 0) sayText(scope, words, values);
}

/**
 * The way to a person. Nothing is promised here: the outbox asks Udesk, and only the turn that gets Udesk's answer tells the buyer.
 * Outside opening hours (when the shop has set any) Udesk is not asked; the dialog's `closed` branch answers at once.
 */
export async function beginHandoff(scope: TurnScope, asked: HandoffInitiate): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  if (conversation.owner === 'queue' || conversation.owner === 'agent') {
    draft.note('handoff.repeated', 'a person is already asked for');
    return;
  }
  const request: HandoffRequest = {
    reason: asked.reason,
    groupId: asked.groupId ?? settings.handoff.groupId ?? undefined,
    agentId: asked.agentId ?? settings.handoff.agentId ?? undefined,
    note: asked.note,
    dialog: asked.awaited ? 'waiting' : undefined,
    ownWords: asked.ownWords,
  };
  const hours = scope.hours(draft.now);
  if (!hours.open) {
    draft.note('handoff.refused', 'outside opening hours');
    await failHandoff(scope, request, 'closed', 'handoff.closed', { opens: opensText(hours.opensAt, scope) });
    return;
  }
  if (conversation.customerToken === null) {
    draft.note('handoff.refused', 'the buyer has no customer token yet');
    await failHandoff(scope, request, 'unknown', 'handoff.unknown');
    return;
  }
  draft.note(
    'handoff.asked',
    [request.reason, request.groupId && `group ${request.groupId}`, request.note].filter(Boolean).join(', '),
  );
  conversation.desk = { customerId: conversation.desk.customerId, handoff: request };
  changeOwner(draft, 'queue', request.reason);
  draft.cancelTimers('episode.idle', 'bot.wait');
  draft.setTimer('queue.budget', settings.budgets.queueMs);
  draft.askForPerson({ kind: 'desk.open', request, packet: buildPacket(scope, request) });
}

/** Back to the bot with a reason: the waiting dialog's branch speaks, else the bridge does. */
export async function failHandoff(
  scope: TurnScope,
  request: HandoffRequest,
  outcome: Exclude<HandoffStatus['outcome'], 'open'>,
  words: TextKey,
  values: Record<string, string | number> = {},
): Promise<void> {
  const { draft } = scope;
  draft.cancelTimers('queue.poll', 'queue.budget');
  draft.conversation.desk = { customerId: draft.conversation.desk.customerId };
  if (draft.conversation.owner !== 'bot') changeOwner(draft, 'bot', `handoff failed: ${outcome}`);
  draft.setTimer('episode.idle', draft.settings.budgets.episodeIdleMs);
  await answerHandoff(scope, request, { state: 'failed', outcome }, words, values);
}

function opensText(opensAt: number | null, scope: TurnScope): string {
  if (opensAt === null) return '';
  const timeZone = scope.draft.settings.hours?.timeZone ?? 'UTC';
  return new Intl.DateTimeFormat(scope.language(), { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(
    opensAt,
  );
}

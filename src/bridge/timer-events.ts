import { coerceError } from '../common/errors.ts';
import { BOT_EVENTS } from '../contracts/bot.ts';
import type { TimerName } from '../contracts/inbound.ts';
import { endAgentSession } from './desk-events.ts';
import { beginHandoff, botTurn, failHandoff } from './handoff.ts';
import { changeOwner } from './owner.ts';
import { sayText } from './say.ts';
import { endSurvey } from './survey.ts';
import type { TurnScope } from './turn-scope.ts';

/** A wait is over. A timer that lost its reason (the owner changed meanwhile) does nothing. */
export async function handleTimer(scope: TurnScope, name: TimerName): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  const { owner, desk } = conversation;
  switch (name) {
    case 'queue.poll':
      if (owner === 'queue') await pollQueue(scope);
      return;
    case 'queue.budget':
      if (owner !== 'queue') return;
      if (desk.queueKey !== undefined)
        draft.ask({ kind: 'desk.leaveQueue', queueKey: desk.queueKey }, { side: 'desk', origin: 'bridge' });
      draft.note('queue.budget_spent', `${Math.round(settings.budgets.queueMs / 1000)} s`);
      await failHandoff(scope, desk.handoff ?? { reason: 'dialog' }, 'nobody_online', 'handoff.gave_up');
      return;
    case 'agent.silent':
      if (owner !== 'agent' || desk.agentSpoke === true || desk.via === 'seller-app') return;
      draft.note('agent.silent', 'no word yet');
      sayText(scope, 'agent.silent');
      return;
    case 'buyer.idle':
      if (owner !== 'agent' || desk.via === 'seller-app') return;
      if (desk.sessionId !== undefined)
        draft.ask({ kind: 'desk.close', sessionId: desk.sessionId }, { side: 'desk', origin: 'bridge' });
      endAgentSession(scope, 'the buyer stopped answering', 'buyer.idle_closed');
      return;
    case 'transfer.wait':
      if (owner === 'agent' && desk.awaitingTransfer === true)
        endAgentSession(scope, 'redirected, but no new session came');
      return;
    case 'survey.window':
      endSurvey(scope, 'time is over');
      return;
    case 'takeover.idle':
      if (owner !== 'agent' || desk.via !== 'seller-app') return;
      await endTakeover(scope);
      return;
    case 'bot.wait':
      if (owner === 'bot') await botTurn(scope, { kind: 'event', name: BOT_EVENTS.wait, value: {} });
      return;
    case 'episode.idle':
      if (owner !== 'bot') return;
      conversation.bot = {};
      changeOwner(draft, 'closed', 'nobody wrote for a long time');
      return;
  }
}

async function pollQueue(scope: TurnScope): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  const { desk } = conversation;
  draft.setTimer('queue.poll', settings.budgets.queuePollMs);
  if (conversation.customerToken === null) return;
  const status = await scope.desk.queueStatus(conversation.customerToken, scope.signal).catch((thrown: unknown) => {
    draft.note('queue.poll_failed', coerceError(thrown).name);
    return null;
  });
  if (status === null) return;
  switch (status.state) {
    case 'queued': {
      desk.queuePlace = status.place;
      const told = desk.toldPlace ?? Number.POSITIVE_INFINITY;
      // Told on a large change (half the way) and at the front, so that a long queue does not become a stream of numbers.
      if (status.place < told && (status.place <= told / 2 || status.place === 1)) {
        desk.toldPlace = status.place;
        sayText(scope, 'handoff.queue_moved', { place: status.place });
      }
      if (desk.queueKey === undefined && desk.handoff !== undefined) reopen(scope);
      return;
    }
    case 'assigning':
      return;
    case 'in_session':
      // In session, and no push told us: asking again is the documented way to learn the session's id.
      reopen(scope);
      return;
    case 'not_queued':
      draft.note('queue.lost', 'Udesk does not know the buyer in its queue');
      await failHandoff(scope, desk.handoff ?? { reason: 'dialog' }, 'nobody_online', 'handoff.gave_up');
      return;
  }
}

function reopen(scope: TurnScope): void {
  const { draft } = scope;
  const request = draft.conversation.desk.handoff ?? { reason: 'dialog' };
  draft.ask({ kind: 'desk.open', request, packet: '' }, { side: 'desk', origin: 'bridge' });
  draft.note('handoff.asked_again', 'to learn the session or the queue key');
}

/** Staff in the seller app went quiet. An unanswered buyer goes to Udesk; an answered one may talk to the bot again. */
async function endTakeover(scope: TurnScope): Promise<void> {
  const { draft, claim } = scope;
  const { conversation } = draft;
  const unanswered = conversation.lastBuyerAt !== null && conversation.lastBuyerAt > (conversation.desk.staffAt ?? 0);
  conversation.desk = { customerId: conversation.desk.customerId };
  if (!unanswered) {
    changeOwner(draft, 'closed', 'staff in the seller app are done');
    return;
  }
  draft.note('staff.silent', `unanswered in ${claim.conversationId}`);
  changeOwner(draft, 'bot', 'staff in the seller app stopped answering');
  await beginHandoff(scope, { reason: 'staff_silent', awaited: false });
}

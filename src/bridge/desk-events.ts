import type { Survey } from '../contracts/conversation.ts';
import type { DeskOpenFacts, InboundBody } from '../contracts/inbound.ts';
import { answerHandoff, failHandoff } from './handoff.ts';
import { changeOwner } from './owner.ts';
import { buildPacket } from './packet.ts';
import { sayPart, sayText } from './say.ts';
import { askSurvey, endSurvey } from './survey.ts';
import type { TurnScope } from './turn-scope.ts';

type DeskBody = Extract<InboundBody, { kind: `desk.${string}` }>;

/** Everything Udesk tells us about a conversation. Repeats and late arrivals are ordinary: each branch asks what is true now. */
export async function handleDeskEvent(scope: TurnScope, body: DeskBody): Promise<void> {
  const { draft } = scope;
  const { conversation } = draft;
  switch (body.kind) {
    case 'desk.started':
      await bindSession(scope, body);
      return;
    case 'desk.message': {
      const current = body.sessionId === null || body.sessionId === conversation.desk.sessionId;
      const late = conversation.desk.aliases?.includes(body.sessionId ?? '') === true;
      if (!current && !late && body.sessionId !== null)
        await bindSession(scope, { sessionId: body.sessionId, agentName: body.agentName }, true);
      else if (conversation.owner !== 'agent' && body.sessionId !== null)
        await bindSession(scope, { sessionId: body.sessionId, agentName: body.agentName }, true);
      conversation.desk.agentSpoke = true;
      draft.cancelTimers('agent.silent');
      draft.setTimer('buyer.idle', draft.settings.budgets.buyerIdleMs);
      let said = 0;
      for (const part of body.parts)
        said += sayPart(scope, part, 'agent', [], body.agentName ?? conversation.desk.agentName);
      if (said === 0) draft.note('agent.message_empty', 'nothing that the marketplace can show');
      return;
    }
    case 'desk.transferred': {
      const old = conversation.desk.sessionId;
      if (old === body.sessionId) return;
      conversation.desk = {
        ...conversation.desk,
        via: 'udesk',
        sessionId: body.sessionId,
        aliases: [...(conversation.desk.aliases ?? []), ...(old === undefined ? [] : [old])].slice(-10),
        agentId: body.agentId ?? conversation.desk.agentId,
        agentName: body.agentName ?? conversation.desk.agentName,
        awaitingTransfer: undefined,
      };
      draft.cancelTimers('transfer.wait', 'survey.window');
      conversation.desk.openSurvey = undefined;
      if (conversation.owner !== 'agent') changeOwner(draft, 'agent', 'transferred in Udesk', true);
      draft.note('session.transferred', `to session ${body.sessionId}${body.agentName ? `, ${body.agentName}` : ''}`);
      return;
    }
    case 'desk.closed':
      closeByDesk(scope, body);
      return;
    case 'desk.survey':
      askSurvey(scope, body.sessionId, body.survey ?? conversation.desk.survey);
      return;
    case 'desk.read':
      draft.note('agent.read', `${body.messageIds.length} message(s)`);
      if (draft.settings.markRead) draft.ask({ kind: 'receipt.read' }, { side: 'receipt', origin: 'bridge' });
      return;
    case 'desk.ignored':
      draft.note('desk.ignored', body.what);
      return;
  }
}

/** A person is there. Idempotent: the push and the answer of session creation both say so, in either order. */
export async function bindSession(
  scope: TurnScope,
  session: {
    sessionId: string;
    agentId?: string;
    agentName?: string;
    customerId?: string;
    survey?: Survey;
    packetSent?: boolean;
  },
  quiet = false,
): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  const { desk } = conversation;
  const already = conversation.owner === 'agent' && desk.sessionId === session.sessionId;
  const asked = conversation.owner === 'queue' ? desk.handoff : undefined;
  const fresh = desk.sessionId !== session.sessionId;
  conversation.desk = {
    ...desk,
    via: 'udesk',
    sessionId: session.sessionId,
    aliases:
      fresh && desk.sessionId !== undefined ? [...(desk.aliases ?? []), desk.sessionId].slice(-10) : desk.aliases,
    customerId: session.customerId ?? desk.customerId,
    agentId: session.agentId ?? desk.agentId,
    agentName: session.agentName ?? desk.agentName,
    survey: session.survey ?? desk.survey,
    queueKey: undefined,
    queuePlace: undefined,
    toldPlace: undefined,
    awaitingTransfer: undefined,
  };
  if (already) return;
  endSurvey(scope, 'a person is here again');
  draft.cancelTimers('queue.poll', 'queue.budget', 'takeover.idle', 'transfer.wait', 'episode.idle', 'bot.wait');
  draft.setTimer('agent.silent', settings.budgets.agentSilentMs);
  changeOwner(
    draft,
    'agent',
    `session ${session.sessionId}${session.agentName ? ` with ${session.agentName}` : ''}`,
    true,
  );
  // The answer of session creation carries the packet with it; a push does not.
  if (session.packetSent !== true && fresh) {
    const request = asked ?? desk.handoff ?? { reason: 'desk' };
    draft.ask(
      { kind: 'message', part: { type: 'text', text: buildPacket(scope, request) } },
      { side: 'desk', origin: 'bridge' },
    );
  }
  if (quiet || asked === undefined) return;
  const facts: DeskOpenFacts = {
    state: 'assigned',
    sessionId: session.sessionId,
    agentId: session.agentId,
    agentName: session.agentName,
  };
  await answerHandoff(scope, asked, { state: 'accepted', outcome: 'open', facts }, 'handoff.accepted', {
    agent: session.agentName ?? '',
  });
}

/** Udesk's answer to the request for a person. */
export async function handleOpened(scope: TurnScope, facts: DeskOpenFacts): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  if (facts.state === 'assigned') {
    await bindSession(scope, facts);
    return;
  }
  // A push was faster and a person is there already, or the wait was given up: the answer is history.
  if (conversation.owner !== 'queue') {
    draft.note('handoff.answered_late', facts.state);
    return;
  }
  if ('customerId' in facts && facts.customerId !== undefined) conversation.desk.customerId = facts.customerId;
  const request = conversation.desk.handoff ?? { reason: 'dialog' };
  switch (facts.state) {
    case 'queued': {
      const told = conversation.desk.toldPlace;
      conversation.desk = {
        ...conversation.desk,
        queueKey: facts.queueKey === '' ? undefined : facts.queueKey,
        queuePlace: facts.place,
        toldPlace: facts.place,
      };
      draft.setTimer('queue.poll', settings.budgets.queuePollMs);
      if (told !== facts.place) sayText(scope, 'handoff.queued', { place: facts.place });
      draft.note('queue.entered', `place ${facts.place}`);
      return;
    }
    case 'assigning':
      conversation.desk.queuePlace = 0;
      draft.setTimer('queue.poll', settings.budgets.queuePollMs);
      draft.note('queue.assigning');
      return;
    case 'nobody_online':
      draft.note('handoff.failed', 'nobody is online');
      await failHandoff(scope, request, 'nobody_online', 'handoff.nobody_online');
      return;
    case 'unknown':
      draft.note('handoff.failed', facts.reason);
      await failHandoff(scope, request, 'unknown', 'handoff.unknown');
      return;
  }
}

/** The agent's session was gone while the buyer wrote: the same waiting room again, but nothing is announced when a person is there at once. */
export async function handleReopened(scope: TurnScope, facts: DeskOpenFacts): Promise<void> {
  const { draft } = scope;
  const { conversation, settings } = draft;
  if (conversation.owner !== 'agent') {
    draft.note('session.reopened_late', facts.state);
    return;
  }
  draft.note('session.reopened', facts.state);
  if (facts.state === 'assigned') {
    await bindSession(scope, { ...facts, packetSent: true }, true);
    return;
  }
  const { sessionId, aliases, customerId, handoff } = conversation.desk;
  conversation.desk = {
    customerId,
    handoff: handoff ?? { reason: 'session_gone' },
    aliases: [...(aliases ?? []), ...(sessionId === undefined ? [] : [sessionId])],
  };
  draft.cancelTimers('agent.silent', 'buyer.idle');
  changeOwner(draft, 'queue', 'the session was gone');
  draft.setTimer('queue.budget', settings.budgets.queueMs);
  await handleOpened(scope, facts);
}

function closeByDesk(scope: TurnScope, body: Extract<DeskBody, { kind: 'desk.closed' }>): void {
  const { draft } = scope;
  const { conversation, settings } = draft;
  const { desk } = conversation;
  if (desk.sessionId !== body.sessionId) {
    draft.note('session.closed', `earlier session ${body.sessionId}`);
    return;
  }
  if (body.survey !== undefined) desk.survey = body.survey;
  if (body.how === 'redirect') {
    desk.awaitingTransfer = true;
    draft.setTimer('transfer.wait', settings.budgets.transferMs);
    draft.note('session.redirected', 'waiting for the new session');
    return;
  }
  if (conversation.owner !== 'agent') {
    draft.note('session.closed', `session ${body.sessionId}, owner is ${conversation.owner}`);
    return;
  }
  endAgentSession(scope, body.how === 'force' ? 'closed by force in Udesk' : 'closed in Udesk');
}

/** The person is done: the survey when there is one, else a word, and the next message begins a new episode. */
export function endAgentSession(
  scope: TurnScope,
  why: string,
  words: 'agent.closed' | 'buyer.idle_closed' = 'agent.closed',
): void {
  const { draft } = scope;
  const { conversation } = draft;
  const { sessionId, survey, customerId, aliases } = conversation.desk;
  draft.cancelTimers('agent.silent', 'buyer.idle', 'transfer.wait', 'takeover.idle');
  const openSurvey = conversation.desk.openSurvey;
  // The session id stays, so that late pushes and the rating find the conversation.
  conversation.desk = { customerId, sessionId, aliases, openSurvey };
  changeOwner(draft, 'closed', why);
  const asked =
    openSurvey !== undefined ||
    (sessionId !== undefined && survey?.afterSession === true && askSurvey(scope, sessionId, survey));
  if (!asked) sayText(scope, words);
}

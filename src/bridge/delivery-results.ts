import type { InboundBody } from '../contracts/inbound.ts';
import { handleOpened, handleReopened } from './desk-events.ts';
import { beginHandoff } from './handoff.ts';
import { changeOwner } from './owner.ts';
import type { TurnScope } from './turn-scope.ts';

/** What a delivery brought back that the conversation must react to. */
export async function handleDeliveryResult(
  scope: TurnScope,
  body: Extract<InboundBody, { kind: 'delivery.result' }>,
): Promise<void> {
  const { draft } = scope;
  const { conversation } = draft;
  const { result } = body;
  switch (result.kind) {
    case 'desk.opened':
      await handleOpened(scope, result.outcome);
      return;
    case 'desk.reopened':
      await handleReopened(scope, result.outcome);
      return;
    case 'desk.closed':
    case 'desk.left':
      draft.note(result.kind);
      return;
    case 'closed':
      draft.note('buyer.unreachable', result.reason);
      if (conversation.owner === 'agent' && conversation.desk.via === 'udesk') tellAgent(scope, result.reason);
      else if (conversation.owner === 'bot')
        changeOwner(draft, 'closed', 'the marketplace allows no message to this buyer');
      return;
    case 'dead':
      draft.note('delivery.given_up', result.reason);
      if (conversation.owner === 'agent' && conversation.desk.via === 'udesk') tellAgent(scope, result.reason);
      // The bot cannot find other words by itself; a person can.
      else if (conversation.owner === 'bot' && result.why === 'wording')
        await beginHandoff(scope, { reason: 'undeliverable', note: result.reason, awaited: false });
      return;
  }
}

function tellAgent(scope: TurnScope, reason: string): void {
  const chinese = scope.draft.settings.agentLanguage.startsWith('zh');
  const text = chinese ? `【未送达买家】${reason}` : `[Not delivered to the buyer] ${reason}`;
  scope.draft.ask({ kind: 'message', part: { type: 'text', text } }, { side: 'desk', origin: 'bridge' });
}

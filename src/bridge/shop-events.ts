import type { InboundBody } from '../contracts/inbound.ts';
import { changeOwner } from './owner.ts';
import { partAsText, samePart } from './part-text.ts';
import type { TurnScope } from './turn-scope.ts';

/**
 * A line on the marketplace that the buyer did not write. Our own echo (known id, or the same words while a send is under way) settles that send.
 * A person in the seller app is a takeover. Automation is recorded only.
 */
export async function handleShopMessage(
  scope: TurnScope,
  body: Extract<InboundBody, { kind: 'shop.message' }>,
): Promise<void> {
  const { draft, claim } = scope;
  const { conversation, settings } = draft;
  const { message, sender } = body;
  const settledRows = new Set(draft.settled.map((row) => row.outboxId));
  const own = claim.inFlight.find(
    (row) => !settledRows.has(row.id) && row.body.kind === 'message' && samePart(row.body.part, message.part),
  );
  if (own !== undefined) {
    draft.settled.push({ outboxId: own.id, externalId: message.id });
    draft.note('echo.matched', `message ${message.id}`);
    return;
  }
  if ((await scope.sentIds()).has(message.id)) {
    draft.note('echo.matched', `message ${message.id}`);
    return;
  }
  const spoken = message.part.type !== 'context' && message.part.type !== 'notice' && message.visible;
  if (sender !== 'staff' || !spoken) {
    draft.note('line.recorded', `${sender}: ${message.part.type}`);
    return;
  }
  if (conversation.owner === 'agent' && conversation.desk.via === 'udesk') {
    // Two people on one buyer: the one in Udesk must see what the other wrote.
    draft.ask(
      { kind: 'message', part: { type: 'text', text: `[seller app] ${partAsText(message.part)}` } },
      { side: 'desk', origin: 'bridge' },
    );
    changeOwner(draft, 'agent', 'staff answered in the seller app beside the Udesk agent', true);
    return;
  }
  const { queueKey, customerId } = conversation.desk;
  if (conversation.owner === 'queue' && queueKey !== undefined)
    draft.ask({ kind: 'desk.leaveQueue', queueKey }, { side: 'desk', origin: 'bridge' });
  draft.cancelTimers();
  conversation.desk = { customerId, via: 'seller-app', agentSpoke: true, staffAt: message.at };
  // The dialog's place is lost on purpose: what it asked has been answered by a person.
  conversation.bot = { talk: conversation.bot.talk };
  changeOwner(draft, 'agent', 'staff answered in the seller app', true);
  draft.setTimer('takeover.idle', settings.budgets.takeoverIdleMs);
}

import type { Owner } from '../contracts/conversation.ts';
import type { TurnDraft } from './turn-draft.ts';

/**
 * The only file that changes who may speak. Each change grows the epoch, which makes every waiting word of the bot or the bridge stale:
 * the outbox drops such a word when it is claimed, and shows it as dropped.
 *
 * `takeover`: a person began to speak, so words that this very turn has drafted are taken back as well. In every other change they stay:
 * they were decided with the change in view.
 */
export function changeOwner(draft: TurnDraft, to: Owner, why: string, takeover = false): void {
  const from = draft.conversation.owner;
  if (from === to && !takeover) return;
  draft.conversation.owner = to;
  draft.conversation.epoch += 1;
  // What this visit was about must not stand in the notes of the next one, whose marker ("came from product X") may come before its first word.
  if (to === 'closed')
    draft.conversation.facts = { ...draft.conversation.facts, orderId: undefined, productId: undefined };
  draft.undo = null;
  if (takeover) {
    const taken = draft.withdrawWords();
    if (taken > 0) draft.note('outbound.withdrawn', `${taken} answer(s) not sent: a person took over`);
  }
  draft.note('owner.changed', `${from} -> ${to}: ${why}`);
  draft.ownerChanges.push({ from, to });
}

/** A new episode: the bot owns it, nothing of the last handoff or of the last dialog is left over. */
export function beginEpisode(draft: TurnDraft): void {
  const { conversation } = draft;
  conversation.episode += 1;
  conversation.desk = conversation.desk.customerId === undefined ? {} : { customerId: conversation.desk.customerId };
  conversation.bot = {};
  draft.cancelTimers();
  changeOwner(draft, 'bot', 'the buyer wrote again');
}

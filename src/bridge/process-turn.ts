import type { Bot } from '../contracts/bot.ts';
import type { Channel } from '../contracts/channel.ts';
import type { Desk } from '../contracts/desk.ts';
import type { Logger } from '../contracts/logger.ts';
import type { BridgeSettings } from '../contracts/settings.ts';
import type { Store, StoredInbound, TurnClaim, TurnCommit } from '../contracts/store.ts';
import type { BridgeAdapter } from './bridge-adapter.ts';
import { type BuyerLine, handleBuyerMessages } from './buyer-messages.ts';
import { handleDeliveryResult } from './delivery-results.ts';
import { handleDeskEvent } from './desk-events.ts';
import { handleShopMessage } from './shop-events.ts';
import { handleTimer } from './timer-events.ts';
import { createTurnDraft, type TurnDraft } from './turn-draft.ts';
import type { TurnScope } from './turn-scope.ts';

export interface TurnParts {
  store: Store;
  channel(name: string): Channel | undefined;
  desk: Desk;
  bot: Bot;
  adapter: BridgeAdapter;
  settings: BridgeSettings;
  shopRegion(channel: string, shopId: string): string | null | undefined;
  hours(settings: ReturnType<BridgeSettings['forShop']>, at: number): { open: boolean; opensAt: number | null };
  logger: Logger;
}

/**
 * One turn: everything due in one conversation, in order, to one commit. Buyer messages that stand together are one burst. Nothing is written
 * and no writing API is called here; reading calls (look-ups, queue place) are allowed.
 */
export async function processTurn(
  parts: TurnParts,
  claim: TurnClaim,
  now: number,
  signal: AbortSignal,
): Promise<{ commit: TurnCommit; ownerChanges: TurnDraft['ownerChanges'] }> {
  const { conversation } = claim;
  const channel = parts.channel(conversation.channel);
  if (channel === undefined)
    return {
      commit: unhandled(claim, now, `no channel named ${conversation.channel} is configured`),
      ownerChanges: [],
    };
  const region = parts.shopRegion(conversation.channel, conversation.shopId) ?? null;
  const settings = parts.settings.forShop(conversation.channel, conversation.shopId, region);
  // A copy: the claim keeps what was true before the turn (undo, for one).
  const draft = createTurnDraft(
    { ...conversation, facts: { ...conversation.facts }, desk: { ...conversation.desk } },
    settings,
    now,
  );
  let sentIds: Promise<ReadonlySet<string>> | undefined;
  const scope: TurnScope = {
    claim,
    draft,
    channel,
    desk: parts.desk,
    bot: parts.bot,
    adapter: parts.adapter,
    logger: parts.logger,
    signal,
    texts: (key, language) => parts.settings.text(key, language),
    hours: (at) => parts.hours(settings, at),
    sentIds: () => {
      sentIds ??= parts.store.sentExternalIds(claim.conversationId, 100).then((ids) => new Set(ids));
      return sentIds;
    },
    language: () => draft.conversation.language ?? settings.languages[0] ?? 'en',
  };
  let burst: BuyerLine[] = [];
  const flush = async () => {
    if (burst.length === 0) return;
    const lines = burst;
    burst = [];
    await handleBuyerMessages(scope, lines);
  };
  for (const row of claim.events) {
    if (row.event.body.kind === 'buyer.message') burst.push({ inboxId: row.id, message: row.event.body.message });
    else {
      await flush();
      await handleEvent(scope, row);
    }
  }
  await flush();
  const commit: TurnCommit = {
    claim: { conversationId: claim.conversationId, workerId: claim.workerId, leaseToken: claim.leaseToken },
    version: conversation.version,
    now,
    turnId: draft.turnId,
    handled: claim.events.map((row) => row.id),
    conversation: draft.conversation,
    outbox: draft.outbox,
    supersede: draft.supersede,
    settled: draft.settled,
    timers: draft.timers(),
    notes: draft.notes,
    undo: draft.undo,
  };
  return { commit, ownerChanges: draft.ownerChanges };
}

async function handleEvent(scope: TurnScope, row: StoredInbound): Promise<void> {
  const { body } = row.event;
  switch (body.kind) {
    case 'buyer.message':
      return;
    case 'shop.message':
      return handleShopMessage(scope, body);
    case 'timer.due':
      return handleTimer(scope, body.name);
    case 'delivery.result':
      return handleDeliveryResult(scope, body);
    case 'desk.started':
    case 'desk.message':
    case 'desk.transferred':
    case 'desk.closed':
    case 'desk.survey':
    case 'desk.read':
    case 'desk.ignored':
      return handleDeskEvent(scope, body);
    case 'conversation.changed':
    case 'order.changed':
    case 'authorization.changed':
    case 'other':
      scope.draft.note('event.recorded', body.kind);
      return;
  }
}

function unhandled(claim: TurnClaim, now: number, reason: string): TurnCommit {
  return {
    claim: { conversationId: claim.conversationId, workerId: claim.workerId, leaseToken: claim.leaseToken },
    version: claim.conversation.version,
    now,
    turnId: `none-${claim.leaseToken}-${now}`,
    handled: [],
    dead: claim.events.map((row) => ({ id: row.id, reason })),
    conversation: claim.conversation,
    outbox: [],
    supersede: [],
    settled: [],
    timers: { set: [], cancel: [] },
    notes: [{ what: 'turn.refused', detail: reason }],
    undo: null,
  };
}

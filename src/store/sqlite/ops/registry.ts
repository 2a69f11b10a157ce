import { claimDeliveries } from './claim-deliveries.ts';
import { claimTurns } from './claim-turns.ts';
import { commitTurn } from './commit-turn.ts';
import { findConversations, getConversation, listConversations, scanForId } from './conversations.ts';
import { counts } from './counts.ts';
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from './dead-letters.ts';
import { failTurn } from './fail-turn.ts';
import { ingest } from './ingest.ts';
import { heartbeat, sweepLeases } from './leases.ts';
import { listAside, putAside, takeAside } from './put-aside.ts';
import { recordDelivery } from './record-delivery.ts';
import { forgetSeen, knownMessages } from './seen.ts';
import {
  getCredentials,
  getMeta,
  getShop,
  listShops,
  probe,
  putMeta,
  putShop,
  removeShop,
  saveCredentials,
} from './shops.ts';
import { sentExternalIds, timeline } from './timeline.ts';
import { fireTimers, nextDueAt } from './timers.ts';

/** Every operation by name: what the store calls, and what a worker thread looks up. */
export const operations = {
  claimDeliveries,
  claimTurns,
  commitTurn,
  counts,
  dropDeadLetter,
  failTurn,
  findConversations,
  fireTimers,
  forgetSeen,
  getConversation,
  getCredentials,
  getMeta,
  getShop,
  heartbeat,
  ingest,
  knownMessages,
  listAside,
  listConversations,
  listDeadLetters,
  listShops,
  nextDueAt,
  probe,
  putAside,
  putMeta,
  putShop,
  recordDelivery,
  removeShop,
  retryDeadLetter,
  saveCredentials,
  scanForId,
  sentExternalIds,
  sweepLeases,
  takeAside,
  timeline,
};

export type OperationName = keyof typeof operations;
export type ArgsOf<N extends OperationName> = Parameters<(typeof operations)[N]> extends [unknown, infer A] ? A : null;
export type ResultOf<N extends OperationName> = ReturnType<(typeof operations)[N]>;

/** Operations that write nothing: a group of them alone does not take the write lock. */
export const READS: ReadonlySet<OperationName> = new Set<OperationName>([
  'counts',
  'findConversations',
  'getConversation',
  'getCredentials',
  'getMeta',
  'getShop',
  'knownMessages',
  'listAside',
  'listConversations',
  'listDeadLetters',
  'listShops',
  'nextDueAt',
  'scanForId',
  'sentExternalIds',
  'timeline',
]);

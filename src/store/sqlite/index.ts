import { type Logger, silentLogger } from '../../contracts/logger.ts';
import type { Credentials, Store } from '../../contracts/store.ts';
import { credentialsContext, type SecretBox } from '../secret-box.ts';
import type { Caller } from './caller.ts';
import { decodeConversation, decodeDeliveryClaim, decodeTimelineEntry, decodeTurnClaim } from './decode.ts';
import { encodeCommit, encodeItem, encodeRecord, lease } from './encode.ts';
import { createInlineCaller } from './inline-caller.ts';
import { createWorkerCaller } from './worker-caller.ts';

export interface SqliteStoreOptions {
  /** A path whose folder exists, or `:memory:`. */
  file: string;
  secretBox: SecretBox;
  /** Default: a thread of its own for a file, this thread for `:memory:`. */
  engine?: 'worker' | 'inline';
  logger?: Logger;
}

/** How many marks one step of `forgetSeen` looks at, and how many ids one step of a search through the histories. */
const FORGET_SLICE = 5_000;
const SCAN_SLICE = 20_000;

/**
 * The embedded engine: one SQLite file in WAL mode with synchronous=FULL. Several processes may open the same file.
 * Rejects with `STORE_UNAVAILABLE` when the file cannot be used, `STORE_NEWER` when a newer version migrated it.
 * Example: `await createSqliteStore({ file: './data/buyerline.db', secretBox: createSecretBox(key) })`.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, secretBox } = options;
  const logger = options.logger ?? silentLogger;
  const engine = options.engine ?? (file === ':memory:' ? 'inline' : 'worker');
  const caller = engine === 'worker' ? await createWorkerCaller(file, logger) : createInlineCaller(file);
  return { ...turnsAndDeliveries(caller), ...shopsAndSecrets(caller, secretBox), ...forPeople(caller) };
}

type TurnsAndDeliveries = Pick<
  Store,
  | 'ingest'
  | 'knownMessages'
  | 'putAside'
  | 'listAside'
  | 'takeAside'
  | 'claimTurns'
  | 'commitTurn'
  | 'failTurn'
  | 'claimDeliveries'
  | 'recordDelivery'
  | 'sentExternalIds'
  | 'fireTimers'
  | 'nextDueAt'
  | 'heartbeat'
  | 'sweepLeases'
>;

function turnsAndDeliveries({ call }: Caller): TurnsAndDeliveries {
  return {
    ingest: async (items, now) => (items.length === 0 ? [] : call('ingest', { items: items.map(encodeItem), now })),
    knownMessages: async (keys) => new Set(keys.length === 0 ? [] : await call('knownMessages', { keys })),
    putAside: async (record, now) => (await call('putAside', { record, now, identity: null })) ?? 0,
    listAside: (limit) => call('listAside', { limit }),
    takeAside: (channel, shopId) => call('takeAside', { channel, shopId }),
    async claimTurns({ workerId, now, limit, only }) {
      const claims = await call('claimTurns', { workerId, now, limit, only: only ?? null });
      return claims.map(decodeTurnClaim);
    },
    commitTurn: async (commit) => call('commitTurn', encodeCommit(commit)),
    async failTurn({ claim, now, reason, retryAt }) {
      await call('failTurn', { claim: lease(claim), now, reason, retryAt });
    },
    async claimDeliveries({ workerId, now, limit, only, merge, heldShops }) {
      const claims = await call('claimDeliveries', { workerId, now, limit, only: only ?? null, merge, heldShops });
      return claims.map(decodeDeliveryClaim);
    },
    recordDelivery: async (record) => call('recordDelivery', encodeRecord(record)),
    sentExternalIds: (conversationId, limit) => call('sentExternalIds', { conversationId, limit }),
    fireTimers: (now, limit) => call('fireTimers', { now, limit }),
    nextDueAt: () => call('nextDueAt', null),
    async heartbeat(workerId, until) {
      await call('heartbeat', { workerId, until });
    },
    sweepLeases: (now, workerId) => call('sweepLeases', { now, workerId: workerId ?? null }),
  };
}

type ShopsAndSecrets = Pick<
  Store,
  'putShop' | 'getShop' | 'listShops' | 'removeShop' | 'getCredentials' | 'saveCredentials' | 'getMeta' | 'putMeta'
>;

function shopsAndSecrets({ call }: Caller, secretBox: SecretBox): ShopsAndSecrets {
  return {
    async putShop(shop) {
      await call('putShop', { shop });
    },
    getShop: (channel, shopId) => call('getShop', { channel, shopId }),
    listShops: (channel) => call('listShops', { channel: channel ?? null }),
    removeShop: (channel, shopId) => call('removeShop', { channel, shopId }),
    async getCredentials(channel, shopId) {
      const stored = await call('getCredentials', { channel, shopId });
      if (stored === null) return null;
      const opened = secretBox.open(stored.sealed, credentialsContext(channel, shopId));
      return { values: JSON.parse(opened) as Credentials['values'], revision: stored.revision };
    },
    saveCredentials: async (channel, shopId, values, revision) => {
      const sealed = secretBox.seal(JSON.stringify(values), credentialsContext(channel, shopId));
      return call('saveCredentials', { channel, shopId, sealed, revision });
    },
    getMeta: (key) => call('getMeta', { key }),
    async putMeta(key, value) {
      await call('putMeta', { key, value });
    },
  };
}

type ForPeople = Omit<Store, keyof TurnsAndDeliveries | keyof ShopsAndSecrets>;

function forPeople({ call, close }: Caller): ForPeople {
  return {
    async getConversation(id) {
      const row = await call('getConversation', { id });
      return row === null ? null : decodeConversation(row);
    },
    async findConversations(query, limit) {
      const wanted = query.trim();
      if (wanted === '') return [];
      const found = await call('findConversations', { query: wanted, limit });
      let below: number | null = null;
      while (found.length === 0) {
        const slice: { conversations: typeof found; below: number | null } = await call('scanForId', {
          query: wanted,
          below,
          slice: SCAN_SLICE,
          limit,
        });
        found.push(...slice.conversations);
        below = slice.below;
        if (below === null) break;
      }
      return found.map(decodeConversation);
    },
    async listConversations({ limit, before }) {
      const rows = await call('listConversations', { limit, before: before ?? null });
      return rows.map(decodeConversation);
    },
    async timeline(conversationId, { limit, after }) {
      const entries = await call('timeline', { conversationId, limit, after: after ?? 0 });
      return entries.map(decodeTimelineEntry);
    },
    listDeadLetters: (limit) => call('listDeadLetters', { limit }),
    retryDeadLetter: (id, now) => call('retryDeadLetter', { id, now }),
    dropDeadLetter: (id, reason, now) => call('dropDeadLetter', { id, reason, now }),
    counts: () => call('counts', null),
    async forgetSeen(before) {
      let forgotten = 0;
      let from: { tail: string; head: string } | null = null;
      do {
        const step: { forgotten: number; next: { tail: string; head: string } | null } = await call('forgetSeen', {
          before,
          from,
          slice: FORGET_SLICE,
        });
        forgotten += step.forgotten;
        from = step.next;
      } while (from !== null);
      return forgotten;
    },
    async probe() {
      await call('probe', null);
    },
    close: () => close(),
  };
}

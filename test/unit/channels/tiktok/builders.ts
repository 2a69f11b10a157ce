import type { TiktokConfig } from '../../../../src/channels/tiktok/config.ts';
import {
  createTiktokChannel,
  type TiktokChannel,
  type TiktokDeps,
} from '../../../../src/channels/tiktok/tiktok-channel.ts';
import type { ShopDirectory } from '../../../../src/channels/tiktok/tokens.ts';
import { createHttpClient, type HttpClient } from '../../../../src/common/http-client.ts';
import { type Conversation, conversationIdOf } from '../../../../src/contracts/conversation.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import type { Credentials, Shop } from '../../../../src/contracts/store.ts';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.ts';
import {
  APP_KEY,
  APP_SECRET,
  BUYER_IM,
  CIPHER,
  CONVERSATION_ID,
  type FakePlatform,
  SHOP_ID,
  startFakePlatform,
} from './fake-platform.ts';

export interface MemoryShops extends ShopDirectory {
  meta: Map<string, string>;
  credentials: Map<string, Credentials>;
  shops: Map<string, Shop>;
  /** Runs once before the next saveCredentials, as another process would. */
  before: (() => void) | null;
}

/** Compare-and-set like the store's. */
export function createMemoryShops(): MemoryShops {
  const directory: MemoryShops = {
    meta: new Map(),
    credentials: new Map(),
    shops: new Map(),
    before: null,
    getShop: async (_channel, id) => directory.shops.get(id) ?? null,
    listShops: async () => [...directory.shops.values()],
    putShop: async (shop) => void directory.shops.set(shop.shopId, structuredClone(shop)),
    removeShop: async (_channel, id) => directory.shops.delete(id),
    getCredentials: async (_channel, id) => directory.credentials.get(id) ?? null,
    async saveCredentials(_channel, id, values, revision) {
      const before = directory.before;
      directory.before = null;
      before?.();
      if ((directory.credentials.get(id)?.revision ?? 0) !== revision) return false;
      directory.credentials.set(id, { values: { ...values }, revision: revision + 1 });
      return true;
    },
    getMeta: async (key) => directory.meta.get(key) ?? null,
    putMeta: async (key, value) => void directory.meta.set(key, value),
  };
  return directory;
}

export const conversationOf = (externalId = CONVERSATION_ID, buyerId: string | null = BUYER_IM): Conversation => ({
  id: conversationIdOf({ channel: 'tiktok', shopId: SHOP_ID, externalId }),
  channel: 'tiktok',
  shopId: SHOP_ID,
  externalId,
  buyerId,
  customerToken: null,
  owner: 'bot',
  epoch: 1,
  episode: 1,
  language: null,
  facts: {},
  desk: {},
  bot: {},
  undo: null,
  lastBuyerAt: null,
  createdAt: 0,
  updatedAt: 0,
  version: 1,
});

export const configOf = (url: string): TiktokConfig => ({
  appKey: APP_KEY,
  appSecret: APP_SECRET,
  apiUrl: url,
  authUrl: url,
  publicUrl: 'https://bridge.example',
  firstShop: { shopId: SHOP_ID, cipher: CIPHER, accessToken: 'TTP_acc_1', refreshToken: 'TTP_ref_1' },
  timeoutMs: 2_000,
});

export interface World {
  clock: FakeClock;
  platform: FakePlatform;
  shops: MemoryShops;
  http: HttpClient;
  channel: TiktokChannel;
  close(): Promise<void>;
}

export async function createWorld(config: Partial<TiktokConfig> = {}, more: Partial<TiktokDeps> = {}): Promise<World> {
  const clock = createFakeClock();
  const platform = await startFakePlatform(clock);
  const shops = createMemoryShops();
  const http = createHttpClient();
  const channel = createTiktokChannel({
    config: { ...configOf(platform.url), ...config },
    shops,
    http,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    ...more,
  });
  return {
    clock,
    platform,
    shops,
    http,
    channel,
    async close() {
      await channel.stop?.();
      await http.close();
      await platform.close();
    },
  };
}

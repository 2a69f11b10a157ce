import { createHmac } from 'node:crypto';
import { backoffMs } from '../../common/backoff.ts';
import type { Clock } from '../../common/clock.ts';
import { coerceError } from '../../common/errors.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { Credentials, Shop, Store } from '../../contracts/store.ts';
import type { AuthClient } from './auth-client.ts';
import type { TiktokConfig } from './config.ts';
import { fromStored, type GrantValues, refreshDueAt, toStored, valuesOfGrant, valuesOfSeed } from './grant-values.ts';
import type { AuthorizedShop, Grant } from './schema.ts';

/** What this channel needs of the store. */
export type ShopDirectory = Pick<
  Store,
  'getShop' | 'listShops' | 'putShop' | 'removeShop' | 'getCredentials' | 'saveCredentials' | 'getMeta' | 'putMeta'
>;

export const CHANNEL = 'tiktok';

export type TokenAnswer =
  | { kind: 'token'; accessToken: string; cipher: string | null }
  /** `mend`: a person must do something; otherwise ask again after `retryAfterMs`. */
  | { kind: 'none'; reason: string; mend: boolean; retryAfterMs: number };

/**
 * Access tokens of all shops. One refresh at a time per grant (a seller's shops share one, and with it one refresh token that changes at
 * every use); whoever wants a token meanwhile waits for it. New tokens are stored by compare-and-set before they are used; when another
 * process was faster, its token is taken.
 */
export interface Tokens {
  /** Seeds the first shop and begins refreshing ahead of time. */
  start(): Promise<void>;
  stop(): void;
  /** Writes the first shop of the settings, unless that very value was written before. */
  seed(): Promise<void>;
  get(shopId: string): Promise<TokenAnswer>;
  /** The platform refused this token as expired: answers another one, refreshed if need be. */
  replace(shopId: string, refusedToken: string): Promise<TokenAnswer>;
  storeGrant(grant: Grant, shops: readonly AuthorizedShop[]): Promise<void>;
  storeCipher(shopId: string, found: AuthorizedShop): Promise<void>;
  /** The seller withdrew the authorisation at `atSec`; true when it took effect. */
  revoke(shopId: string, atSec: number | null): Promise<boolean>;
  /** The authorisation ends soon. */
  markExpiring(shopId: string): Promise<void>;
  values(shopId: string): Promise<GrantValues | null>;
  /** Forgets what is held in memory about a shop. */
  forget(shopId: string): void;
}

interface Cached {
  shop: Shop;
  values: GrantValues;
  readAt: number;
}

/** Another process may rotate a token; its old one usually lives on, so a minute of memory is safe. */
const CACHE_MS = 60_000;
const SWEEP_MS = 10 * 60_000;

export function createTokens(deps: {
  config: Pick<TiktokConfig, 'appSecret' | 'firstShop'>;
  shops: ShopDirectory;
  auth: AuthClient;
  clock: Clock;
  logger: Logger;
}): Tokens {
  const { config, shops, clock, logger } = deps;
  const cache = new Map<string, Cached>();
  const inFlight = new Map<string, Promise<void>>();
  /** Fetched and not stored yet: the refresh token before it is used up, so this must outlive a store that is down for a while. */
  const unsaved = new Map<string, GrantValues>();
  const failures = new Map<string, { count: number; retryAt: number; reason: string; mend: boolean }>();
  let seeding: Promise<void> | null = null;
  let timer: { cancel(): void } | null = null;
  let running = false;

  const nowSec = () => Math.floor(clock.now() / 1000);
  const grantKeyOf = (shop: Shop) => shop.info.openId ?? shop.shopId;

  const load = async (shopId: string, fresh: boolean): Promise<Cached | null> => {
    const held = cache.get(shopId);
    if (!fresh && held !== undefined && clock.now() - held.readAt < CACHE_MS) return held;
    const [shop, credentials] = await Promise.all([
      shops.getShop(CHANNEL, shopId),
      shops.getCredentials(CHANNEL, shopId),
    ]);
    const values = credentials === null ? null : fromStored(credentials.values);
    if (shop === null || values === null || shop.status === 'revoked') {
      cache.delete(shopId);
      return null;
    }
    const cached = { shop, values, readAt: clock.now() };
    cache.set(shopId, cached);
    return cached;
  };

  /** Compare-and-set until ours or something fresher is stored. */
  const save = async (shopId: string, values: GrantValues): Promise<void> => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const stored: Credentials | null = await shops.getCredentials(CHANNEL, shopId);
      const there = stored === null ? null : fromStored(stored.values);
      if (there !== null && there.issuedAtSec > values.issuedAtSec) break;
      if (await shops.saveCredentials(CHANNEL, shopId, toStored(values), stored?.revision ?? 0)) break;
    }
    cache.delete(shopId);
  };

  const shopsOfGrant = async (shop: Shop): Promise<Shop[]> => {
    const key = grantKeyOf(shop);
    const all = await shops.listShops(CHANNEL);
    const same = all.filter((other) => other.status !== 'revoked' && grantKeyOf(other) === key);
    return same.length === 0 ? [shop] : same;
  };

  /** One round of refreshing for the grant behind `shopId`. Fails by noting why, never by rejecting. */
  const refreshGrant = async (key: string, shopId: string, refusedToken: string | null): Promise<void> => {
    const mine = await load(shopId, true);
    if (mine === null) return;
    const siblings = await shopsOfGrant(mine.shop);
    let newest = unsaved.get(key) ?? mine.values;
    for (const sibling of siblings) {
      const stored = await shops.getCredentials(CHANNEL, sibling.shopId);
      const values = stored === null ? null : fromStored(stored.values);
      if (values !== null && values.issuedAtSec > newest.issuedAtSec) newest = values;
    }
    const usable = newest.accessToken !== refusedToken && clock.now() < refreshDueAt(newest);
    if (!usable) {
      if (newest.refreshToken === null) {
        fail(key, 'the token has expired and there is no refresh token; authorise the shop again', true);
        return;
      }
      const result = await deps.auth.refresh(newest.refreshToken);
      if (result.kind === 'failed') {
        // Another process may have used this refresh token first: then a fresher token lies in the store.
        const again = await load(shopId, true);
        if (again !== null && again.values.accessToken !== newest.accessToken) return;
        fail(key, result.reason, !['internal', 'retry', 'rate'].includes(result.effect));
        return;
      }
      newest = valuesOfGrant(result.data, nowSec(), mine.values.authorizedAtSec);
      if (newest.scopes === null) newest.scopes = mine.values.scopes;
      unsaved.set(key, newest);
    }
    for (const sibling of siblings) await save(sibling.shopId, newest);
    unsaved.delete(key);
    failures.delete(key);
    logger.info('tiktok.token_refreshed', { shops: siblings.map((sibling) => sibling.shopId) });
  };

  const fail = (key: string, reason: string, mend: boolean): void => {
    const count = (failures.get(key)?.count ?? 0) + 1;
    const retryAt = clock.now() + (mend ? 5 * 60_000 : backoffMs(count, 2_000, 5 * 60_000));
    failures.set(key, { count, retryAt, reason, mend });
    logger[mend ? 'error' : 'warn']('tiktok.token_refresh_failed', { reason, attempt: count });
  };

  const refreshOnce = (shop: Shop, refusedToken: string | null): Promise<void> => {
    const key = grantKeyOf(shop);
    let flight = inFlight.get(key);
    if (flight === undefined) {
      flight = refreshGrant(key, shop.shopId, refusedToken)
        .catch((thrown) => fail(key, coerceError(thrown).message, false))
        .finally(() => inFlight.delete(key));
      inFlight.set(key, flight);
    }
    return flight;
  };

  const answer = async (shopId: string, refusedToken: string | null): Promise<TokenAnswer> => {
    await tokens.seed();
    let cached = await load(shopId, false);
    if (cached === null)
      return { kind: 'none', reason: 'the shop is not authorised', mend: true, retryAfterMs: 10 * 60_000 };
    const key = grantKeyOf(cached.shop);
    const waiting = inFlight.get(key);
    if (waiting !== undefined) {
      await waiting;
      cached = (await load(shopId, false)) ?? cached;
    }
    const stale = (held: Cached) =>
      held.values.accessToken === refusedToken || clock.now() >= held.values.expiresAtSec * 1000;
    if (stale(cached)) {
      const failure = failures.get(key);
      if (failure === undefined || clock.now() >= failure.retryAt) {
        await refreshOnce(cached.shop, refusedToken);
        cached = (await load(shopId, false)) ?? cached;
      }
    }
    if (!stale(cached)) {
      const cipher = cached.shop.info.cipher;
      return { kind: 'token', accessToken: cached.values.accessToken, cipher: cipher ? cipher : null };
    }
    const failure = failures.get(key);
    return {
      kind: 'none',
      reason: `no valid access token: ${failure?.reason ?? 'the refresh failed'}`,
      mend: failure?.mend ?? false,
      retryAfterMs: Math.max(1_000, (failure?.retryAt ?? 0) - clock.now()),
    };
  };

  /** Refreshes what is due and plans the next look. */
  const sweep = async (): Promise<void> => {
    let next = clock.now() + SWEEP_MS;
    try {
      const done = new Set<string>();
      for (const shop of await shops.listShops(CHANNEL)) {
        const key = grantKeyOf(shop);
        const cached = shop.status === 'revoked' ? null : await load(shop.shopId, true);
        if (cached === null || done.has(key)) continue;
        if (clock.now() >= refreshDueAt(cached.values) && clock.now() >= (failures.get(key)?.retryAt ?? 0)) {
          await refreshOnce(shop, null);
          done.add(key);
        }
        const after = await load(shop.shopId, false);
        const dueAt = Math.max(refreshDueAt(after?.values ?? cached.values), failures.get(key)?.retryAt ?? 0);
        next = Math.min(next, dueAt);
      }
    } catch (thrown) {
      logger.warn('tiktok.token_sweep_failed', { error: coerceError(thrown).name });
    }
    if (running) timer = clock.schedule(Math.max(1_000, next - clock.now()), () => void sweep());
  };

  const seedOnce = async (): Promise<void> => {
    const first = config.firstShop;
    if (!first) return;
    // Keyed by the app secret: the mark tells whether the value changed and nothing about the value.
    const mark = createHmac('sha256', config.appSecret)
      .update(JSON.stringify([first.accessToken, first.refreshToken ?? '', first.cipher ?? '']))
      .digest('hex');
    const key = `tiktok.seed.${first.shopId}`;
    if ((await shops.getMeta(key)) === mark && (await shops.getShop(CHANNEL, first.shopId)) !== null) return;
    const there = await shops.getShop(CHANNEL, first.shopId);
    const cipher = first.cipher ?? there?.info.cipher;
    await shops.putShop({
      channel: CHANNEL,
      shopId: first.shopId,
      name: there?.name ?? first.shopId,
      region: there?.region ?? null,
      status: 'active',
      info: { ...there?.info, ...(cipher ? { cipher } : {}) },
    });
    await save(first.shopId, valuesOfSeed(first.accessToken, first.refreshToken ?? null, nowSec()));
    await shops.putMeta(key, mark);
    logger.info('tiktok.shop_seeded', { shopId: first.shopId });
  };

  const tokens: Tokens = {
    async start() {
      running = true;
      await tokens.seed();
      // Not awaited: a platform that is down must not keep the process from starting.
      void sweep();
    },
    stop() {
      running = false;
      timer?.cancel();
      timer = null;
    },
    seed() {
      seeding ??= seedOnce().catch((thrown: unknown) => {
        seeding = null;
        throw thrown;
      });
      return seeding;
    },
    get: (shopId) => answer(shopId, null),
    async replace(shopId, refusedToken) {
      await load(shopId, true);
      return answer(shopId, refusedToken);
    },
    async storeGrant(grant, authorized) {
      const values = valuesOfGrant(grant, nowSec(), nowSec());
      for (const shop of authorized) {
        await shops.putShop(shopOf(shop, grant.open_id, (await shops.getShop(CHANNEL, shop.id))?.info));
        await save(shop.id, values);
      }
      failures.delete(grant.open_id);
      if (running) {
        timer?.cancel();
        void sweep();
      }
    },
    async storeCipher(shopId, found) {
      const there = await shops.getShop(CHANNEL, shopId);
      if (there === null) return;
      await shops.putShop({ ...shopOf(found, there.info.openId ?? '', there.info), status: there.status });
      cache.delete(shopId);
    },
    async revoke(shopId, atSec) {
      const shop = await shops.getShop(CHANNEL, shopId);
      if (shop === null || shop.status === 'revoked') return false;
      for (let attempt = 0; attempt < 5; attempt++) {
        const stored = await shops.getCredentials(CHANNEL, shopId);
        const values = stored === null ? null : fromStored(stored.values);
        // Webhooks are repeated for hours and carry no nonce: one from before a new authorisation must not undo it.
        if (values !== null && atSec !== null && atSec < values.authorizedAtSec) return false;
        if (stored === null || (await shops.saveCredentials(CHANNEL, shopId, {}, stored.revision))) break;
      }
      await shops.putShop({ ...shop, status: 'revoked' });
      cache.delete(shopId);
      return true;
    },
    async markExpiring(shopId) {
      const shop = await shops.getShop(CHANNEL, shopId);
      if (shop?.status === 'active') await shops.putShop({ ...shop, status: 'expiring' });
      cache.delete(shopId);
    },
    async values(shopId) {
      return (await load(shopId, true))?.values ?? null;
    },
    forget: (shopId) => void cache.delete(shopId),
  };
  return tokens;
}

/** `info` keeps what is not secret: cipher, open id, seller type, shop code. */
function shopOf(shop: AuthorizedShop, openId: string, info: Record<string, string> | undefined): Shop {
  const known = { cipher: shop.cipher, openId, sellerType: shop.seller_type, code: shop.code };
  return {
    channel: CHANNEL,
    shopId: shop.id,
    name: shop.name || shop.id,
    region: /^[A-Za-z]{2}$/.test(shop.region) ? shop.region.toUpperCase() : null,
    status: 'active',
    info: { ...info, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== '')) },
  };
}

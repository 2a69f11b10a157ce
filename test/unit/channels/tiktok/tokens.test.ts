import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromStored, refreshDueAt, toStored, valuesOfSeed } from '../../../../src/channels/tiktok/grant-values.ts';
import { createTiktokChannel } from '../../../../src/channels/tiktok/tiktok-channel.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { configOf, conversationOf, createWorld, type World } from './builders.ts';
import { CIPHER, SHOP_ID, signWebhook } from './fake-platform.ts';

const worlds: World[] = [];
const start = async (...given: Parameters<typeof createWorld>) => {
  const world = await createWorld(...given);
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const send = (world: World, words: string) =>
  world.channel.send({ conversation: conversationOf(), part: { type: 'text', text: words }, ref: words });
const stored = (world: World) => world.shops.credentials.get(SHOP_ID)?.values ?? {};
const again = (world: World, more: Parameters<typeof createWorld>[0] = {}) =>
  createTiktokChannel({
    config: { ...configOf(world.platform.url), ...more },
    shops: world.shops,
    http: world.http,
    clock: world.clock,
    logger: silentLogger,
    metrics: noMetrics,
  });

describe('tokens', () => {
  it('refresh once for many sends, which wait for it, and store the rotated refresh token', async () => {
    const world = await start();
    world.platform.token = 'TTP_other';
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((words) => send(world, words)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(world.platform.calls('/token/refresh')).toHaveLength(1);
    expect(stored(world)).toMatchObject({
      accessToken: world.platform.token,
      refreshToken: world.platform.refreshToken,
    });
    expect(world.platform.lines).toHaveLength(4);
  });

  it('ask once more only: a token refused after its refresh holds the shop', async () => {
    const world = await start();
    world.platform.fail('/messages', { code: 105002 });
    world.platform.fail('/messages', { code: 105002 });
    expect(await send(world, 'x')).toMatchObject({ kind: 'refused', next: 'hold' });
    expect(world.platform.calls('/messages')).toHaveLength(2);
  });

  it('are refreshed ahead of time by the clock', async () => {
    const world = await start();
    await world.channel.start?.();
    // A seeded token is trusted for a day; a tenth before the end it is time.
    await world.clock.advance(86_400_000 * 0.9 - 1_000);
    expect(world.platform.calls('/token/refresh')).toHaveLength(0);
    await world.clock.advance(601_000);
    await vi.waitFor(() => expect(stored(world).accessToken).toBe(world.platform.token));
    expect(world.platform.calls('/token/refresh')).toHaveLength(1);
  });

  it('of another process are taken when that was faster', async () => {
    const world = await start();
    await send(world, 'with our token');
    world.platform.token = 'TTP_theirs';
    // The other process has used the refresh token already, ours is refused.
    world.platform.refreshToken = 'TTP_ref_theirs';
    const theirs = { ...stored(world), accessToken: 'TTP_theirs', refreshToken: 'TTP_ref_theirs' };
    world.shops.credentials.set(SHOP_ID, { values: theirs, revision: 2 });
    expect((await send(world, 'x')).kind).toBe('accepted');
    expect(world.platform.calls('/token/refresh')).toHaveLength(0);
  });

  it('from the environment are written once and never undo a rotation, until the value changes', async () => {
    const world = await start();
    world.platform.token = 'TTP_other';
    await send(world, 'x');
    const rotated = stored(world).accessToken;
    await again(world).tokens.seed();
    expect(stored(world).accessToken).toBe(rotated);
    const firstShop = { shopId: SHOP_ID, cipher: CIPHER, accessToken: 'TTP_new', refreshToken: 'TTP_ref_new' };
    await world.clock.advance(5_000);
    await again(world, { firstShop }).tokens.seed();
    expect(stored(world)).toMatchObject({ accessToken: 'TTP_new', refreshToken: 'TTP_ref_new' });
    expect([...world.shops.meta.values()].join()).not.toContain('TTP_');
  });

  it('find the cipher of a shop that was seeded without one', async () => {
    const firstShop = { shopId: SHOP_ID, accessToken: 'TTP_acc_1', refreshToken: 'TTP_ref_1' };
    const world = await start({ firstShop });
    expect((await send(world, 'x')).kind).toBe('accepted');
    expect(world.shops.shops.get(SHOP_ID)).toMatchObject({ name: 'Demo <Shop>', info: { cipher: CIPHER } });
    expect((await send(world, 'y')).kind).toBe('accepted');
    expect(world.platform.calls('/authorization/202309/shops')).toHaveLength(1);
  });

  it('of one grant are shared: a refresh for one shop reaches the others', async () => {
    const world = await start();
    await world.channel.tokens.seed();
    const mine = world.shops.shops.get(SHOP_ID);
    if (mine === undefined) throw new Error('not seeded');
    for (const shopId of [SHOP_ID, '222'])
      await world.shops.putShop({ ...mine, shopId, info: { ...mine.info, openId: 'oid-demo' } });
    world.shops.credentials.set('222', { values: stored(world), revision: 1 });
    world.platform.token = 'TTP_other';
    await world.clock.advance(2_000);
    expect((await send(world, 'x')).kind).toBe('accepted');
    expect(world.shops.credentials.get('222')?.values.refreshToken).toBe(world.platform.refreshToken);
  });

  it('hold the shop when the refresh token is refused, and do not hammer', async () => {
    const world = await start();
    world.platform.token = 'TTP_other';
    world.platform.refreshToken = 'TTP_ref_other';
    expect(await send(world, 'x')).toMatchObject({ kind: 'refused', next: 'hold' });
    expect(await send(world, 'y')).toMatchObject({ kind: 'refused', next: 'hold' });
    expect(world.platform.calls('/token/refresh')).toHaveLength(1);
  });

  it('do not lose a rotated refresh token when the store fails at that moment', async () => {
    const world = await start();
    await world.channel.tokens.seed();
    world.platform.token = 'TTP_other';
    world.shops.before = () => {
      throw new Error('disk full');
    };
    expect(await send(world, 'x')).toMatchObject({ kind: 'refused', next: 'retry' });
    await world.clock.advance(10_000);
    expect((await send(world, 'x')).kind).toBe('accepted');
    expect(world.platform.calls('/token/refresh')).toHaveLength(1);
    expect(stored(world).refreshToken).toBe(world.platform.refreshToken);
  });

  it('are dropped on deauthorisation, but not by a repeat from before the present authorisation', async () => {
    const revoked: string[] = [];
    const world = await start({}, { onShopRevoked: (shopId) => void revoked.push(shopId) });
    await world.channel.tokens.seed();
    const notice = (timestamp: number) => {
      const rawBody = Buffer.from(JSON.stringify({ type: 6, shop_id: SHOP_ID, timestamp, data: { message: 'bye' } }));
      return { rawBody, headers: { authorization: signWebhook(rawBody) }, receivedAt: world.clock.now() };
    };
    world.channel.receive?.(notice(1_699_000_000));
    await world.clock.advance(0);
    expect(world.shops.shops.get(SHOP_ID)?.status).toBe('active');
    world.channel.receive?.(notice(1_700_000_001));
    await vi.waitFor(() => expect(revoked).toEqual([SHOP_ID]));
    expect(world.shops.shops.get(SHOP_ID)?.status).toBe('revoked');
    expect(stored(world)).toEqual({});
    expect(await send(world, 'x')).toMatchObject({ kind: 'refused', next: 'hold' });
    expect(world.platform.calls('/messages')).toEqual([]);
  });
});

describe('grant values', () => {
  it('survive the store', () => {
    const values = { ...valuesOfSeed('a', 'b', 1_000), refreshExpiresAtSec: 9_000, scopes: ['x', 'y'] };
    expect(fromStored(toStored(values))).toEqual(values);
    expect(fromStored({})).toBeNull();
  });

  it('are due a tenth of their life ahead, at most a day, at most half', () => {
    const due = (lifetimeSec: number) =>
      refreshDueAt({ ...valuesOfSeed('a', 'b', 0), issuedAtSec: 0, expiresAtSec: lifetimeSec }) / 1000;
    expect(due(604_800)).toBe(604_800 - 60_480);
    expect(due(86_400 * 100)).toBe(86_400 * 99);
    expect(due(40)).toBe(20);
  });
});

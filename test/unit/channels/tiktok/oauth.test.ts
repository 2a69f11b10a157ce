import { afterEach, describe, expect, it } from 'vitest';
import type { HttpReply } from '../../../../src/contracts/http.ts';
import { conversationOf, createWorld, type World } from './builders.ts';
import { CIPHER, SHOP_ID } from './fake-platform.ts';

const worlds: World[] = [];
const start = async (...given: Parameters<typeof createWorld>) => {
  const world = await createWorld({ firstShop: null, ...given[0] }, given[1]);
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const get = async (world: World, address: string): Promise<HttpReply & { text: string }> => {
  const url = new URL(address, 'http://bridge');
  const route = world.channel.routes?.find((one) => one.path === url.pathname);
  if (route === undefined) throw new Error(`no route ${url.pathname}`);
  const reply = await route.handle({
    method: 'GET',
    path: url.pathname,
    params: {},
    query: url.searchParams,
    headers: {},
    rawBody: Buffer.alloc(0),
    remoteAddress: '127.0.0.1',
    receivedAt: world.clock.now(),
    signal: new AbortController().signal,
  });
  return { ...reply, text: String(reply.body ?? '') };
};
const stateOf = async (world: World) => {
  const reply = await get(world, '/oauth/tiktok/start');
  return new URL(reply.headers?.location ?? '').searchParams.get('state') ?? '';
};
const back = (world: World, query: Record<string, string>) =>
  get(world, `/oauth/tiktok/callback?${new URLSearchParams(query)}`);

describe('authorisation', () => {
  it('leads to TikTok with service id and state, or by the older link without a service id', async () => {
    const world = await start({ serviceId: '777' });
    const reply = await get(world, '/oauth/tiktok/start');
    expect(reply.status).toBe(302);
    expect(reply.headers?.location).toMatch(
      /^https:\/\/services\.tiktokshop\.com\/open\/authorize\?service_id=777&state=/,
    );
    const older = await start();
    expect((await get(older, '/oauth/tiktok/start')).headers?.location).toContain('/oauth/authorize?app_key=');
  });

  it('stores every shop with its cipher, and the shop can be served at once', async () => {
    const authorized: string[] = [];
    const world = await start({}, { onShopAuthorized: (shopId) => void authorized.push(shopId) });
    world.platform.shops.push({
      id: '222',
      name: 'Second',
      region: 'DE',
      seller_type: 'CROSS_BORDER',
      cipher: 'C2',
      code: 'X',
    });
    const reply = await back(world, { code: 'good-code', state: await stateOf(world) });
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('Demo &lt;Shop&gt;');
    expect(authorized).toEqual([SHOP_ID, '222']);
    expect(world.shops.shops.get(SHOP_ID)).toMatchObject({
      region: 'GB',
      status: 'active',
      info: { cipher: CIPHER, openId: 'oid-demo', sellerType: 'LOCAL' },
    });
    expect(world.shops.shops.get('222')?.info.cipher).toBe('C2');
    const part = { type: 'text', text: 'hi' } as const;
    expect((await world.channel.send({ conversation: conversationOf(), part, ref: 'r' })).kind).toBe('accepted');
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['a refusal', { code: 'null', error: 'auth_denied' }, 400, 'refused'],
    ['a refusal under another word', { code: 'null', error: 'access_denied' }, 400, 'refused'],
    ['an app-store installation', { code: 'good-code' }, 200, 'start the authorisation from here'],
    ['a foreign state', { code: 'good-code', state: 'made-up' }, 400, 'start again'],
  ])('stores nothing on %s', async (_what, query, status, words) => {
    const world = await start();
    const reply = await back(world, query);
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(words);
    expect(world.shops.shops.size).toBe(0);
    expect(world.platform.seen).toEqual([]);
  });

  it('refuses a state that was changed or is too old', async () => {
    const world = await start();
    const state = await stateOf(world);
    const later = state.replace(/\.(\d+)\./, (_all, sec: string) => `.${Number(sec) + 9}.`);
    expect((await back(world, { code: 'good-code', state: later })).status).toBe(400);
    await world.clock.advance(31 * 60_000);
    expect((await back(world, { code: 'good-code', state })).status).toBe(400);
    expect(world.platform.seen).toEqual([]);
  });

  it('says what went wrong with the code, without showing it', async () => {
    const world = await start();
    const reply = await back(world, { code: 'used-code', state: await stateOf(world) });
    expect(reply.status).toBe(502);
    expect(reply.text).toContain('36004004');
    expect(reply.text).not.toContain('used-code');
  });

  it('does not take a creator account', async () => {
    const world = await start();
    world.platform.userType = 1;
    expect((await back(world, { code: 'good-code', state: await stateOf(world) })).status).toBe(400);
    expect(world.shops.shops.size).toBe(0);
  });
});

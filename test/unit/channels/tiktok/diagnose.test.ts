import { afterEach, describe, expect, it } from 'vitest';
import { createTiktokChannel } from '../../../../src/channels/tiktok/tiktok-channel.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { configOf, createWorld, type World } from './builders.ts';
import { SHOP_ID } from './fake-platform.ts';

const worlds: World[] = [];
const start = async (config: Parameters<typeof createWorld>[0] = {}) => {
  const world = await createWorld(config);
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const levels = async (world: World, channel = world.channel) =>
  Object.fromEntries((await channel.diagnose?.())?.map((one) => [`${one.what}: ${one.detail}`, one.level]) ?? []);
const worst = (found: Record<string, string>, words: RegExp) =>
  Object.entries(found).find(([what]) => words.test(what))?.[1];

describe('the doctor for TikTok Shop', () => {
  it('finds nothing to complain about when all is well', async () => {
    const found = await levels(await start());
    expect(new Set(Object.values(found))).toEqual(new Set(['ok']));
    expect(worst(found, /clock: this machine is 0 s/)).toBe('ok');
  });

  it('warns when the shop accepts no chats, and fails without the scope', async () => {
    const world = await start();
    world.platform.canAcceptChat = false;
    expect(worst(await levels(world), /can_accept_chat/)).toBe('warn');
    world.platform.fail('/settings', { code: 105005 });
    expect(worst(await levels(world), /scope/)).toBe('fail');
  });

  it('fails when this clock is too far ahead', async () => {
    const world = await start();
    const clock = { ...world.clock, now: () => world.clock.now() + 60_000 };
    const channel = createTiktokChannel({
      config: configOf(world.platform.url),
      shops: world.shops,
      http: world.http,
      clock,
      logger: silentLogger,
      metrics: noMetrics,
    });
    expect(worst(await levels(world, channel), /60 s ahead/)).toBe('fail');
  });

  it('says what is missing: no shop, no way there, withdrawn authorisation', async () => {
    expect(worst(await levels(await start({ firstShop: null })), /no shop yet/)).toBe('warn');
    expect(worst(await levels(await start({ apiUrl: 'http://127.0.0.1:1' })), /reachability/)).toBe('fail');
    const world = await start();
    await world.channel.tokens.seed();
    await world.channel.tokens.revoke(SHOP_ID, null);
    expect(worst(await levels(world), /withdrew/)).toBe('fail');
  });
});

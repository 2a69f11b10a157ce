import { afterEach, describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../../src/contracts/inbound.ts';
import { createWorld, type World } from './builders.ts';
import { BUYER_IM, SHOP_ID } from './fake-platform.ts';

const worlds: World[] = [];
const start = async (config: Parameters<typeof createWorld>[0] = {}) => {
  const world = await createWorld(config);
  worlds.push(world);
  await world.channel.tokens.seed();
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const recover = async (
  world: World,
  known: string[] = [],
  notBefore = 0,
  news: { own: string[]; newsSince: number } | undefined = undefined,
): Promise<InboundEvent[][]> => {
  const keys = new Set(known.map((id) => `tiktok:${SHOP_ID}:m:${id}`));
  const batches: InboundEvent[][] = [];
  const walk = world.channel.recover?.({
    notBefore,
    known: async (asked) => new Set(asked.filter((key) => keys.has(key))),
    newsSince: news?.newsSince,
    ...(news === undefined ? {} : { own: async () => new Set(news.own) }),
  });
  for await (const batch of walk ?? []) batches.push(batch);
  return batches;
};
const texts = (batches: InboundEvent[][]) =>
  batches.map((batch) =>
    batch.map((event) =>
      event.body.kind === 'buyer.message' && event.body.message.part.type === 'text'
        ? event.body.message.part.text
        : event.body.kind,
    ),
  );
const buyerSays = (world: World, text: string, at = 1_699_999_000) =>
  world.platform.say('BUYER', 'TEXT', { content: text }, { create_time: at });

describe('recovery', () => {
  it('feeds what nobody has answered, oldest first, as polled events', async () => {
    const world = await start();
    buyerSays(world, 'answered');
    world.platform.say('CUSTOMER_SERVICE', 'TEXT', { content: 'answer' });
    const first = buyerSays(world, 'one');
    world.platform.say('SYSTEM', 'NOTIFICATION', { content: 'notice' });
    world.platform.say('CUSTOMER_SERVICE', 'TEXT', { content: 'rate us' }, { is_visible: false });
    buyerSays(world, 'two');
    const batches = await recover(world);
    expect(texts(batches)).toEqual([['one', 'two']]);
    expect(batches[0]?.[0]).toMatchObject({
      eventKey: `tiktok:${SHOP_ID}:p:${first.id}`,
      messageKey: `tiktok:${SHOP_ID}:m:${first.id}`,
      bodyHash: null,
      source: 'poll',
      order: { index: first.index, at: 1_699_999_000_000 },
      target: { buyer: { id: BUYER_IM, name: 'Mia' } },
    });
  });

  it('leaves known and old lines alone', async () => {
    const world = await start();
    buyerSays(world, 'a year ago', 1_660_000_000);
    const seen = buyerSays(world, 'seen');
    buyerSays(world, 'missed');
    expect(texts(await recover(world, [seen.id], 1_690_000_000_000))).toEqual([['missed']]);
  });

  it('finds a line that was lost before one that came through, while nobody has answered', async () => {
    const world = await start();
    buyerSays(world, 'lost');
    const seen = buyerSays(world, 'came through');
    expect(texts(await recover(world, [seen.id]))).toEqual([['lost']]);
  });

  it("finds a line behind our own answer to an earlier one, and leaves a line behind a person's answer alone", async () => {
    const world = await start();
    const seen = buyerSays(world, 'seen');
    buyerSays(world, 'missed');
    const answer = world.platform.say(
      'CUSTOMER_SERVICE',
      'TEXT',
      { content: 'answer to what was seen' },
      { create_time: 1_699_999_500 },
    );
    const known = [seen.id, answer.id];
    expect(texts(await recover(world, known, 0, { own: [], newsSince: 0 }))).toEqual([]);
    const other = await start();
    const seenThere = buyerSays(other, 'seen');
    buyerSays(other, 'missed');
    const own = other.platform.say(
      'CUSTOMER_SERVICE',
      'TEXT',
      { content: 'answer to what was seen' },
      { create_time: 1_699_999_500 },
    );
    expect(texts(await recover(other, [seenThere.id, own.id], 0, { own: [own.id], newsSince: 0 }))).toEqual([
      ['missed'],
    ]);
  });

  it('goes on through pages of ten until it meets a known line', async () => {
    const world = await start();
    const seen = buyerSays(world, 'seen');
    for (let i = 0; i < 25; i++) buyerSays(world, `m${i}`);
    const batches = await recover(world, [seen.id]);
    expect(texts(batches)[0]).toEqual(Array.from({ length: 25 }, (_, i) => `m${i}`));
    expect(world.platform.calls('/messages')).toHaveLength(3);
  });

  it('does not look twice at a conversation that has not moved', async () => {
    const world = await start();
    const seen = buyerSays(world, 'seen');
    await recover(world, [seen.id]);
    await recover(world, [seen.id]);
    expect(world.platform.calls('/messages')).toHaveLength(1);
    buyerSays(world, 'new');
    expect(texts(await recover(world, [seen.id]))).toEqual([['new']]);
  });

  it('reads the whole list when its order cannot be relied on, and stops at a page without news when it can', async () => {
    const world = await start();
    const page = (ats: number[]) =>
      ats.map((at, i) => ({
        id: `${at}${i}`,
        unread_count: 0,
        participants: [],
        latest_message: { id: `9${at}${i}`, type: 'TEXT', create_time: at, content: 'x', sender: { role: 'BUYER' } },
      }));
    const sorted = page(Array.from({ length: 45 }, (_, i) => 1_699_999_000 - i));
    const known = sorted.map((one) => one.latest_message.id);
    world.platform.conversations = sorted;
    await recover(world, known);
    expect(world.platform.calls('/conversations')).toHaveLength(1);
    world.platform.conversations = [...sorted].reverse();
    await recover(world, known);
    expect(world.platform.calls('/conversations')).toHaveLength(1 + 3);
  });

  it('ends quietly when the platform refuses or the day is nearly spent', async () => {
    const world = await start();
    buyerSays(world, 'x');
    world.platform.fail('/conversations', { code: 45102007 });
    expect(await recover(world)).toEqual([]);
    const poor = await start({ limits: { requestsPerDay: 1 } });
    buyerSays(poor, 'x');
    expect(await recover(poor)).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { MessagePart } from '../../../../src/contracts/message.ts';
import { conversationOf, createWorld, type World } from './builders.ts';

const worlds: World[] = [];
const start = async () => {
  const world = await createWorld();
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const SINCE = 1_700_000_000_000;
const look = (world: World, part: MessagePart, taken: string[] = []) =>
  world.channel.readBack?.({ conversation: conversationOf(), part, ref: 'r', since: SINCE, taken: new Set(taken) });
const say = (world: World, content: unknown, at: number, type = 'TEXT', role = 'CUSTOMER_SERVICE') =>
  world.platform.say(role, type, content, { create_time: at });
const text: MessagePart = { type: 'text', text: 'Hello  there' };

describe('reading back', () => {
  it('takes the first fitting line at or after the attempt', async () => {
    const world = await start();
    say(world, { content: 'Hello there' }, 1_699_999_900);
    const first = say(world, { content: 'Hello there' }, 1_700_000_001);
    say(world, { content: 'Hello there' }, 1_700_000_050);
    expect(await look(world, text)).toEqual({ kind: 'found', externalId: first.id });
  });

  it('allows clocks to differ by five minutes, not more', async () => {
    const world = await start();
    say(world, { content: 'Hello there' }, 1_699_999_600);
    expect(await look(world, text)).toEqual({ kind: 'absent' });
    const near = say(world, { content: 'Hello there' }, 1_699_999_750);
    expect(await look(world, text)).toEqual({ kind: 'found', externalId: near.id });
    expect(await look(world, text, [near.id])).toEqual({ kind: 'absent' });
  });

  it('looks further than one page', async () => {
    const world = await start();
    const mine = say(world, { content: 'Hello there' }, 1_700_000_001);
    for (let i = 0; i < 14; i++) say(world, { content: `x${i}` }, 1_700_000_002, 'TEXT', 'BUYER');
    expect(await look(world, text)).toEqual({ kind: 'found', externalId: mine.id });
    expect(world.platform.calls('/messages')).toHaveLength(2);
  });

  it('tells cards apart by their ids', async () => {
    const world = await start();
    const card = say(world, { order_id: '57' }, 1_700_000_001, 'ORDER_CARD');
    expect(await look(world, { type: 'order', orderId: '58' })).toEqual({ kind: 'absent' });
    expect(await look(world, { type: 'order', orderId: '57' })).toEqual({ kind: 'found', externalId: card.id });
    expect(await look(world, { type: 'product', productId: '57' })).toEqual({ kind: 'absent' });
  });

  it('compares images by address without its query', async () => {
    const world = await start();
    const line = say(world, { url: 'https://p16.ibyteimg.com/a.png?x=1', width: 1, height: 1 }, 1_700_000_001, 'IMAGE');
    const image = (url: string): MessagePart => ({ type: 'image', url, width: 1, height: 1 });
    expect(await look(world, image('https://p16.ibyteimg.com/b.png'))).toEqual({ kind: 'absent' });
    expect(await look(world, image('https://p16.ibyteimg.com/a.png?x=2'))).toEqual({
      kind: 'found',
      externalId: line.id,
    });
  });

  it('cannot tell when the platform does not answer', async () => {
    const world = await start();
    world.platform.fail('/messages', { status: 500 });
    world.platform.fail('/messages', { status: 500 });
    expect((await look(world, text))?.kind).toBe('cannot-tell');
    world.platform.fail('/messages', { status: 500 });
    expect((await look(world, text))?.kind).toBe('absent');
  });
});

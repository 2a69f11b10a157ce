import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { failureOf, sendOutcomeOf, TIKTOK_ERRORS } from '../../../../src/channels/tiktok/errors.ts';
import type { MessagePart } from '../../../../src/contracts/message.ts';
import { conversationOf, createWorld, type World } from './builders.ts';
import { APP_SECRET, CIPHER, CONVERSATION_ID, SHOP_ID } from './fake-platform.ts';

const worlds: World[] = [];
const start = async (...given: Parameters<typeof createWorld>) => {
  const world = await createWorld(...given);
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const send = (world: World, part: MessagePart, ref = 'r1') =>
  world.channel.send({ conversation: conversationOf(), part, ref });
const text = (words: string): MessagePart => ({ type: 'text', text: words });
const PATH = `/customer_service/202309/conversations/${CONVERSATION_ID}/messages`;

describe('sending to TikTok Shop', () => {
  it('posts one documented body to the 202309 path', async () => {
    const world = await start();
    await send(world, text('Hello, 你好 👋'));
    const [call] = world.platform.calls('/messages');
    expect(call).toMatchObject({ method: 'POST', path: PATH });
    expect(call?.body.toString()).toBe('{"type":"TEXT","content":"{\\"content\\":\\"Hello, 你好 👋\\"}"}');
    expect([...(call?.query.keys() ?? [])].sort()).toEqual(['app_key', 'shop_cipher', 'sign', 'timestamp']);
  });

  it('uses 202606 only when a sender role is set', async () => {
    const world = await start({ senderRole: 'ROBOT' });
    await send(world, text('hi'));
    const [call] = world.platform.calls('/messages');
    expect(call?.path).toBe(PATH.replace('202309', '202606'));
    expect(JSON.parse(call?.body.toString() ?? '')).toMatchObject({ sender_role: 'ROBOT' });
  });

  it.each<[MessagePart, string, unknown]>([
    [{ type: 'product', productId: '1' }, 'PRODUCT_CARD', { product_id: '1' }],
    [{ type: 'order', orderId: '2' }, 'ORDER_CARD', { order_id: '2' }],
    [{ type: 'return', orderId: '2', skuId: '3' }, 'RETURN_REFUND_CARD', { order_id: '2', sku_id: '3' }],
    [{ type: 'coupon', couponId: '4' }, 'COUPON_CARD', { coupon_id: '4' }],
    [{ type: 'logistics', orderId: '2', packageId: '5' }, 'LOGISTICS_CARD', { order_id: '2', package_id: '5' }],
    [{ type: 'video', url: '', videoId: 'v1' }, 'VIDEO', { vid: 'v1' }],
    [
      { type: 'image', url: 'https://p16-oec-sg.ibyteimg.com/a.png', width: 3, height: 4 },
      'IMAGE',
      { url: 'https://p16-oec-sg.ibyteimg.com/a.png', width: 3, height: 4 },
    ],
  ])('sends %j as %s', async (part, type, content) => {
    const world = await start();
    expect((await send(world, part)).kind).toBe('accepted');
    expect(world.platform.lines[0]).toMatchObject({ type, content: JSON.stringify(content) });
  });

  it.each<MessagePart>([
    { type: 'video', url: 'https://a.example/v' },
    { type: 'audio', url: 'https://a.example/a' },
    { type: 'file', url: 'https://a.example/f' },
    { type: 'sticker', url: 'https://a.example/s' },
    { type: 'notice', text: 'x' },
  ])('asks for text instead of $type', async (part) => {
    const world = await start();
    expect(await send(world, part)).toMatchObject({ kind: 'refused', next: 'text' });
    expect(world.platform.seen).toEqual([]);
  });

  it.each([
    [36009002, { kind: 'refused', next: 'retry' }],
    [36009003, { kind: 'unknown' }],
    [36009007, { kind: 'unknown' }],
    [45101003, { kind: 'refused', next: 'dead' }],
    [45101006, { kind: 'refused', next: 'rephrase' }],
    [45102007, { kind: 'refused', next: 'dead' }],
    [45109001, { kind: 'refused', next: 'closed' }],
    [105005, { kind: 'refused', next: 'hold', code: '105005' }],
    [106001, { kind: 'refused', next: 'hold' }],
    [36009033, { kind: 'refused', next: 'hold' }],
    [99999999, { kind: 'refused', next: 'dead', code: '99999999' }],
  ])('code %i', async (code, expected) => {
    const world = await start();
    world.platform.fail('/messages', { code });
    expect(await send(world, text('x'))).toMatchObject(expected);
    expect(world.platform.calls('/messages')).toHaveLength(1);
  });

  it.each([
    [{ status: 502 }, { kind: 'unknown' }],
    [{ status: 200 }, { kind: 'unknown' }],
    [{ status: 503, code: 12345 }, { kind: 'unknown' }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'refused', next: 'retry', retryAfterMs: 7_000 },
    ],
  ])('answer %j', async (fault, expected) => {
    const world = await start();
    world.platform.fail('/messages', fault);
    expect(await send(world, text('x'))).toMatchObject(expected);
  });

  it.each([45101002, 45111001, 45111017])('says a refused card as text (%i)', async (code) => {
    const world = await start();
    world.platform.fail('/messages', { code });
    expect(await send(world, { type: 'order', orderId: '1' })).toMatchObject({ kind: 'refused', next: 'text' });
    world.platform.fail('/messages', { code });
    expect(await send(world, text('no loop'))).toMatchObject({ kind: 'refused', next: 'dead' });
  });

  it('checks 45101001 once and believes it the second time', async () => {
    const world = await start();
    world.platform.fail('/messages', { code: 45101001 });
    world.platform.fail('/messages', { code: 45101001 });
    expect((await send(world, text('x'))).kind).toBe('unknown');
    expect(await send(world, text('x'))).toMatchObject({ kind: 'refused', next: 'dead' });
  });

  it('holds the shop until the next UTC day when the quota is spent, also after a restart', async () => {
    const world = await start();
    world.platform.fail('/messages', { code: 45101004, status: 429 });
    // The fake clock stands at 2023-11-14T22:13:20Z.
    const untilMidnight = ((60 - 13 - 1) * 60 + 40 + 3_600) * 1000;
    expect(await send(world, text('x'))).toMatchObject({ next: 'hold', retryAfterMs: untilMidnight });
    expect(await send(world, text('x'))).toMatchObject({ next: 'hold', retryAfterMs: untilMidnight });
    expect(world.platform.calls('/messages')).toHaveLength(1);
    expect(world.shops.meta.get(`tiktok.budget.${SHOP_ID}`)).toContain('"used":10000');
    await world.clock.advance(untilMidnight);
    world.platform.token = 'TTP_acc_1';
    expect((await send(world, text('x'))).kind).toBe('accepted');
  });

  it('paces coupon cards', async () => {
    const world = await start();
    const coupon: MessagePart = { type: 'coupon', couponId: '1' };
    expect((await send(world, coupon)).kind).toBe('accepted');
    expect(await send(world, coupon)).toMatchObject({ next: 'retry', retryAfterMs: 2_000 });
    await world.clock.advance(2_000);
    expect((await send(world, coupon)).kind).toBe('accepted');
  });

  it('refuses, and does not call it unknown, when nothing was sent', async () => {
    const world = await start({ apiUrl: 'http://127.0.0.1:1' });
    expect(await send(world, text('x'))).toMatchObject({ kind: 'refused', next: 'retry', code: 'not-sent' });
  });

  it('never shows a token, a secret, a signature or a cipher', async () => {
    const world = await start();
    const outcomes = [];
    for (const fault of [
      { drop: true },
      { code: 106001 },
      { code: 36009004, message: `${APP_SECRET} TTP_acc_1` },
      { status: 500 },
    ]) {
      world.platform.fail('/messages', fault);
      outcomes.push(await send(world, text('secret words')));
    }
    const shown = JSON.stringify(outcomes);
    for (const secret of [APP_SECRET, 'TTP_', CIPHER, 'sign=', 'secret words']) expect(shown).not.toContain(secret);
  });

  it('marks as read without a body, and gives way when a fifth of the day is left', async () => {
    const world = await start({ limits: { requestsPerDay: 10 } });
    expect(await world.channel.markRead?.(conversationOf())).toMatchObject({ kind: 'accepted' });
    expect(world.platform.calls('/read')[0]?.body.length).toBe(0);
    for (let i = 0; i < 7; i++) await send(world, text(`x${i}`));
    expect(await world.channel.markRead?.(conversationOf())).toMatchObject({ kind: 'refused', next: 'retry' });
    expect((await send(world, text('still'))).kind).toBe('accepted');
  });
});

describe('outgoing images', () => {
  const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const serve = async (bytes: Buffer, status = 200, headers: Record<string, string> = {}) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, headers);
      response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  };

  it('are uploaded as multipart field data and sent with numeric sizes, once per address', async () => {
    const media = await serve(PNG);
    const world = await start({ allowedOrigins: [media.origin] });
    const part: MessagePart = { type: 'image', url: `${media.origin}/a` };
    expect((await send(world, part)).kind).toBe('accepted');
    expect((await send(world, part)).kind).toBe('accepted');
    const uploads = world.platform.calls('/images/upload');
    expect(uploads).toHaveLength(1);
    expect(uploads[0]?.body.includes(PNG)).toBe(true);
    const content = JSON.parse(world.platform.lines[0]?.content ?? '');
    expect(content).toMatchObject({ width: 304, height: 290 });
    const since = world.clock.now();
    const found = await world.channel.readBack?.({
      conversation: conversationOf(),
      part,
      ref: 'r',
      since,
      taken: new Set(),
    });
    expect(found?.kind).toBe('found');
    await media.close();
  });

  it.each([
    ['something that is no image', Buffer.from('<html>not an image</html>'), 200, {}],
    ['an error page', PNG, 404, {}],
    ['a redirect to a private address', PNG, 302, { location: 'http://169.254.169.254/latest/meta-data' }],
  ])('become text when the address gives %s', async (_what, bytes, status, headers) => {
    const media = await serve(bytes, status, headers);
    const world = await start({ allowedOrigins: [media.origin] });
    expect(await send(world, { type: 'image', url: `${media.origin}/a` })).toMatchObject({
      kind: 'refused',
      next: 'text',
    });
    expect(world.platform.calls('/images/upload')).toEqual([]);
    await media.close();
  });

  it('are not fetched from private addresses', async () => {
    const media = await serve(PNG);
    const world = await start();
    const port = new URL(media.origin).port;
    for (const url of [
      media.origin,
      `http://localhost:${port}/`,
      `http://[::1]:${port}/`,
      'file:///etc/passwd',
      'nonsense',
    ])
      expect(await send(world, { type: 'image', url })).toMatchObject({ kind: 'refused', next: 'text' });
    expect(world.platform.seen).toEqual([]);
    await media.close();
  });

  it('wait, rather than become text, when uploads are too fast', async () => {
    const media = await serve(PNG);
    const world = await start({ allowedOrigins: [media.origin] });
    world.platform.fail('/upload', { code: 36009002 });
    expect(await send(world, { type: 'image', url: media.origin })).toMatchObject({ next: 'retry' });
    world.platform.fail('/upload', { code: 36009021 });
    expect(await send(world, { type: 'image', url: media.origin })).toMatchObject({ next: 'text' });
    await media.close();
  });
});

describe('the error table', () => {
  it('has an outcome for every code', () => {
    for (const code of Object.keys(TIKTOK_ERRORS)) {
      const failure = failureOf({ code, status: 200, message: '' });
      expect(failure.code).toBe(code);
      expect(['refused', 'unknown']).toContain(sendOutcomeOf(failure, text('x')).kind);
    }
  });

  it('reads the catch-all by its message', () => {
    const effect = (message: string) => failureOf({ code: '36009004', status: 400, message }).effect;
    expect(effect('invalid access_token')).toBe('refresh');
    expect(effect('timestamp expired')).toBe('config');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../../../src/common/errors.ts';
import type { HttpRequest } from '../../../../src/contracts/http.ts';
import { activityOf, createHarness, SERVICE_URL } from './builders.ts';

const errorOf = (reply: { body?: unknown }): { code: string; message: string } => JSON.parse(String(reply.body)).error;

describe('POST /api/messages without an app id', () => {
  it('makes a message durable and answers 200', async () => {
    const { post, events } = createHarness();
    expect(await post(activityOf())).toEqual({ status: 200 });
    expect(events).toEqual([
      {
        eventKey: 'botframework:emulator:e:c-1|livechat:a-1',
        messageKey: 'botframework:emulator:m:c-1|livechat:a-1',
        bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        source: 'botframework',
        target: {
          by: 'conversation',
          ref: { channel: 'botframework', shopId: 'emulator', externalId: 'c-1|livechat' },
          buyer: { id: 'user-7', customerToken: 'bf-emulator-user-7', name: 'Ada' },
        },
        order: { index: null, at: Date.UTC(2026, 2, 1, 10) },
        body: {
          kind: 'buyer.message',
          message: { id: 'a-1', part: { type: 'text', text: 'hi' }, at: Date.UTC(2026, 2, 1, 10), visible: true },
        },
      },
    ]);
  });

  it('knows where to answer before the message is durable', async () => {
    let known = 0;
    const harness = createHarness({
      ingest: async () => {
        known = harness.meta.size;
      },
    });
    await harness.post(activityOf());
    expect(known).toBe(1);
  });

  const local: Partial<HttpRequest>[] = [
    { remoteAddress: '127.0.0.1' },
    { remoteAddress: '127.8.9.10' },
    { remoteAddress: '::1', headers: { host: '[::1]:3978' } },
    { remoteAddress: '::ffff:127.0.0.1', headers: { host: 'localhost:3978' } },
    { headers: { host: 'localhost', origin: 'http://localhost:3000' } },
  ];
  it.each(local)('serves a caller on this machine: %j', async (request) => {
    const { post, events } = createHarness();
    expect((await post(activityOf(), request)).status).toBe(200);
    expect(events).toHaveLength(1);
  });

  const host = '127.0.0.1:3978';
  const strangers: Partial<HttpRequest>[] = [
    { remoteAddress: '192.168.1.20' },
    { remoteAddress: '203.0.113.9' },
    { remoteAddress: '::ffff:10.0.0.2' },
    { remoteAddress: '2001:db8::1' },
    { remoteAddress: '' },
    { remoteAddress: '1270.0.0.1' },
    { headers: { host, 'x-forwarded-for': '127.0.0.1' } },
    { headers: { host, forwarded: 'for=127.0.0.1' } },
    { headers: { host, 'x-real-ip': '127.0.0.1' } },
    { headers: { host, via: '1.1 proxy' } },
    { headers: { host: 'bridge.example.com' } },
    { headers: { host: '127.0.0.1.example.com' } },
    { headers: { host, origin: 'https://shop.example' } },
    { headers: { host, origin: 'null' } },
  ];
  it.each(strangers)('refuses everybody else with 403 and stores nothing: %j', async (request) => {
    const { post, events, meta } = createHarness();
    expect((await post(activityOf(), request)).status).toBe(403);
    expect(events).toEqual([]);
    expect(meta.size).toBe(0);
  });

  it.each(['https://smba.trafficmanager.net/emea/', 'http://10.0.0.5', 'http://127.0.0.1.evil.example/'])(
    'refuses to answer at %s',
    async (serviceUrl) => {
      const { post, events, meta } = createHarness();
      expect((await post(activityOf({ serviceUrl }))).status).toBe(403);
      expect([...events, ...meta]).toEqual([]);
    },
  );

  it.each([
    'file:///etc/passwd',
    'nonsense',
    '',
    'http://user:pw@127.0.0.1',
    'http://127.0.0.1/?a=1',
    'urn:botframework:ws',
  ])('answers 400 to the service address "%s"', async (serviceUrl) => {
    const { post, events } = createHarness();
    expect((await post(activityOf({ serviceUrl }))).status).toBe(400);
    expect(events).toEqual([]);
  });

  it.each([
    ['not JSON', '{"type":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['deep nesting', '['.repeat(100_000)],
    ['no type', activityOf({ type: undefined })],
    ['a number as type', activityOf({ type: 7 })],
    ['no conversation', activityOf({ conversation: undefined })],
    ['a conversation without an id', activityOf({ conversation: {} })],
    ['a path as conversation', activityOf({ conversation: { id: '..' } })],
    ['a control character in an id', activityOf({ id: 'a\u0000' })],
    ['a lone surrogate in an id', activityOf({ from: { id: '\ud800' } })],
    ['an endless id', activityOf({ conversation: { id: 'x'.repeat(401) } })],
    ['no sender', activityOf({ from: undefined })],
    ['a text that is none', activityOf({ text: { a: 1 } })],
    ['attachments that are none', activityOf({ attachments: 'x' })],
    ['no channel', activityOf({ channelId: null })],
  ])('answers 400 to %s', async (_what, body) => {
    const { post, events, meta } = createHarness();
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(errorOf(reply).message).not.toBe('');
    expect([...events, ...meta]).toEqual([]);
  });

  it('says which field is wrong, and not what stood in it', async () => {
    const { post } = createHarness();
    const { message } = errorOf(await post(activityOf({ from: { id: 5 }, text: ['sesame'] })));
    expect(message).toContain('from.id');
    expect(message).toContain('text');
    expect(message).not.toContain('sesame');
  });

  it.each(['conversationUpdate', 'typing', 'event', 'messageReaction', 'installationUpdate', 'madeUp'])(
    'takes a %s activity and does nothing about it',
    async (type) => {
      const { post, events } = createHarness();
      expect((await post(activityOf({ type, from: undefined, text: undefined }))).status).toBe(200);
      expect(events).toEqual([]);
    },
  );

  it('says 501 to what wants its answer in the response', async () => {
    const { post, events } = createHarness();
    for (const changes of [
      { type: 'invoke', name: 'x' },
      { deliveryMode: 'expectReplies' },
      { deliveryMode: 'stream' },
    ])
      expect((await post(activityOf(changes))).status).toBe(501);
    expect(events).toEqual([]);
  });

  it('lets a failing store through, so that it is answered 503 and not 200', async () => {
    const { post } = createHarness({
      ingest: async () => {
        throw new StoreUnavailableError('the database is locked');
      },
    });
    await expect(post(activityOf())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('never throws, and never stores what it refuses, whatever is posted', async () => {
    const anyValue = fc.anything({ withBigInt: false, withDate: false, maxDepth: 3 });
    const field = fc.constantFrom(
      ...Object.keys(activityOf()),
      'attachments',
      'entities',
      'deliveryMode',
      'value',
      '__proto__',
    );
    const altered = fc.dictionary(field, anyValue).map((changes) => JSON.stringify({ ...activityOf(), ...changes }));
    const valid = JSON.stringify(activityOf());
    const cut = fc
      .tuple(fc.nat(valid.length), fc.nat(20), fc.string())
      .map(([at, length, put]) => valid.slice(0, at) + put + valid.slice(at + length));
    const bytes = fc.uint8Array().map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(fc.oneof(altered, cut, fc.json(), fc.string(), bytes), async (body) => {
        const { post, events } = createHarness();
        const reply = await post(body);
        expect([200, 400, 403, 501]).toContain(reply.status);
        if (reply.status !== 200) expect(events).toEqual([]);
        for (const event of events) expect(event.target).toMatchObject({ by: 'conversation' });
      }),
      { numRuns: 400 },
    );
  });

  it('answers at the address that a conversation used last', async () => {
    const { post, meta } = createHarness();
    await post(activityOf());
    await post(activityOf({ id: 'a-2', serviceUrl: `${SERVICE_URL}/2` }));
    expect([...meta.values()].map((value) => JSON.parse(value).serviceUrl)).toEqual([`${SERVICE_URL}/2`]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../../../src/contracts/channel.ts';
import type { MessagePart } from '../../../../src/contracts/message.ts';
import {
  activityOf,
  conversationOf,
  createHarness,
  type FakeConnector,
  type Harness,
  startFakeConnector,
} from './builders.ts';

describe('an answer to a Bot Framework conversation', () => {
  let connector: FakeConnector;
  beforeEach(async () => {
    connector = await startFakeConnector();
  });
  afterEach(() => connector.close());

  const greeted = async (): Promise<Harness> => {
    const harness = createHarness();
    expect((await harness.post(activityOf({ serviceUrl: connector.url }))).status).toBe(200);
    return harness;
  };
  const send = (harness: Harness, part: MessagePart = { type: 'text', text: 'Hello\nAda' }): Promise<SendOutcome> =>
    harness.channel.send({ conversation: conversationOf(), part, ref: 'ref-1' });

  it('goes to the conversation at its service address, as plain text', async () => {
    const harness = await greeted();
    expect(await send(harness)).toEqual({ kind: 'accepted', externalId: 'reply-1' });
    expect(connector.posts).toEqual([
      {
        path: '/v3/conversations/c-1%7Clivechat/activities',
        authorization: undefined,
        body: {
          type: 'message',
          channelId: 'emulator',
          serviceUrl: connector.url,
          conversation: { id: 'c-1|livechat' },
          from: { id: 'bot-1', name: 'Bot' },
          recipient: { id: 'user-7', name: 'Ada' },
          text: 'Hello\nAda',
          textFormat: 'plain',
        },
      },
    ]);
  });

  it('finds its way after a restart', async () => {
    const before = await greeted();
    const after = createHarness({}, before.meta);
    expect(await send(after)).toMatchObject({ kind: 'accepted' });
  });

  it('keeps nothing of the buyer beside the conversation', async () => {
    const { meta } = await greeted();
    expect(JSON.stringify([...meta])).not.toMatch(/Ada|user-7/);
  });

  it('carries an image as an attachment', async () => {
    const harness = await greeted();
    await send(harness, { type: 'image', url: 'https://cdn.example/a.png?x=1' });
    expect(connector.posts[0]?.body.attachments).toEqual([
      { contentType: 'image/png', contentUrl: 'https://cdn.example/a.png?x=1' },
    ]);
  });

  it('lets a card be told as text', async () => {
    const harness = await greeted();
    expect(await send(harness, { type: 'product', productId: '1' })).toMatchObject({ kind: 'refused', next: 'text' });
    expect(connector.posts).toEqual([]);
  });

  it('takes an answer without an id for success', async () => {
    const harness = await greeted();
    for (const body of ['', 'OK', '{}', '{"id":5}']) {
      connector.answer = { status: 200, body };
      expect(await send(harness)).toEqual({ kind: 'accepted', externalId: null });
    }
  });

  it.each([
    [429, 'retry'],
    [412, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
    [401, 'retry'],
    [403, 'closed'],
    [404, 'closed'],
    [400, 'dead'],
    [413, 'dead'],
    [302, 'dead'],
  ])('says %i as %s, after one request', async (status, next) => {
    const harness = await greeted();
    connector.answer = { status, headers: { location: 'http://127.0.0.1:1/' } };
    expect(await send(harness)).toMatchObject({ kind: 'refused', next });
    expect(connector.posts).toHaveLength(1);
  });

  it('waits as long as the connector asks for, and names its code', async () => {
    const harness = await greeted();
    connector.answer = {
      status: 429,
      headers: { 'retry-after': '7' },
      body: '{"error":{"code":"TooMany","message":"secret"}}',
    };
    const outcome = await send(harness);
    expect(outcome).toMatchObject({ code: 'TooMany', retryAfterMs: 7_000 });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('has an image told as text when it is refused', async () => {
    const harness = await greeted();
    connector.answer = { status: 400 };
    const image: MessagePart = { type: 'image', url: 'https://cdn.example/a' };
    expect(await send(harness, image)).toMatchObject({ kind: 'refused', next: 'text' });
  });

  it('says that it does not know when the answer was lost, and later leaves it to the back-off', async () => {
    const harness = await greeted();
    connector.answer = 'hang-up';
    expect(await send(harness)).toMatchObject({ kind: 'unknown' });
    expect(await send(harness)).toMatchObject({ kind: 'unknown' });
    expect(await send(harness)).toMatchObject({ kind: 'refused', next: 'retry', code: 'OUTCOME_UNKNOWN' });
    expect(connector.posts).toHaveLength(3);
  });

  it('knows that nothing left when nobody listens', async () => {
    const harness = await greeted();
    await connector.close();
    expect(await send(harness)).toMatchObject({ kind: 'refused', next: 'retry', code: 'NETWORK_NOT_SENT' });
  });

  it('gives up where it does not know the way', async () => {
    expect(await send(createHarness())).toMatchObject({ kind: 'refused', next: 'dead', code: 'NO_REFERENCE' });
  });

  it('does not follow an address outside this machine once the app id is gone', async () => {
    const harness = await greeted();
    const [key] = harness.meta.keys();
    const stored = JSON.parse(harness.meta.get(key ?? '') ?? '');
    const meta = new Map([
      [key ?? '', JSON.stringify({ ...stored, serviceUrl: 'https://smba.trafficmanager.net/emea/' })],
    ]);
    expect(await send(createHarness({}, meta))).toMatchObject({ kind: 'refused', next: 'dead', code: 'NOT_LOCAL' });
  });
});

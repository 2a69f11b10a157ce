import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/sqlite/driver.ts';
import type { Bridge } from '../helpers/processes.ts';
import { rawRequest, tiktokSignature } from '../helpers/raw-http.ts';
import { createStage, type Stage, type Talk, tail, textOf } from '../helpers/stage.ts';
import { until } from '../helpers/until.ts';

/** Everything hostile, broken or merely odd that can be sent to a running bridge. After each test it must still answer a buyer. */
let stage: Stage;
let bridge: Bridge;
let control = 0;
beforeAll(async () => {
  stage = await createStage({ dialogs: 'test/fixtures/e2e-dialogs/echo' });
  bridge = await stage.start();
}, 120_000);
afterAll(() => stage.close());
afterEach(async () => {
  control += 1;
  expect(bridge.running(), tail(stage.printed())).toBe(true);
  await stage.say(`control${control}`, `still there ${control}`);
  await stage.answered(`control${control}`, new RegExp(`^Echo: still there ${control}$`));
}, 60_000);

const TIKTOK = '/webhooks/tiktok';

/** A body signed as TikTok signs. */
async function post(
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${stage.url}${TIKTOK}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: tiktokSignature(stage.credentials.tiktok, body),
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: answer.status, body: await answer.text() };
}

const postJson = (value: unknown) => post(JSON.stringify(value));
const OK = { status: 200, body: '' };

/** A message that stands in the simulator's conversation and whose webhook this test writes itself. */
async function written(buyer: string, text = 'placeholder') {
  const { conversationId, messageId, index } = await stage.say(buyer, text, { deliver: { lost: true } });
  const { imUserId } = (await stage.talk(buyer)).buyer;
  const nowSec = Math.floor(Date.now() / 1000);
  return {
    envelope: (data: object, more: object = {}) => ({
      type: 14,
      tts_notification_id: `9${messageId.slice(1)}`,
      shop_id: stage.shop.shopId,
      timestamp: nowSec,
      data: {
        content: JSON.stringify({ content: text }),
        conversation_id: conversationId,
        create_time: nowSec,
        is_visible: true,
        message_id: messageId,
        index,
        type: 'TEXT',
        sender: { im_user_id: imUserId, role: 'BUYER' },
        ...data,
      },
      ...more,
    }),
    conversationId,
    messageId,
    index,
    imUserId,
    nowSec,
  };
}

async function metric(name: string, labels: string): Promise<number> {
  const text = await (await fetch(`${stage.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(labels));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}

const aside = () => metric('buyerline_aside_total', 'reason="unreadable"');

describe('bodies that a platform signs but nobody can read', () => {
  it.each([
    ['malformed JSON', '{"type":14,'],
    ['an empty body', ''],
    ['not JSON at all', 'hello'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0xd8])],
    ['a number', '14'],
    ['null', 'null'],
    ['a text', '"{}"'],
    ['an empty list', '[]'],
    ['a list of odd things', '[1,null,"x",[]]'],
    ['an empty object', '{}'],
    ['nested deeper than the stack', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('answers 200 to %s, empty, and puts it aside', async (_name, body) => {
    const before = await aside();
    expect(await post(body)).toEqual(OK);
    expect(await aside()).toBeGreaterThan(before);
  });

  it('answers 200 to wrong types in every field', async () => {
    const odd: unknown[] = [null, true, -1, 1.5, 1e300, '', 'x', '\u0000', [], [1], {}, { a: 1 }, '9'.repeat(5_000)];
    const message = await written('odd');
    const whole = message.envelope({});
    const fields = Object.keys(whole.data);
    for (const value of odd) {
      for (const field of ['type', 'tts_notification_id', 'shop_id', 'timestamp', 'data'])
        expect(
          await postJson({ ...whole, [field]: value }),
          `${field} = ${JSON.stringify(value)?.slice(0, 40)}`,
        ).toEqual(OK);
      for (const field of fields) {
        const body = { ...whole, tts_notification_id: undefined, data: { ...whole.data, [field]: value } };
        expect(await postJson(body), `data.${field} = ${JSON.stringify(value)?.slice(0, 40)}`).toEqual(OK);
      }
    }
    for (const type of [1, 4, 11, 12, 13, 14, 8, 9, 4099])
      for (const data of odd)
        expect(await postJson({ ...whole, type, tts_notification_id: undefined, data })).toEqual(OK);
    // These end an authorisation, whatever their data says: for another shop, so that ours goes on.
    for (const type of [6, 7])
      for (const data of odd)
        expect(
          await postJson({ ...whole, shop_id: '7490000000000000001', type, tts_notification_id: undefined, data }),
        ).toEqual(OK);
  }, 120_000);
});

describe('messages that are odd and valid', () => {
  it('answers a message whose content is no JSON', async () => {
    const { envelope } = await written('plain');
    expect(await postJson(envelope({ content: 'just words, no JSON' }))).toEqual(OK);
    await stage.answered('plain', /^Echo: just words, no JSON$/);
  });

  it('keeps every digit of ids that came as bare numbers above 2^53', async () => {
    const { envelope, conversationId, messageId, imUserId } = await written('bare', 'bare numbers');
    const body = JSON.stringify(envelope({})).replace(
      new RegExp(`"(${conversationId}|${messageId}|${imUserId}|${stage.shop.shopId})"`, 'g'),
      '$1',
    );
    expect(body).toContain(`"conversation_id":${conversationId}`);
    expect(await post(body)).toEqual(OK);
    await stage.answered('bare', /^Echo: bare numbers$/);
    // The same message in the usual form is the same message.
    expect(await postJson(envelope({}, { tts_notification_id: '7000000000000000123' }))).toEqual(OK);
    await stage.settled();
    expect(await stage.answers('bare')).toHaveLength(1);
  }, 60_000);

  it('answers text with lone surrogates and NUL', async () => {
    const { envelope } = await written('surrogate');
    const content = String.raw`{"content":"half \ud83d of \udc00 it\u0000!"}`;
    expect(await postJson(envelope({ content }))).toEqual(OK);
    const answer = await stage.answered('surrogate', /^Echo: half/);
    expect(answer).toMatch(/^Echo: half \uFFFD of \uFFFD it.?!$/u);
    const raw = JSON.stringify((await written('surrogate2')).envelope({})).replace(
      'placeholder',
      String.raw`\\ud800 alone`,
    );
    expect(await post(raw)).toEqual(OK);
    await stage.answered('surrogate2', /^Echo: \uFFFD alone$/u);
  }, 60_000);

  it('takes empty texts without an answer and without a stumble', async () => {
    for (const text of ['', '   ', '\n\t', '\u200b']) {
      const { envelope } = await written('empty', 'x');
      expect(await postJson(envelope({ content: JSON.stringify({ content: text }) }))).toEqual(OK);
    }
    await stage.say('empty', 'and now words');
    await stage.answered('empty', /and now words/);
    await stage.settled();
    expect((await stage.cli(['dead-letters', 'list'])).stdout).toBe('No dead letters.\n');
  }, 60_000);

  it('answers an event once that comes again hours later, and one that is dated hours ago or in the future', async () => {
    const first = await written('again', 'said once');
    const bytes = JSON.stringify(first.envelope({}));
    expect(await post(bytes)).toEqual(OK);
    await stage.answered('again', /^Echo: said once$/);
    expect(await post(bytes)).toEqual(OK);
    const lateSec = first.nowSec + 16 * 3_600;
    expect(
      await postJson(first.envelope({}, { timestamp: lateSec, tts_notification_id: '7000000000000000999' })),
    ).toEqual(OK);
    for (const [buyer, hours] of [
      ['past', -16],
      ['future', 72],
    ] as const) {
      const { envelope, nowSec } = await written(buyer);
      const at = nowSec + hours * 3_600;
      expect(
        await postJson(envelope({ content: `{"content":"from the ${buyer}"}`, create_time: at }, { timestamp: at })),
      ).toEqual(OK);
      await stage.answered(buyer, new RegExp(`^Echo: from the ${buyer}$`));
      await stage.say(buyer, 'from now');
      await stage.answered(buyer, /^Echo: from now$/);
    }
    await stage.settled();
    expect(await stage.answers('again')).toEqual(['Echo: said once']);
  }, 90_000);

  it('keeps the same id with other words aside, counted, and answers the first only', async () => {
    const { envelope } = await written('twofaced');
    expect(await postJson(envelope({ content: '{"content":"first words"}' }))).toEqual(OK);
    await stage.answered('twofaced', /^Echo: first words$/);
    const before = await metric('buyerline_aside_total', 'reason="conflict"');
    expect(await postJson(envelope({ content: '{"content":"other words"}' }))).toEqual(OK);
    expect(await metric('buyerline_aside_total', 'reason="conflict"')).toBe(before + 1);
    await stage.settled();
    expect(await stage.answers('twofaced')).toEqual(['Echo: first words']);
  }, 60_000);

  it('never answers lines that the buyer did not write or cannot see, and survives unknown roles and types', async () => {
    const { envelope } = await written('roles');
    const sender = { im_user_id: '7494560109732339999' };
    for (const role of ['SYSTEM', 'ROBOT', 'SHOP', 'KING', '', undefined])
      expect(
        await postJson({
          ...envelope({ message_id: `70000000000${control}${String(role).length}1`, sender: { ...sender, role } }),
          tts_notification_id: undefined,
        }),
      ).toEqual(OK);
    expect(await postJson(envelope({ is_visible: false }))).toEqual(OK);
    expect(await postJson({ ...envelope({}), type: 4099, tts_notification_id: '7000000000000004099' })).toEqual(OK);
    await stage.settled();
    expect(await stage.answers('roles')).toEqual([]);
  }, 60_000);
});

describe('signatures', () => {
  it('answers 401, empty, to a signature that is wrong, missing or odd, and stores nothing', async () => {
    const { envelope } = await written('forged');
    const body = JSON.stringify(envelope({}));
    const good = tiktokSignature(stage.credentials.tiktok, body);
    const other = tiktokSignature({ ...stage.credentials.tiktok, appSecret: 'guess' }, body);
    for (const authorization of [
      other,
      '',
      'x',
      good.slice(1),
      `${good}0`,
      `Bearer ${good}`,
      `${good.slice(0, -1)}!`,
      'é'.repeat(64),
    ])
      expect(await post(body, { authorization }), authorization).toEqual({ status: 401, body: '' });
    expect(await post(`${body} `, { authorization: good })).toEqual({ status: 401, body: '' });
    await stage.settled();
    expect(await stage.answers('forged')).toEqual([]);
    // The control of this test: the right signature for the same bytes.
    expect(await post(body)).toEqual(OK);
    await stage.answered('forged', /placeholder/);
  }, 60_000);

  it('leaves events of an unknown shop aside with 200, and answers them when the shop has been added', async () => {
    const [, second] = stage.credentials.tiktok.shops;
    if (second === undefined) throw new Error('the simulator has one shop only');
    const { messageId } = await stage.say('stranger', 'hello other shop', { shopId: second.shopId });
    await until('the bridge has acknowledged it', async () =>
      (await stage.deliveries()).some(({ body, state }) => body.includes(messageId) && state === 'delivered'),
    );
    const listed = await stage.cli(['replay']);
    expect(listed.stdout).toMatch(new RegExp(`unknown_shop: tiktok shop ${second.shopId}`));
    const added = await stage.cli(
      [
        'shops',
        'add',
        'tiktok',
        second.shopId,
        '--cipher',
        second.cipher,
        '--name',
        second.name,
        '--region',
        second.region,
      ],
      { SHOP_ACCESS_TOKEN: second.accessToken, SHOP_REFRESH_TOKEN: second.refreshToken },
    );
    expect(added.code, added.stderr).toBe(0);
    expect((await bridge.stop()).code).toBe(0);
    bridge = await stage.start();
    await until('the other shop answers', async () => {
      const [talk] = await stage.tiktok.get<Talk[]>('conversations', { shopId: second.shopId, buyer: 'stranger' });
      return talk?.messages.some((line) => line.via === 'api' && textOf(line) === 'Echo: hello other shop');
    });
    await stage.settled();
    expect((await stage.cli(['replay'])).stdout).not.toContain(second.shopId);
  }, 120_000);
});

describe('bodies too large and too slow', () => {
  it('answers 413 to more than 1 MiB, declared or not, and takes a body of exactly 1 MiB', async () => {
    const big = Buffer.alloc(1_048_577, 0x20);
    expect((await post(big)).status).toBe(413);
    const chunk = Buffer.alloc(65_536, 0x20);
    const chunks = Array.from({ length: 20 }, () =>
      Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]),
    );
    const chunked = await rawRequest(stage.url, [
      `POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ...chunks,
    ]);
    expect(chunked.status).toBe(413);
    expect(
      (await rawRequest(stage.url, [`POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`]))
        .status,
    ).toBe(413);

    const { envelope } = await written('large');
    const json = JSON.stringify(envelope({ content: '{"content":"large"}' }));
    expect(await post(json.padEnd(1_048_576, ' '))).toEqual(OK);
    await stage.answered('large', /^Echo: large$/);
    // A long text is answered with what fits the platform, not dropped.
    const { envelope: long } = await written('long');
    expect(await postJson(long({ content: JSON.stringify({ content: 'word '.repeat(20_000) }) }))).toEqual(OK);
    await stage.answered('long', /^Echo: word/);
  }, 90_000);

  it('gives up on bodies that trickle or stop, and answers others meanwhile', async () => {
    const head = `POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`;
    const slow = Array.from({ length: 30 }, () =>
      rawRequest(stage.url, [head, ...Array.from({ length: 60 }, () => ' ')], { everyMs: 500, deadlineMs: 40_000 }),
    );
    const stopped = rawRequest(stage.url, [head, '{"type":'], { deadlineMs: 40_000 });
    const headersOnly = rawRequest(stage.url, ['POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nX-Slow: '], {
      deadlineMs: 60_000,
    });
    await stage.say('meanwhile', 'is anybody there?');
    await stage.answered('meanwhile', /^Echo: is anybody there\?$/);
    for (const answer of await Promise.all([...slow, stopped])) expect(answer.status).toBe(408);
    const silent = await headersOnly.catch((thrown: Error) => thrown);
    expect(silent instanceof Error ? silent.message : `status ${silent.status}`).toMatch(
      /closed without an answer|status 408/,
    );
  }, 120_000);
});

describe('requests that are hardly HTTP', () => {
  it.each([
    ['a Host with a space', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['a Host that is no host', 'GET /healthz HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
    ['a Host with a path', 'GET /healthz HTTP/1.1\r\nHost: ://\r\n\r\n', 400],
    ['a Host with a huge port', 'GET /healthz HTTP/1.1\r\nHost: x:999999999\r\n\r\n', 400],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['an absolute-form URL', 'GET http://other.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 200],
    ['an absolute-form URL with a broken host', 'GET http://[/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    [
      'an absolute-form URL with a huge port',
      'POST http://x:999999/webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
      400,
    ],
    ['another scheme', 'GET ftp://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a broken escape in the path', 'GET /%zz%ff HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['a broken escape in the secret', 'POST /webhooks/udesk/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 404],
    ['two slashes', 'GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['the asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['another method', 'GET /webhooks/tiktok HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['a method nobody knows', 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a request line that is none', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    ['a header with a control character', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x01b\r\n\r\n', 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
    [
      'both lengths',
      'POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a length that is none', 'POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
  ])('answers %s', async (_name, text, status) => {
    expect((await rawRequest(stage.url, [text])).status).toBe(status);
  });

  it('survives clients that leave in the middle', async () => {
    const { hostname, port } = new URL(stage.url);
    const { connect } = await import('node:net');
    await Promise.all(
      Array.from(
        { length: 50 },
        (_, i) =>
          new Promise<void>((resolve) => {
            const socket = connect({ host: hostname, port: Number(port) }, () => {
              socket.write(`POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n${'{'.repeat(i)}`);
              setTimeout(() => socket.resetAndDestroy(), i * 4);
            });
            socket.once('close', () => resolve());
            socket.once('error', () => resolve());
          }),
      ),
    );
    expect((await fetch(`${stage.url}/healthz`)).status).toBe(200);
  });

  it('refuses hostile bodies at /api/messages without falling over', async () => {
    const odd = [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '1',
      '{"type":"message"}',
      '{"type":"message","conversation":1,"from":[],"serviceUrl":"file:///etc/passwd"}',
    ];
    for (const body of odd) {
      const answer = await fetch(`${stage.url}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status, body).toBeGreaterThanOrEqual(400);
      expect(answer.status, body).toBeLessThan(500);
    }
  });
});

describe("Udesk's pushes", () => {
  const push = async (body: string, secret = stage.credentials.udesk.pushSecret) => {
    const answer = await fetch(`${stage.url}/webhooks/udesk/${secret}`, { method: 'POST', body });
    return { status: answer.status, body: await answer.text() };
  };

  it('answers 404 to a wrong secret exactly as to a path that does not exist', async () => {
    const real = JSON.stringify({ customer_token: 'x', assign_type: 'agent', messages: [] });
    const nowhere = await fetch(`${stage.url}/nothing/here`, { method: 'POST', body: real });
    const { pushSecret } = stage.credentials.udesk;
    for (const secret of [
      'wrong',
      pushSecret.slice(1),
      `${pushSecret}x`,
      pushSecret.toUpperCase(),
      '%00',
      'a'.repeat(3_000),
    ])
      expect(await push(real, secret), secret.slice(0, 20)).toEqual({
        status: nowhere.status,
        body: await nowhere.clone().text(),
      });
    expect(nowhere.status).toBe(404);
  });

  it('answers 200 to broken JSON, wrong types and strangers', async () => {
    const bodies: unknown[] = [
      [],
      {},
      null,
      1,
      'x',
      { messages: 1 },
      { messages: [null, 1, 'x', [], {}] },
      { customer_token: 1, assign_type: [], messages: [{ type: 1, data: 'x', im_sub_session_id: {} }] },
      {
        customer_token: 'nobody',
        assign_type: 'agent',
        messages: [{ type: 'message', message_id: 'm-1', im_sub_session_id: 1, data: { content: 'hello' } }],
      },
      {
        customer_token: 'nobody',
        assign_type: 'agent',
        messages: [{ type: 'dance', message_id: 'm-2', im_sub_session_id: 1, data: null }],
      },
      {
        customer_token: 'x'.repeat(10_000),
        assign_type: 'agent',
        messages: [{ type: 'close', data: { close_type: {} } }],
      },
    ];
    for (const body of bodies) expect(await push(JSON.stringify(body)), JSON.stringify(body).slice(0, 60)).toEqual(OK);
    for (const body of ['', '{', '{"customer_token":', '\u0000', '<xml/>', `${'['.repeat(100_000)}`])
      expect(await push(body), body.slice(0, 20)).toEqual(OK);
  });

  it('delivers the words of an agent although a broken push came before and after', async () => {
    await stage.say('between', 'human please');
    const token = await stage.token('between');
    await until('an agent has the buyer', async () => (await stage.session(token))?.open === true);
    await stage.udesk.post('push/raw', { body: '{"customer_token": "' });
    await stage.udesk.post('agent/say', { customerToken: token, content: 'hello from a person \ud83d\ude00' });
    await stage.udesk.post('push/raw', {
      body: `{"customer_token":"${token}","assign_type":"agent","messages":[{"type":"message"}]}`,
    });
    await stage.answered('between', /^hello from a person 😀$/u);
  }, 60_000);
});

/** Another connection that writes and does not end: the way in which a SQLite file is away for a while and comes back. */
function lockStore() {
  const holder = openDatabase(join(stage.dir, 'buyerline.db'));
  holder.exec('PRAGMA busy_timeout = 10000');
  holder.exec('BEGIN IMMEDIATE');
  return holder;
}

describe('the store is away', () => {
  it('answers 503 in time for the platform, says so at /readyz, and goes on by itself', async () => {
    const { envelope } = await written('locked', 'said while locked');
    const holder = lockStore();
    let held = true;
    try {
      const begunAt = Date.now();
      const answers = await Promise.all([postJson(envelope({})), postJson(envelope({}))]);
      expect(answers).toEqual([
        { status: 503, body: '' },
        { status: 503, body: '' },
      ]);
      // TikTok waits 3 s for an answer.
      expect(Date.now() - begunAt).toBeLessThan(3_000);
      expect((await fetch(`${stage.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${stage.url}/healthz`)).status).toBe(200);
      // A real delivery: the simulator repeats it on its ladder.
      await stage.say('ladder', 'please repeat me');
      await until('the platform was told to repeat', async () =>
        (await stage.deliveries()).some(({ attempts }) => attempts.some(({ status }) => status === 503)),
      );
      holder.exec('ROLLBACK');
      held = false;
      await until('it is ready again', async () => (await fetch(`${stage.url}/readyz`)).status === 200);
      expect(await postJson(envelope({}))).toEqual(OK);
      await stage.answered('locked', /^Echo: said while locked$/);
      await stage.answered('ladder', /^Echo: please repeat me$/);
    } finally {
      if (held) holder.exec('ROLLBACK');
      holder.close();
    }
    await stage.settled();
    expect(await stage.answers('ladder')).toHaveLength(1);
  }, 120_000);

  it('lets no conversation stand still whose turn or delivery could not be written down', async () => {
    const store = await stage.store();
    await stage.tiktok.post('faults', { endpoint: 'messages.send', delayMs: 1_200, times: 6 });
    const slow = Array.from({ length: 6 }, (_, i) => `slow${i}`);
    for (const buyer of slow) await stage.say(buyer, `one ${buyer}`);
    const { id } = await stage.talk('slow5');
    await until('its answer is on its way', async () => {
      const [conversation] = await store.findConversations(id, 1);
      if (conversation === undefined) return false;
      const story = await store.timeline(conversation.id, { limit: 10 });
      return story.some((entry) => entry.kind === 'outbound' && entry.status === 'sending');
    });
    const many = Array.from({ length: 24 }, (_, i) => `many${i}`);
    await Promise.all(many.map((buyer) => stage.say(buyer, `one ${buyer}`)));
    const holder = lockStore();
    try {
      await until('a delivery meets the locked store', () =>
        /delivery\.record_failed|store\.awaited/.test(bridge.stdout()),
      );
    } finally {
      holder.exec('ROLLBACK');
      holder.close();
      await stage.tiktok.post('faults/clear');
    }
    for (const buyer of [...slow, ...many]) {
      // First words that met the locked store were refused with 503 and come again on the ladder.
      await stage.answered(buyer, new RegExp(`one ${buyer}`));
      await stage.say(buyer, `two ${buyer}`);
      await stage.answered(buyer, new RegExp(`two ${buyer}`));
    }
    await stage.settled();
    for (const buyer of [...slow, ...many]) {
      const said = (await stage.answers(buyer)).join('\n').match(new RegExp(`(one|two) ${buyer}`, 'g'));
      expect(said, buyer).toEqual([`one ${buyer}`, `two ${buyer}`]);
    }
  }, 120_000);
});

describe('afterwards', () => {
  it('has logged no exception that nobody caught, and ends gracefully', async () => {
    await stage.settled();
    const log = stage.printed();
    expect(log).not.toContain('process.exception_uncaught');
    expect(log).not.toContain('process.rejection_unhandled');
    expect(log).not.toContain('http.answer_failed');
    expect(log).not.toContain('INVARIANT_BROKEN');
  }, 60_000);
});

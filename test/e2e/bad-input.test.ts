import { describe, expect, it } from 'vitest';
import { tiktokSignature } from '../helpers/raw-http.ts';
import { type Talk, textOf } from '../helpers/stage.ts';
import { OK, post as postTo, underAttack, written as writtenIn } from '../helpers/under-attack.ts';
import { until } from '../helpers/until.ts';

/** Everything hostile, broken or merely odd that platforms, or those who pose as them, can send to a running bridge. */
const target = underAttack();
const post = (body: string | Buffer, headers?: Record<string, string>) => postTo(target.stage, body, headers);
const postJson = (value: unknown) => post(JSON.stringify(value));
const written = (buyer: string, text?: string) => writtenIn(target.stage, buyer, text);

async function metric(name: string, labels: string): Promise<number> {
  const text = await (await fetch(`${target.stage.url}/metrics`)).text();
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
    await target.stage.answered('plain', /^Echo: just words, no JSON$/);
  });

  it('keeps every digit of ids that came as bare numbers above 2^53', async () => {
    const { envelope, conversationId, messageId, imUserId } = await written('bare', 'bare numbers');
    const body = JSON.stringify(envelope({})).replace(
      new RegExp(`"(${conversationId}|${messageId}|${imUserId}|${target.stage.shop.shopId})"`, 'g'),
      '$1',
    );
    expect(body).toContain(`"conversation_id":${conversationId}`);
    expect(await post(body)).toEqual(OK);
    await target.stage.answered('bare', /^Echo: bare numbers$/);
    // The same message in the usual form is the same message.
    expect(await postJson(envelope({}, { tts_notification_id: '7000000000000000123' }))).toEqual(OK);
    await target.stage.settled();
    expect(await target.stage.answers('bare')).toHaveLength(1);
  }, 60_000);

  it('answers text with lone surrogates and NUL', async () => {
    const { envelope } = await written('surrogate');
    const content = String.raw`{"content":"half \ud83d of \udc00 it\u0000!"}`;
    expect(await postJson(envelope({ content }))).toEqual(OK);
    const answer = await target.stage.answered('surrogate', /^Echo: half/);
    expect(answer).toMatch(/^Echo: half \uFFFD of \uFFFD it.?!$/u);
    const raw = JSON.stringify((await written('surrogate2')).envelope({})).replace(
      'placeholder',
      String.raw`\\ud800 alone`,
    );
    expect(await post(raw)).toEqual(OK);
    await target.stage.answered('surrogate2', /^Echo: \uFFFD alone$/u);
  }, 60_000);

  it('takes empty texts without an answer and without a stumble', async () => {
    for (const text of ['', '   ', '\n\t', '\u200b']) {
      const { envelope } = await written('empty', 'x');
      expect(await postJson(envelope({ content: JSON.stringify({ content: text }) }))).toEqual(OK);
    }
    await target.stage.say('empty', 'and now words');
    await target.stage.answered('empty', /and now words/);
    await target.stage.settled();
    expect((await target.stage.cli(['dead-letters', 'list'])).stdout).toBe('No dead letters.\n');
  }, 60_000);

  it('answers an event once that comes again hours later, and one that is dated hours ago or in the future', async () => {
    const first = await written('again', 'said once');
    const bytes = JSON.stringify(first.envelope({}));
    expect(await post(bytes)).toEqual(OK);
    await target.stage.answered('again', /^Echo: said once$/);
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
      await target.stage.answered(buyer, new RegExp(`^Echo: from the ${buyer}$`));
      await target.stage.say(buyer, 'from now');
      await target.stage.answered(buyer, /^Echo: from now$/);
    }
    await target.stage.settled();
    expect(await target.stage.answers('again')).toEqual(['Echo: said once']);
  }, 90_000);

  it('keeps the same id with other words aside, counted, and answers the first only', async () => {
    const { envelope } = await written('twofaced');
    expect(await postJson(envelope({ content: '{"content":"first words"}' }))).toEqual(OK);
    await target.stage.answered('twofaced', /^Echo: first words$/);
    const before = await metric('buyerline_aside_total', 'reason="conflict"');
    expect(await postJson(envelope({ content: '{"content":"other words"}' }))).toEqual(OK);
    expect(await metric('buyerline_aside_total', 'reason="conflict"')).toBe(before + 1);
    await target.stage.settled();
    expect(await target.stage.answers('twofaced')).toEqual(['Echo: first words']);
  }, 60_000);

  it('never answers lines that the buyer did not write or cannot see, and survives unknown roles and types', async () => {
    const { envelope } = await written('roles');
    const sender = { im_user_id: '7494560109732339999' };
    for (const role of ['SYSTEM', 'ROBOT', 'SHOP', 'KING', '', undefined])
      expect(
        await postJson({
          ...envelope({ message_id: `7000000000000000${String(role).length}1`, sender: { ...sender, role } }),
          tts_notification_id: undefined,
        }),
      ).toEqual(OK);
    expect(await postJson(envelope({ is_visible: false }))).toEqual(OK);
    expect(await postJson({ ...envelope({}), type: 4099, tts_notification_id: '7000000000000004099' })).toEqual(OK);
    await target.stage.settled();
    expect(await target.stage.answers('roles')).toEqual([]);
  }, 60_000);
});

describe('signatures', () => {
  it('answers 401, empty, to a signature that is wrong, missing or odd, and stores nothing', async () => {
    const { envelope } = await written('forged');
    const body = JSON.stringify(envelope({}));
    const good = tiktokSignature(target.stage.credentials.tiktok, body);
    const other = tiktokSignature({ ...target.stage.credentials.tiktok, appSecret: 'guess' }, body);
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
    await target.stage.settled();
    expect(await target.stage.answers('forged')).toEqual([]);
    // The control of this test: the right signature for the same bytes.
    expect(await post(body)).toEqual(OK);
    await target.stage.answered('forged', /placeholder/);
  }, 60_000);

  it('leaves events of an unknown shop aside with 200, and answers them when the shop has been added', async () => {
    const [, second] = target.stage.credentials.tiktok.shops;
    if (second === undefined) throw new Error('the simulator has one shop only');
    const { messageId } = await target.stage.say('stranger', 'hello other shop', { shopId: second.shopId });
    await until('the bridge has acknowledged it', async () =>
      (await target.stage.deliveries()).some(({ body, state }) => body.includes(messageId) && state === 'delivered'),
    );
    const listed = await target.stage.cli(['replay']);
    expect(listed.stdout).toMatch(new RegExp(`unknown_shop: tiktok shop ${second.shopId}`));
    const added = await target.stage.cli(
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
    expect((await target.bridge.stop()).code).toBe(0);
    target.bridge = await target.stage.start();
    await until('the other shop answers', async () => {
      const [talk] = await target.stage.tiktok.get<Talk[]>('conversations', {
        shopId: second.shopId,
        buyer: 'stranger',
      });
      return talk?.messages.some((line) => line.via === 'api' && textOf(line) === 'Echo: hello other shop');
    });
    await target.stage.settled();
    expect((await target.stage.cli(['replay'])).stdout).not.toContain(second.shopId);
  }, 120_000);
});

describe("Udesk's pushes", () => {
  const push = async (body: string, secret = target.stage.credentials.udesk.pushSecret) => {
    const answer = await fetch(`${target.stage.url}/webhooks/udesk/${secret}`, { method: 'POST', body });
    return { status: answer.status, body: await answer.text() };
  };

  it('answers 404 to a wrong secret exactly as to a path that does not exist', async () => {
    const real = JSON.stringify({ customer_token: 'x', assign_type: 'agent', messages: [] });
    const nowhere = await fetch(`${target.stage.url}/nothing/here`, { method: 'POST', body: real });
    const { pushSecret } = target.stage.credentials.udesk;
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
    await target.stage.say('between', 'human please');
    const token = await target.stage.token('between');
    await until('an agent has the buyer', async () => (await target.stage.session(token))?.open === true);
    await target.stage.udesk.post('push/raw', { body: '{"customer_token": "' });
    await target.stage.udesk.post('agent/say', { customerToken: token, content: 'hello from a person \ud83d\ude00' });
    await target.stage.udesk.post('push/raw', {
      body: `{"customer_token":"${token}","assign_type":"agent","messages":[{"type":"message"}]}`,
    });
    await target.stage.answered('between', /^hello from a person 😀$/u);
  }, 60_000);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deskSend } from '../../contract/desk-suite.ts';
import { createRig, type UdeskRig } from './harness.ts';

const answer = (body: object) => ({ status: 200, body: JSON.stringify(body) });

describe('createUdeskDesk', () => {
  let rig: UdeskRig;
  beforeEach(async () => {
    rig = await createRig({ groupId: '7' });
  });
  afterEach(() => rig.stop());

  const toSession = { kind: 'session', sessionId: '900' } as const;

  it('is reached at its own address and no empty secret opens it', async () => {
    expect(rig.desk.webhookPath).toBe('/webhooks/udesk/:secret');
    const open = await createRig({ pushSecret: '' });
    expect(open.desk.secretFits('')).toBe(false);
    await open.stop();
  });

  it('writes the special targets of a message on the wire', async () => {
    await rig.desk.send(deskSend({ to: { kind: 'queue' } }));
    await rig.desk.send(deskSend({ to: { kind: 'leave' }, messageId: 'm-2' }));
    await rig.desk.send(deskSend({ to: { kind: 'leave', groupId: '8', agentId: '5' }, messageId: 'm-3' }));
    const said = { customer_token: 'tts-9-77', type: 'message', data: { content: 'hello' } };
    expect(rig.fake.messages).toEqual([
      { ...said, im_sub_session_id: -3, message_id: 'tts-m-1' },
      { ...said, im_sub_session_id: -2, message_id: 'm-2', group_id: 7 },
      { ...said, im_sub_session_id: -2, message_id: 'm-3', group_id: 8, agent_id: 5 },
    ]);
  });

  it.each([
    [0, 'gone'],
    [3, 'gone'],
    [1, 'refused'],
    [2, 'refused'],
  ])('takes 2062 for gone only without a session (status %i: %s)', async (statusCode, kind) => {
    rig.fake.fail('/im/messages', answer({ code: 2062 }));
    rig.fake.fail('/im/customer_status', answer({ code: 1000, status_code: statusCode }));
    expect(await rig.desk.send(deskSend({ to: toSession }))).toMatchObject({ kind });
  });

  it('does not take 2062 for gone when the state cannot be read', async () => {
    rig.fake.fail('/im/messages', answer({ code: 2062 }));
    rig.fake.fail('/im/customer_status', 'drop');
    expect(await rig.desk.send(deskSend({ to: toSession }))).toMatchObject({
      kind: 'refused',
      next: 'retry',
      code: '2062',
    });
  });

  it.each([
    [{ code: 2059 }, { kind: 'refused', next: 'dead', code: '2059' }],
    [{ code: 20622 }, { kind: 'refused', next: 'retry', code: '20622' }],
    [{ code: 2000 }, { kind: 'refused', next: 'retry', code: '2000' }],
    [{ code: 9200 }, { kind: 'gone' }],
  ])('answers a send with %j by %j', async (body, outcome) => {
    rig.fake.fail('/im/messages', answer(body));
    expect(await rig.desk.send(deskSend({ to: toSession }))).toMatchObject(outcome);
  });

  it('refuses a message id that Udesk does not allow, without a call', async () => {
    expect(await rig.desk.send(deskSend({ to: toSession, messageId: 'a:b' }))).toMatchObject({
      kind: 'refused',
      next: 'dead',
    });
    expect(rig.fake.seen).toEqual([]);
  });

  it('refuses to leave a queue without its key', async () => {
    expect(await rig.desk.leaveQueue('t', '')).toMatchObject({ kind: 'refused', next: 'dead' });
    expect(rig.fake.seen).toEqual([]);
  });

  describe('rating', () => {
    const vote = { sessionId: '900', optionId: '36', remark: 'x'.repeat(300), resolved: 0 };

    it('sends integers, a remark of at most 255 characters, and a zero as zero', async () => {
      expect(await rig.desk.rate(vote)).toEqual({ kind: 'accepted' });
      expect(rig.fake.votes).toEqual([
        { im_sub_session_id: 900, option_id: 36, remark: 'x'.repeat(255), resolved_state_v2: 0 },
      ]);
    });

    it('tries a refused vote again and takes the second refusal as a repeated vote', async () => {
      rig.fake.fail('/im/sessions/survey', answer({ code: 2000 }), answer({ code: 2000 }));
      expect(await rig.desk.rate(vote)).toMatchObject({ kind: 'refused', next: 'retry' });
      expect(await rig.desk.rate(vote)).toEqual({ kind: 'accepted' });
    });

    it('tells a lost answer, a wrong parameter and a wrong setting as they are', async () => {
      rig.fake.fail('/im/sessions/survey', 'cut', answer({ code: 2059 }), answer({ code: 2005 }));
      expect(await rig.desk.rate(vote)).toMatchObject({ kind: 'unknown' });
      expect(await rig.desk.rate(vote)).toMatchObject({ kind: 'refused', next: 'dead', code: '2059' });
      expect(await rig.desk.rate(vote)).toMatchObject({ kind: 'refused', next: 'dead', code: '2005' });
      expect(await rig.desk.rate(vote)).toEqual({ kind: 'accepted' });
    });
  });

  describe('diagnose', () => {
    const levels = async (of: UdeskRig) =>
      Object.fromEntries((await of.desk.diagnose()).map((one) => [one.what, one.level]));

    it('finds nothing wrong with a working tenant', async () => {
      expect(await levels(rig)).toEqual({
        'udesk address': 'ok',
        'udesk reachable': 'ok',
        'udesk signature': 'ok',
        'udesk clock': 'ok',
        'udesk group': 'ok',
        'udesk agents': 'ok',
      });
    });

    it('sees a group that does not exist and nobody online', async () => {
      rig.fake.groups = new Set();
      expect(await levels(rig)).toMatchObject({ 'udesk signature': 'ok', 'udesk group': 'fail' });
      rig.fake.groups = new Set(['7']);
      rig.fake.people = 'nobody';
      expect(await levels(rig)).toMatchObject({ 'udesk group': 'ok', 'udesk agents': 'warn' });
    });

    it('sees a wrong token, a clock that is off, and a dead host', async () => {
      rig.fake.fail('/im/agent_status', answer({ code: 2059 }), answer({ code: 20622 }));
      expect(await levels(rig)).toMatchObject({ 'udesk signature': 'fail' });
      expect(await levels(rig)).toMatchObject({ 'udesk clock': 'fail' });
      await rig.fake.stop();
      expect(await levels(rig)).toEqual({ 'udesk address': 'ok', 'udesk reachable': 'fail' });
    });

    it.each([
      ['http://acme.udesk.example/open_api_v1', 'warn'],
      ['https://acme.udesk.example/api', 'warn'],
      ['not an address', 'fail'],
    ])('looks at the address %s', async (apiUrl, level) => {
      const other = await createRig({ apiUrl, callTimeoutMs: 50 });
      expect(await levels(other)).toMatchObject({ 'udesk address': level });
      await other.stop();
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deskOpen } from '../../contract/desk-suite.ts';
import { createRig, type UdeskRig } from './harness.ts';

const answer = (body: object) => ({ status: 200, body: JSON.stringify(body) });

describe('open', () => {
  let rig: UdeskRig;
  beforeEach(async () => {
    rig = await createRig({ groupId: '7', channel: 'tiktok' });
  });
  afterEach(() => rig.stop());

  const open = (over = {}) => rig.desk.open(deskOpen(over));
  const asked = () => rig.fake.calls('/im/sessions').map((call) => call.body);

  it('names the kind, the group and the channel, and lets the request override the group', async () => {
    await open();
    await open({ request: { reason: 'dialog', groupId: '8', agentId: '5' } });
    expect(asked()).toEqual([
      { customer_token: 'tts-9-77', assign_type: 'agent', group_id: 7, channel: 'tiktok' },
      { customer_token: 'tts-9-77', assign_type: 'agent', agent_id: 5, group_id: 8, channel: 'tiktok' },
    ]);
  });

  it('lets a group of the dialog keep the default agent out', async () => {
    const other = await createRig({ defaultAgentId: '3', groupId: '7' });
    await other.desk.open(deskOpen());
    await other.desk.open(deskOpen({ request: { reason: 'dialog', groupId: '8' } }));
    expect(other.fake.calls('/im/sessions').map((call) => [call.body.agent_id, call.body.group_id])).toEqual([
      [3, 7],
      [undefined, 8],
    ]);
    await other.stop();
  });

  it('reads an assignment whole', async () => {
    rig.fake.fail(
      '/im/sessions',
      answer({
        code: 1000,
        message: 'Welcome',
        assign_type: 'agent',
        assign_info: {
          im_sub_session_id: '1234',
          count: 0,
          agent_id: 3,
          agent_name: 'Tom',
          survey_options: { enabled: true, options: [{ id: 36, text: 'Good' }] },
        },
      }),
    );
    const outcome = await open();
    expect(outcome).toEqual({
      kind: 'answered',
      facts: {
        state: 'assigned',
        customerId: String(rig.fake.customers.get('tts-9-77')?.id),
        sessionId: '1234',
        agentId: '3',
        agentName: 'Tom',
        welcome: 'Welcome',
        survey: { enabled: true, afterSession: false, options: [{ id: '36', text: 'Good', remark: 'hide' }] },
      },
    });
  });

  it.each([
    [
      { code: 2001, assign_info: { count: '3', queue: 'q:1' } },
      { state: 'queued', queueKey: 'q:1', place: 3 },
    ],
    [{ code: '2001', assign_info: { count: 0 } }, { state: 'assigning' }],
    [{ code: 2001 }, { state: 'assigning' }],
    [
      { code: 2002, message: 'none', assign_info: { count: 0 } },
      { state: 'nobody_online', text: 'none' },
    ],
  ])('reads %j', async (body, facts) => {
    rig.fake.fail('/im/sessions', answer(body));
    expect(await open()).toMatchObject({ kind: 'answered', facts });
  });

  it.each([
    [{ code: 5060 }, { kind: 'refused', next: 'dead', code: '5060' }],
    [{ code: 2059 }, { kind: 'refused', next: 'dead', code: '2059' }],
    [
      { code: 1000, assign_type: 'robot', assign_info: { robot_name: 'r' } },
      { kind: 'refused', next: 'dead', code: 'not_an_agent' },
    ],
    [{ code: 1000, assign_type: 'agent', assign_info: {} }, { kind: 'unknown' }],
    [{ code: 31337 }, { kind: 'refused', next: 'retry', code: '31337' }],
  ])('does not take %j for a person', async (body, outcome) => {
    rig.fake.fail('/im/sessions', answer(body));
    expect(await open()).toMatchObject(outcome);
  });

  it.each([
    ['no session', 'drop'],
    ['a session', 'cut'],
  ] as const)('settles a lost answer for a customer with %s by asking once more', async (_state, fault) => {
    rig.fake.fail('/im/sessions', fault);
    expect(await open()).toMatchObject({ kind: 'answered', facts: { state: 'assigned' } });
    expect(rig.fake.calls('/im/customer_status')).toHaveLength(1);
    expect(rig.fake.calls('/im/sessions')).toHaveLength(2);
    expect(rig.fake.sessions.size).toBe(1);
  });

  it.each([3, 9])('repeats for a customer whom Udesk calls invalid (%i), since a session creates one', async (code) => {
    rig.fake.fail('/im/sessions', 'drop');
    rig.fake.fail('/im/customer_status', answer({ code: 1000, status_code: code, status: '无效客户' }));
    expect(await open()).toMatchObject({ kind: 'answered' });
  });

  it('says unknown when settling fails too, and does not ask a third time', async () => {
    rig.fake.fail('/im/sessions', 'cut');
    rig.fake.fail('/im/customer_status', 'drop');
    expect(await open()).toMatchObject({ kind: 'unknown' });
    expect(rig.fake.calls('/im/sessions')).toHaveLength(1);
    rig.fake.fail('/im/sessions', 'cut', 'cut');
    expect(await open()).toMatchObject({ kind: 'unknown' });
    expect(rig.fake.calls('/im/sessions')).toHaveLength(3);
  });
});

describe('customers', () => {
  let rig: UdeskRig;
  beforeEach(async () => {
    rig = await createRig();
  });
  afterEach(() => rig.stop());

  const paths = () => rig.fake.seen.map((call) => `${call.method} ${call.path}`);
  const FIND = 'GET /customers/get_customer';

  it('finds, creates, and afterwards remembers', async () => {
    await rig.desk.open(deskOpen());
    expect(paths()).toEqual([FIND, 'POST /customers', 'POST /im/sessions']);
    expect(rig.fake.calls('/customers')[0]?.body).toEqual({
      customer: { nick_name: 'Ann', open_api_token: 'tts-9-77' },
    });
    await rig.desk.open(deskOpen());
    expect(paths().slice(3)).toEqual(['POST /im/sessions']);
  });

  it('finds again when creating fails, and goes on when nothing helps', async () => {
    rig.fake.fail('/customers', answer({ code: 2005 }));
    expect(await rig.desk.open(deskOpen())).toMatchObject({ kind: 'answered', facts: { state: 'assigned' } });
    expect(paths()).toEqual([FIND, 'POST /customers', FIND, 'POST /im/sessions']);
  });

  it('takes the customer whose creation lost its answer', async () => {
    rig.fake.fail('/customers', 'cut');
    const outcome = await rig.desk.open(deskOpen());
    expect(outcome).toMatchObject({ facts: { customerId: String(rig.fake.customers.get('tts-9-77')?.id) } });
    expect(paths()).toEqual([FIND, 'POST /customers', FIND, 'POST /im/sessions']);
  });

  it('asks no more about customers when the account is refused', async () => {
    rig.fake.fail('/customers/get_customer', answer({ code: 2059 }));
    await rig.desk.open(deskOpen());
    expect(paths()).toEqual([FIND, 'POST /im/sessions']);
  });

  it("gives an anonymous customer the buyer's name and leaves a chosen name alone", async () => {
    rig.fake.customers.set('tts-9-77', { id: 11, name: 'API匿名用户(tts-9-77)' });
    rig.fake.customers.set('tts-9-78', { id: 12, name: 'VIP Bob' });
    await rig.desk.open(deskOpen());
    await rig.desk.open(deskOpen({ customerToken: 'tts-9-78' }));
    expect([...rig.fake.customers.values()].map((customer) => customer.name)).toEqual(['Ann', 'VIP Bob']);
  });

  it('keeps an id beyond 2^53 whole', async () => {
    rig.fake.fail('/customers/get_customer', {
      status: 200,
      body: '{"code":1000,"customer":{"id":92233720368547758071}}',
    });
    expect(await rig.desk.open(deskOpen())).toMatchObject({ facts: { customerId: '92233720368547758071' } });
  });
});

describe('states', () => {
  let rig: UdeskRig;
  beforeEach(async () => {
    rig = await createRig();
  });
  afterEach(() => rig.stop());

  it.each([
    ['排队中', 2, { state: 'queued', place: 2 }],
    ['In queue', '4', { state: 'queued', place: 4 }],
    ['未排队', 0, { state: 'not_queued' }],
    ['Not in queue', 0, { state: 'not_queued' }],
    ['会话中', 0, { state: 'in_session' }],
    ['In session', 0, { state: 'in_session' }],
    ['分配中', 0, { state: 'assigning' }],
    ['Assigning', 0, { state: 'assigning' }],
    ['something new', 5, { state: 'queued', place: 5 }],
  ])('reads queue status %s with %s', async (status, count, expected) => {
    rig.fake.fail('/im/queue_status', answer({ code: 1000, status, count }));
    expect(await rig.desk.queueStatus('t')).toEqual(expected);
  });

  it('does not guess a queue state', async () => {
    rig.fake.fail('/im/queue_status', answer({ code: 1000, status: 'something new', count: 0 }));
    await expect(rig.desk.queueStatus('t')).rejects.toMatchObject({ code: 'DESK_API_FAILED' });
  });

  it.each([
    [0, '', 'none'],
    ['1', '', 'in_session'],
    [2, '', 'queued'],
    [3, '', 'invalid'],
    [9, '', 'invalid'],
    [undefined, '无会话', 'none'],
    [undefined, 'In queue', 'queued'],
  ])('reads customer status %s %s', async (statusCode, status, expected) => {
    rig.fake.fail('/im/customer_status', answer({ code: 1000, status_code: statusCode, status }));
    expect(await rig.desk.customerStatus('t')).toBe(expected);
  });
});

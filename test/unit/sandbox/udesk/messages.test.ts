import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUdeskSimulator, type UdeskSimulator } from '../../../../src/sandbox/index.ts';
import type { UdeskSimulatorOptions } from '../../../../src/sandbox/udesk/options.ts';
import { createFakeClock } from '../../../helpers/fake-clock.ts';
import { createReceiver, type Receiver } from '../helpers/receiver.ts';
import { callUdesk, createAgentSession, sendToUdesk } from '../helpers/udesk-client.ts';

let simulator: UdeskSimulator;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await createReceiver();
});
afterEach(async () => {
  await simulator.stop();
  await receiver.stop();
});
const start = async (options: UdeskSimulatorOptions = {}) => {
  simulator = await createUdeskSimulator({
    pushUrl: receiver.url,
    callsPerMinute: 0,
    ...options,
    behaviour: { startPush: 'never', ...options.behaviour },
  });
};
const arrived = (count: number) => vi.waitFor(() => expect(receiver.received).toHaveLength(count), { interval: 5 });
const open = async (token = 'a') =>
  (await createAgentSession(simulator, token)).json.assign_info.im_sub_session_id as number;
const customerLines = () =>
  simulator.control.sessions().flatMap((row) => row.lines.filter((line) => line.from === 'customer'));

describe('customer messages', () => {
  it('are checked field by field', async () => {
    await start();
    const id = await open();
    const fine = { customer_token: 'a', im_sub_session_id: id, message_id: 'm-1_A', data: { content: 'hi' } };
    const code = async (change: object) => (await sendToUdesk(simulator, { ...fine, ...change })).json.code;
    expect(await code({})).toBe(1000);
    expect(await code({ message_id: 'm:2' })).toBe(2005);
    expect(await code({ message_id: undefined })).toBe(2062);
    expect(await code({ customer_token: undefined })).toBe(2062);
    expect(await code({ data: undefined })).toBe(2062);
    expect(await code({ message_id: 'm3', data: { content: '' } })).toBe(2062);
    expect(await code({ message_id: 'm3', data: 'hi' })).toBe(2005);
    expect(await code({ message_id: 'm3', type: 'video' })).toBe(2005);
    expect(await code({ message_id: 'm3', customer_token: 'stranger' })).toBe(9200);
    expect(await code({ message_id: 'm3', im_sub_session_id: id + 1 })).toBe(9200);
    expect(await code({ message_id: 'm3', im_sub_session_id: -4 })).toBe(2005);
    expect(await code({ message_id: 'm3', im_sub_session_id: -3 })).toBe(9200);
    expect(await code({ message_id: 'm3', im_sub_session_id: String(id), type: 'image' })).toBe(1000);
  });

  it('are stored once per message_id, or twice to show the difference', async () => {
    await start();
    const id = await open();
    const body = { customer_token: 'a', im_sub_session_id: id, message_id: 'same', data: { content: 'hi' } };
    expect((await sendToUdesk(simulator, body)).json.code).toBe(1000);
    expect((await sendToUdesk(simulator, body)).json.code).toBe(1000);
    expect(customerLines()).toHaveLength(1);
    expect(simulator.control.stats().repeatedMessageIds).toBe(1);
    simulator.control.configure({ storeRepeats: true });
    await sendToUdesk(simulator, body);
    expect(customerLines()).toHaveLength(2);
  });

  it('may be left for later with -2 and routed', async () => {
    await start();
    const body = { customer_token: 'a', im_sub_session_id: -2, message_id: 'l1', data: { content: 'call me' } };
    expect((await sendToUdesk(simulator, { ...body, agent_id: 1 })).json.code).toBe(5050);
    expect((await sendToUdesk(simulator, { ...body, agent_id: 486 })).json.code).toBe(1000);
    expect(simulator.control.leftMessages()).toMatchObject([{ customerToken: 'a', agentId: 486 }]);
    const query: [string, string][] = [
      ['agent_ids[]', '486'],
      ['agent_ids[]', '487'],
    ];
    const unread = await callUdesk(simulator, 'GET', '/im/messages/agent_unread_messages', { query });
    expect(unread.json.results[0]).toEqual({
      agent_id: 486,
      unread_session_message_num: 0,
      unsolved_leave_message_num: 1,
    });
    const many = Array.from({ length: 31 }, (): [string, string] => ['agent_ids[]', '1']);
    expect((await callUdesk(simulator, 'GET', '/im/messages/agent_unread_messages', { query: many })).json.code).toBe(
      2005,
    );
  });
});

describe('agent messages', () => {
  it('come as pushes in order, with the type of what was said', async () => {
    await start();
    const id = await open();
    simulator.control.agentSay({ sessionId: id, content: 'one' });
    simulator.control.agentSay({ sessionId: id, type: 'html', content: '<p>two</p>' });
    simulator.control.agentSay({ customerToken: 'a', type: 'file', content: 'https://x.invalid/three.pdf' });
    await arrived(3);
    expect(receiver.received.map(({ json }) => json.messages[0].type)).toEqual(['message', 'rich', 'file']);
    expect(receiver.received[0]?.json.messages[0]).toMatchObject({
      agent_id: 486,
      agent_name: 'Mei',
      im_sub_session_id: id,
      message_created_at: expect.stringMatching(/^\d{8} \d\d:\d\d:\d\d$/),
      data: { content: 'one' },
    });
    expect(receiver.received[2]?.json.messages[0].data).toMatchObject({ filename: 'three.pdf' });
    expect(receiver.received[0]?.headers.authorization).toBeUndefined();
  });

  it('send read receipts of customer messages', async () => {
    await start();
    const id = await open();
    await sendToUdesk(simulator, {
      customer_token: 'a',
      im_sub_session_id: id,
      message_id: 'm1',
      data: { content: 'hi' },
    });
    simulator.control.agentRead({ sessionId: id });
    await arrived(1);
    expect(receiver.received[0]?.json).toEqual({ session_id: id, message_ids: ['m1'] });
    expect(simulator.control.agentRead({ sessionId: id }).messageIds).toEqual([]);
  });

  it('that never arrived are found by the unread call until they are marked read', async () => {
    await start();
    const id = await open();
    simulator.control.planDeliveries({ switches: { lost: true } });
    const { messageId } = simulator.control.agentSay({ sessionId: id, content: 'lost words' });
    simulator.control.agentSay({ sessionId: id, content: 'arrived' });
    await arrived(1);
    const customerId = String(simulator.control.customers()[0]?.id);
    const unread = (customer = customerId) =>
      callUdesk(simulator, 'GET', '/im/messages/unread_customer_offline', {
        query: { im_sub_session_id: String(id), customer_id: customer },
      });
    await vi.waitFor(async () => expect((await unread()).json.count).toBe(1), { interval: 5 });
    expect((await unread()).json.unread_messages[0].data.content).toBe('lost words');
    expect((await unread('1')).json.code).toBe(2000);
    const read = { session_id: id, message_ids: [messageId] };
    expect((await callUdesk(simulator, 'POST', '/im/messages/read_messages', { body: read })).json.code).toBe(1000);
    expect((await unread()).json.count).toBe(0);
  });

  it('stop for 60 s after ten time-outs', async () => {
    const clock = createFakeClock(Date.now());
    await start({ pushTimeoutMs: 20, clock });
    const id = await open();
    receiver.answer = 'hang';
    for (let i = 0; i < 10; i++) simulator.control.agentSay({ sessionId: id, content: `${i}` });
    await vi.waitFor(() => expect(simulator.control.stats().pushesPausedUntilMs).not.toBe(0), { timeout: 5_000 });
    expect(simulator.control.deliveries().every((push) => push.state === 'timeout')).toBe(true);
    receiver.answer = 200;
    simulator.control.agentSay({ sessionId: id, content: 'into the void' });
    expect(simulator.control.deliveries().at(-1)?.state).toBe('paused');
    await clock.advance(60_000);
    simulator.control.agentSay({ sessionId: id, content: 'again' });
    await vi.waitFor(() => expect(simulator.control.deliveries().at(-1)?.state).toBe('delivered'));
    expect(receiver.received).toHaveLength(11);
  });
});

describe('the urobot', () => {
  const openRobot = async () => {
    const body = { customer_token: 'a', assign_type: 'urobot', robot_id: 54, scene_id: 39 };
    return (await callUdesk(simulator, 'POST', '/im/sessions', { body })).json.assign_info;
  };
  const robot = { customer_token: 'a', robot_id: 54, scene_id: 39 };
  const post = (path: string, body: object) => callUdesk(simulator, 'POST', path, { body: { ...robot, ...body } });
  const ask = (content: string, more: object = {}) =>
    sendToUdesk(simulator, { ...robot, im_sub_session_id: -1, data: { content }, ...more });
  const pushed = (at: number) => receiver.received[at]?.json.messages;

  it('welcomes with top questions in either spelling', async () => {
    await start();
    const info = await openRobot();
    expect(info).toMatchObject({ helloWord: expect.any(String), leadingWord: expect.any(String), logoUrl: null });
    expect(info.topAsk[0].optionsList[0]).toMatchObject({ questionId: 2122 });
    simulator.control.configure({ topAskSpelling: 'seed' });
    expect((await openRobot()).topAsk[0].optionsList[0]).toMatchObject({ quesitionId: 2122 });
  });

  it('answers over pushes: suggestions, flow, greeting, unknown, forbidden, go-chat', async () => {
    await start();
    const { sessionId } = await openRobot();
    const expected: [string, object][] = [
      ['How long is delivery', { ansType: 2, suggestQuestionList: [{ id: 3222 }, { id: 434 }] }],
      ['I want a refund', { ansType: 1, flowId: 80, flowContent: expect.stringContaining('data-type="2"') }],
      ['hello', { ansType: 4 }],
      ['xyzzy', { ansType: 6 }],
      ['casino', { ansType: 8 }],
      ['a human please', { ansContent: expect.stringContaining('data-message-type="2"') }],
      ['an agent please', { ansContent: expect.stringContaining('data-udesk-go-chat="true"') }],
    ];
    for (const [at, [text, item]] of expected.entries()) {
      expect((await ask(text)).json.code).toBe(1000);
      await arrived(at + 1);
      expect(pushed(at)).toMatchObject({ sessionId, ...item });
    }
    expect(Array.isArray(pushed(0))).toBe(false);
  });

  it('follows flows, clicks and votes, and refuses what is not there', async () => {
    await start();
    const { sessionId: session, logId } = await openRobot();
    expect((await post('/im/messages/flow', { im_sub_session_id: session })).json.code).toBe(2000);
    expect((await post('/im/messages/flow', { im_sub_session_id: session, flow_id: 999 })).json.code).toBe(2005);
    expect((await post('/im/messages/flow', { im_sub_session_id: session, flow_id: 81 })).json.code).toBe(1000);
    await arrived(1);
    expect(pushed(0)).toMatchObject({ flowId: 81, flowTitle: 'Damaged' });
    const hit = { im_sub_session_id: session, message_id: logId, question_id: 307, query_type: 8 };
    expect((await post('/im/messages/hit', { ...hit, query_type: undefined })).json.code).toBe(2000);
    expect((await post('/im/messages/hit', hit)).json.code).toBe(1000);
    await arrived(2);
    expect(pushed(1).ansContent).toContain('4 Mill Lane');
    const answer = { im_sub_session_id: session, message_id: pushed(1).logId };
    expect((await post('/im/messages/answer_survey', { ...answer, option_id: 3 })).json.code).toBe(2005);
    expect((await post('/im/messages/answer_survey', answer)).json.code).toBe(1000);
    const rate = (option: number) =>
      post('/im/sessions/robot_survey', { im_sub_session_id: session, option_id: option });
    expect([(await rate(5)).json.code, (await rate(2)).json.code, (await rate(2)).json.code]).toEqual([
      2005, 1000, 2000,
    ]);
    expect((await post('/im/sessions/transfer_survey', { im_sub_session_id: String(session) })).json.code).toBe(1000);
    expect(simulator.control.ratings()).toMatchObject({
      robot: [{ optionId: 2 }],
      answers: [{ optionId: 1 }],
      transfers: [{ count: 1 }],
    });
  });

  it('takes only text, from a session it knows', async () => {
    await start();
    expect((await ask('hi')).json.code).toBe(9200);
    const { sessionId } = await openRobot();
    expect((await ask('hi', { type: 'image' })).json.code).toBe(2005);
    expect((await ask('hi', { robot_id: undefined })).json.code).toBe(2062);
    expect((await ask('hi', { urobot_session_id: sessionId + 1 })).json.code).toBe(9200);
    expect((await ask('hi', { urobot_session_id: sessionId })).json.code).toBe(1000);
  });
});

describe('customers and structured messages', () => {
  it('creates, finds, updates and removes by token', async () => {
    await start();
    const create = (customer: object) => callUdesk(simulator, 'POST', '/customers', { body: { customer } });
    const made = await create({ nick_name: 'Mia', open_api_token: 'tts-1-2', level: 'vip' });
    expect(made.json).toMatchObject({ code: 1000, customer: { nick_name: 'Mia', open_api_token: 'tts-1-2' } });
    expect((await create({ nick_name: 'Mia again', open_api_token: 'tts-1-2' })).json.code).toBe(2000);
    expect((await create({ level: 'gold' })).json.code).toBe(2005);
    const query = { type: 'token', content: 'tts-1-2' };
    const found = await callUdesk(simulator, 'GET', '/customers/get_customer', { query });
    expect(found.json.customer.id).toBe(made.json.customer.id);
    const body = { customer: { nick_name: '陈晓雨', custom_fields: { TextField_1: 'GB' } }, tags: 'a,b' };
    await callUdesk(simulator, 'PUT', '/customers/update_customer', { query, body });
    expect(simulator.control.customers()[0]).toMatchObject({ nickName: '陈晓雨', tags: ['a', 'b'] });
    expect((await callUdesk(simulator, 'DELETE', '/customers/destroy_customer', { query })).json.code).toBe(1000);
    expect((await callUdesk(simulator, 'GET', '/customers/get_customer', { query })).json.code).toBe(2000);
    expect((await callUdesk(simulator, 'GET', '/customers', { query: { page_size: '101' } })).json.code).toBe(2005);
  });

  it('checks the structured signature first and then refuses API customers', async () => {
    await start();
    const id = await open();
    const picker = new URL(simulator.control.pickerUrl({ sessionId: id, link: 'https://bridge.invalid/picker' }).url);
    const pick = (name: string) => picker.searchParams.get(name) ?? '';
    const text = `im_sub_session_id=${id}&customer_id=${pick('customer_id')}&agent_id=486&timestamp=${pick('timestamp')}&key-demo-708ff6dc`;
    expect(pick('sign')).toBe(createHash('md5').update(text).digest('hex'));
    const call = async (sign: string) => {
      const query = new URLSearchParams(picker.searchParams);
      query.set('sign', sign);
      const body = JSON.stringify({ data: { title: 't', description: 'd', img_url: 'u', buttons: [] } });
      const headers = { 'content-type': 'application/json' };
      const url = `${simulator.apiUrl}/im/sessions/struct_messages?${query}`;
      return (await fetch(url, { method: 'POST', headers, body })).json() as Promise<Record<string, unknown>>;
    };
    expect(await call('0'.repeat(32))).toMatchObject({ code: 2059 });
    expect(await call(pick('sign'))).toMatchObject({ status: 2000 });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUdeskSimulator, type UdeskSimulator } from '../../../../src/sandbox/index.ts';
import type { UdeskSimulatorOptions } from '../../../../src/sandbox/udesk/options.ts';
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
  simulator = await createUdeskSimulator({ pushUrl: receiver.url, callsPerMinute: 0, ...options });
};
const arrived = (count: number) => vi.waitFor(() => expect(receiver.received).toHaveLength(count), { interval: 5 });
const get = (path: string, query: Record<string, string> = {}) => callUdesk(simulator, 'GET', path, { query });
const post = (path: string, body: object) => callUdesk(simulator, 'POST', path, { body });
const remove = (path: string, query: Record<string, string> = {}) => callUdesk(simulator, 'DELETE', path, { query });
/** Leaves Mei with one place and nobody else. */
const onlyOnePlace = () => {
  simulator.control.setAgentStatus({ agentId: 486, status: 'online', maxSessions: 1 });
  simulator.control.setAgentStatus({ agentId: 487, status: 'offline' });
  simulator.control.setAgentStatus({ agentId: 488, status: 'offline' });
};

describe('creating a session', () => {
  it('assigns, answers with survey_options and pushes start_session with the welcome', async () => {
    await start();
    const { json } = await createAgentSession(simulator, 'tts-1-77');
    expect(json).toMatchObject({ code: 1000, assign_type: 'agent', assign_info: { count: 0, agent_id: 486 } });
    expect(json.assign_info.survey_options).toMatchObject({ enabled: true, show_type: 'text' });
    await arrived(1);
    const push = receiver.received[0]?.json;
    expect(push).toMatchObject({ customer_token: 'tts-1-77', assign_type: 'agent' });
    expect(push.messages.map((item: { type: string }) => item.type)).toEqual(['start_session', 'message']);
    expect(push.messages[0].im_sub_session_id).toBe(json.assign_info.im_sub_session_id);
    // The same session again while it lives.
    const again = await createAgentSession(simulator, 'tts-1-77');
    expect(again.json.assign_info.im_sub_session_id).toBe(json.assign_info.im_sub_session_id);
    expect(simulator.control.customers()[0]).toMatchObject({
      nickName: 'API Anonymous User (tts-1-77)',
      anonymous: true,
    });
  });

  it('may push before it answers', async () => {
    await start({ behaviour: { startPush: 'before' } });
    await createAgentSession(simulator, 'tts-1-77');
    expect(receiver.received).toHaveLength(1);
  });

  it('asks for its parameters', async () => {
    await start();
    const code = async (body: object) => (await post('/im/sessions', body)).json.code;
    expect(await code({ assign_type: 'agent' })).toBe(2000);
    expect(await code({ customer_token: 't', assign_type: 'human' })).toBe(2005);
    expect(await code({ customer_token: 't', assign_type: 'urobot' })).toBe(2000);
    expect(await code({ customer_token: 't', assign_type: 'urobot', robot_id: 54, scene_id: 41 })).toBe(2005);
    expect(await code({ customer_token: 't', agent_id: 1 })).toBe(5050);
    expect(await code({ customer_token: 't', group_id: 1 })).toBe(5060);
    expect(await code({ customer_token: 't', agent_id: 'x' })).toBe(2005);
    // Left out: the third-party robot, which this tenant has not.
    expect(await code({ customer_token: 't' })).toBe(2000);
  });

  it('says 2002 when nobody of the wished ones is there', async () => {
    await start();
    simulator.control.setAgentStatus({ agentId: 486, status: 'offline' });
    const { json } = await createAgentSession(simulator, 'tts-1-1', { group_id: 12 });
    expect(json).toMatchObject({ code: 2002, assign_info: { count: 0 } });
    expect(json.assign_info).not.toHaveProperty('queue');
  });

  it('queues with place and a key of colons, serves in order when a place is free', async () => {
    await start();
    onlyOnePlace();
    const first = await createAgentSession(simulator, 'a');
    const second = await createAgentSession(simulator, 'b');
    const third = await createAgentSession(simulator, 'c', { agent_id: 486 });
    const fourth = await createAgentSession(simulator, 'd');
    expect(second.json).toMatchObject({ code: 2001, assign_info: { count: 1, queue: 'queue:company:1:all' } });
    expect(third.json.assign_info).toEqual({ count: 1, queue: 'queue:company:1:agent:486' });
    expect(fourth.json.assign_info.count).toBe(2);
    expect((await get('/im/queue_status', { customer_token: 'd' })).json).toMatchObject({
      status: 'In queue',
      count: 2,
    });
    expect((await get('/im/customer_status', { customer_token: 'd' })).json).toMatchObject({ status_code: 2 });
    await sendToUdesk(simulator, {
      customer_token: 'b',
      im_sub_session_id: -3,
      message_id: 'm1',
      data: { content: 'waiting' },
    });
    await arrived(1);
    simulator.control.closeSession({ sessionId: first.json.assign_info.im_sub_session_id });
    await arrived(3);
    const served = receiver.received.find(({ json }) => json.customer_token === 'b')?.json;
    expect(served.messages[0].type).toBe('start_session');
    const [session] = simulator.control.sessions({ customerToken: 'b' });
    expect(session?.lines[0]).toMatchObject({ messageId: 'm1', data: { content: 'waiting' } });
    expect((await get('/im/queue_status', { customer_token: 'd' })).json.count).toBe(1);
  });

  it('may say "assigning" and assign a moment later', async () => {
    await start({ behaviour: { assigningMs: 20 } });
    simulator.control.planAssignment({ outcome: 'assigning' });
    const { json } = await createAgentSession(simulator, 'a');
    expect(json).toMatchObject({ code: 2001, assign_info: { count: 0 } });
    expect(json.assign_info).not.toHaveProperty('queue');
    await arrived(1);
    expect(receiver.received[0]?.json.messages[0].type).toBe('start_session');
  });

  it('lets a customer leave the queue by its key, and lists who left', async () => {
    await start();
    onlyOnePlace();
    await createAgentSession(simulator, 'a');
    const { json } = await createAgentSession(simulator, 'b');
    expect((await remove('/im/sessions/close_queue', { customer_token: 'b', queue: 'queue:other' })).json.code).toBe(
      2000,
    );
    const left = await remove('/im/sessions/close_queue', { customer_token: 'b', queue: json.assign_info.queue });
    expect(left.json.code).toBe(1000);
    expect((await get('/im/queue_status', { customer_token: 'b' })).json).toMatchObject({ status: 'Not in queue' });
    const day = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
    const query = { start_time: day(Date.now()), end_time: day(Date.now()) };
    const { shut_queues: rows, meta } = (await get('/im/im_queues', query)).json;
    expect(rows[0]).toMatchObject({ queue_name: 'queue:company:1:all', customer_name: { open_api_token: 'b' } });
    expect(meta).toEqual({ current_page: 1, total_pages: 1, count: 1 });
    expect((await get('/im/im_queues', { ...query, per_page: '101' })).json.code).toBe(2005);
  });
});

describe('the life of a session', () => {
  const open = async (token = 'a') =>
    (await createAgentSession(simulator, token)).json.assign_info.im_sub_session_id as number;

  it('transfers: old closed by redirect, new id, notice beside the transfer', async () => {
    await start({ behaviour: { startPush: 'never' } });
    const old = await open();
    const { sessionId } = simulator.control.transfer({ sessionId: old, toAgentId: 487 });
    await arrived(2);
    expect(receiver.received[0]?.json.messages[0]).toMatchObject({
      type: 'close',
      im_sub_session_id: old,
      data: { close_type: 'redirect' },
    });
    expect(receiver.received[1]?.json.messages).toMatchObject([
      { type: 'transfer', im_sub_session_id: sessionId, agent_id: 487 },
      { type: 'message', im_sub_session_id: sessionId },
    ]);
    expect(sessionId).not.toBe(old);
    const late = await sendToUdesk(simulator, {
      customer_token: 'a',
      im_sub_session_id: old,
      message_id: 'm',
      data: { content: 'x' },
    });
    expect(late.json.code).toBe(9200);
  });

  it('closes by DELETE once, matches literal paths first and wants ids above 0', async () => {
    await start({ behaviour: { startPush: 'never' } });
    const id = await open();
    expect((await remove(`/im/sessions/${id}`)).json.code).toBe(1000);
    expect((await remove(`/im/sessions/${id}`)).json.code).toBe(9200);
    expect((await remove('/im/sessions/-1')).json.code).toBe(2005);
    expect((await remove('/im/sessions/abc')).json.code).toBe(2005);
    expect((await remove('/im/sessions/destroy_session')).json.code).toBe(2000);
    await arrived(1);
    expect(receiver.received[0]?.json.messages[0]).toMatchObject({ type: 'close', data: { close_type: 'normal' } });
    const window = { start_time: '2020-01-01 00:00:00', end_time: '2099-01-01 00:00:00' };
    expect((await remove('/im/sessions/destroy_session', { ...window, start_time: '2020-01-01' })).json.code).toBe(
      2005,
    );
    expect((await remove('/im/sessions/destroy_session', window)).json.code).toBe(1000);
    expect(simulator.control.sessions()).toHaveLength(0);
  });

  it('takes one vote with an option of the list in force', async () => {
    await start({ behaviour: { startPush: 'never' } });
    const id = await open();
    simulator.control.closeSession({ sessionId: id });
    await arrived(1);
    const survey = receiver.received[0]?.json.messages[0].data.survey_options;
    expect(survey.text.options.map((option: { id: number }) => option.id)).toEqual([36, 37, 38, 39, 40]);
    const vote = async (body: object) =>
      (await post('/im/sessions/survey', { im_sub_session_id: id, ...body })).json.code;
    expect(await vote({ option_id: 5 })).toBe(2005);
    expect(await vote({ option_id: 141 })).toBe(2005);
    expect(await vote({ option_id: 40 })).toBe(2005);
    expect(await vote({})).toBe(2000);
    expect(await vote({ option_id: 37, remark: 'x'.repeat(256) })).toBe(2005);
    expect(await vote({ option_id: 37, resolved_state_v2: 2 })).toBe(2005);
    expect(await vote({ option_id: 37, remark: 'kind', resolved_state_v2: 0 })).toBe(1000);
    expect(await vote({ option_id: 36 })).toBe(2000);
    expect(simulator.control.ratings().agent).toMatchObject([{ vote: { optionId: 37, remark: 'kind', resolved: 0 } }]);
    simulator.control.configure({ surveyShowType: 'star' });
    const other = await open('b');
    expect((await post('/im/sessions/survey', { im_sub_session_id: other, option_id: 36 })).json.code).toBe(2005);
    expect((await post('/im/sessions/survey', { im_sub_session_id: other, option_id: 155 })).json.code).toBe(1000);
  });

  it('invites to a survey during the session', async () => {
    await start({ behaviour: { startPush: 'never' } });
    const id = await open();
    simulator.control.inviteSurvey({ customerToken: 'a' });
    await arrived(1);
    expect(receiver.received[0]?.json.messages[0]).toMatchObject({ type: 'survey', im_sub_session_id: id });
  });

  it('previews only when bought, three times a second, and clears with the message', async () => {
    await start({ behaviour: { startPush: 'never' } });
    const id = await open();
    const preview = async (content: unknown, at = id) =>
      callUdesk(simulator, 'PUT', `/im/sessions/${at}/message_preview`, { body: { content } });
    expect((await preview('x')).json.code).toBe(2065);
    simulator.control.configure({ previewActivated: true });
    expect((await preview('x', id + 1)).json.code).toBe(2062);
    expect((await preview(undefined)).json.code).toBe(2000);
    const answers = [await preview('h'), await preview('he'), await preview('hel'), await preview('hell')];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 429]);
    expect(simulator.control.sessions()[0]?.preview).toBe('hel');
    await sendToUdesk(simulator, {
      customer_token: 'a',
      im_sub_session_id: id,
      message_id: 'm',
      data: { content: 'hello' },
    });
    expect(simulator.control.sessions()[0]?.preview).toBe('');
  });
});

describe('states', () => {
  it('speaks English or Chinese and marks unknown customers', async () => {
    await start({ behaviour: { language: 'zh', startPush: 'never' } });
    await createAgentSession(simulator, 'a');
    expect((await get('/im/queue_status', { customer_token: 'a' })).json.status).toBe('会话中');
    expect((await get('/im/customer_status', { customer_token: 'a' })).json).toMatchObject({
      status_code: 1,
      status: '会话中',
    });
    expect((await get('/im/customer_status', { customer_token: 'nobody' })).json.status_code).toBe(3);
    expect((await get('/im/customer_status')).json.code).toBe(2000);
  });

  it('lists agents with their load; an unknown group is 11012', async () => {
    await start({ behaviour: { startPush: 'never' } });
    await createAgentSession(simulator, 'a', { agent_id: 487 });
    const { agents } = (await get('/im/agent_status', { group_id: '11' })).json;
    expect(agents.map((agent: { id: number }) => agent.id)).toEqual([486, 487, 488]);
    expect(agents[1]).toMatchObject({ im_nick: 'Leo', im_status: 'online', im_session_num: 1, im_max_join_num: 3 });
    expect(agents[2]).toMatchObject({ im_status: 'busy', im_custom_status: 'In a meeting' });
    expect((await get('/im/agent_status', { group_id: '99' })).json.code).toBe(11012);
  });
});

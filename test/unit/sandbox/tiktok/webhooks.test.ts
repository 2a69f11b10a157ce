import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTiktokSimulator, type TiktokSimulator } from '../../../../src/sandbox/index.ts';
import type { TiktokSimulatorOptions } from '../../../../src/sandbox/tiktok/options.ts';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.ts';
import { createReceiver, type Receiver } from '../helpers/receiver.ts';
import { callTiktok, credentials, sendText } from '../helpers/tiktok-client.ts';

const QUIET = { agents: false, robot: false, autoReply: false, rating: false };
const MINUTE_MS = 60_000;

let receiver: Receiver;
let simulator: TiktokSimulator;
let clock: FakeClock;

beforeEach(async () => {
  receiver = await createReceiver();
  clock = createFakeClock(Date.now());
});
afterEach(async () => {
  await simulator.stop();
  await receiver.stop();
});

const start = async (options: TiktokSimulatorOptions = {}) => {
  simulator = await createTiktokSimulator({ webhookUrl: receiver.url, noise: QUIET, clock, ...options });
};
const arrived = (count: number) => vi.waitFor(() => expect(receiver.received).toHaveLength(count), { interval: 5 });
const lastState = (state: string) =>
  vi.waitFor(() => expect(simulator.control.deliveries().at(-1)?.state).toBe(state), { interval: 5 });
const attempts = (count: number) =>
  vi.waitFor(() => expect(simulator.control.deliveries().at(-1)?.attempts).toHaveLength(count), { interval: 5 });

describe('a buyer message', () => {
  it('arrives as a signed event 14 without name or user id', async () => {
    await start();
    const ref = simulator.control.buyerMessage({ buyer: 'xiaoyu', text: '我的包裹呢？📦' });
    await arrived(1);
    const { headers, raw, json } = receiver.received[0] ?? { headers: {}, raw: '', json: {} };
    const { appKey, appSecret } = credentials(simulator);
    expect(headers.authorization).toBe(
      createHmac('sha256', appSecret)
        .update(appKey + raw)
        .digest('hex'),
    );
    expect(json).toMatchObject({ type: 14, shop_id: ref.shopId });
    expect(json.tts_notification_id).toMatch(/^\d{19}$/);
    expect(json.data).toEqual({
      content: '{"content":"我的包裹呢？📦"}',
      conversation_id: ref.conversationId,
      create_time: Math.floor(clock.now() / 1000),
      is_visible: true,
      message_id: ref.messageId,
      index: ref.index,
      type: 'TEXT',
      sender: { im_user_id: expect.stringMatching(/^\d+$/), role: 'BUYER' },
    });
  });

  it('goes to the subscription of the shop when there is one', async () => {
    await start({ webhookUrl: 'http://127.0.0.1:1/never' });
    const path = '/event/202309/webhooks';
    expect(
      (await callTiktok(simulator, 'PUT', path, { body: { event_type: 'NOPE', address: receiver.url } })).code,
    ).toBe(36009004);
    await callTiktok(simulator, 'PUT', path, { body: { event_type: 'NEW_MESSAGE', address: receiver.url } });
    const list = await callTiktok(simulator, 'GET', path);
    expect(list.data).toMatchObject({
      total_count: 1,
      webhooks: [{ event_type: 'NEW_MESSAGE', address: receiver.url }],
    });
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    await arrived(1);
    expect((await callTiktok(simulator, 'DELETE', path, { body: { event_type: 'NEW_MESSAGE' } })).code).toBe(0);
    expect((await callTiktok(simulator, 'GET', path)).data.total_count).toBe(0);
  });

  it('may be any content: not JSON, numeric strings, an entry marker first', async () => {
    await start();
    simulator.control.buyerMessage({ buyer: 'mia', content: '{broken', type: 'TEXT', enterFrom: { productId: '1' } });
    simulator.control.buyerMessage({ buyer: 'mia', type: 'IMAGE' });
    await arrived(3);
    const contents = simulator.control.conversations()[0]?.messages ?? [];
    expect(contents.map((message) => message.type)).toEqual(['BUYER_ENTER_FROM_PRODUCT', 'TEXT', 'IMAGE']);
    expect(contents[1]?.content).toBe('{broken');
    expect(JSON.parse(String(contents[2]?.content))).toMatchObject({ width: '320', height: '240' });
  });

  it('is told in the shape of API v1 on request', async () => {
    await start({ webhookVersion: 'legacy', noise: { ...QUIET, agents: true } });
    const ref = simulator.control.buyerMessage({
      buyer: 'mia',
      type: 'IMAGE',
      content: { url: 'u', width: 3, height: 4 },
    });
    await arrived(3);
    const byType = (type: number) => receiver.received.filter((entry) => entry.json.type === type);
    const message = byType(9).find((entry) => entry.json.data.message_id === ref.messageId)?.json;
    expect(message).not.toHaveProperty('tts_notification_id');
    expect(message.data).toMatchObject({
      conv_short_id: ref.conversationId,
      msg_type: 'file_image',
      sender_role_v2: 1,
    });
    expect(JSON.parse(message.data.content)).toEqual({ imageHeight: '4', imageUrl: 'u', imageWidth: '3' });
    expect(byType(8)[0]?.json.data).toMatchObject({ conv_short_id: ref.conversationId });
  });
});

describe('noise of a live shop', () => {
  it('surrounds a new conversation with robot, agent and, at the end, an invisible rating request', async () => {
    await start({ noise: { agents: true, robot: true, rating: true } });
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    await arrived(4);
    simulator.control.closeConversation({ conversationId });
    await arrived(6);
    const seen = receiver.received.map(
      ({ json }) => `${json.type} ${json.data.type ?? ''} ${json.data.sender?.role ?? ''}`,
    );
    expect(seen.toSorted()).toEqual(
      [
        '14 TEXT BUYER',
        '14 TEXT ROBOT',
        '14 ALLOCATED_SERVICE SYSTEM',
        '13  ',
        '14 NOTIFICATION SYSTEM',
        '13  ',
      ].toSorted(),
    );
    const rating = receiver.received.find(({ json }) => json.data.type === 'NOTIFICATION');
    expect(rating?.json.data.is_visible).toBe(false);
  });

  it('echoes what the API sends, with the same id, and what staff types', async () => {
    await start();
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const sent = await sendText(simulator, conversationId, 'Hello');
    const staff = simulator.control.staffReply({ conversationId, text: 'I take over' });
    await arrived(3);
    const echoes = receiver.received.filter(({ json }) => json.data.sender.role === 'CUSTOMER_SERVICE');
    expect(echoes.map(({ json }) => json.data.message_id).toSorted()).toEqual(
      [sent.data.message_id, staff.messageId].toSorted(),
    );
  });
});

describe('delivery', () => {
  it('repeats after 2 min, 30 min, 3 h and 12 h with the same bytes, then gives up', async () => {
    await start();
    receiver.answer = 500;
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    await attempts(1);
    const waits = [2, 30, 180, 720].map((minutes) => minutes * MINUTE_MS);
    for (const [at, waitMs] of waits.entries()) {
      await clock.advance(waitMs - 1_000);
      expect(receiver.received).toHaveLength(at + 1);
      await clock.advance(1_000);
      await attempts(at + 2);
    }
    await lastState('dropped');
    await clock.advance(24 * 60 * MINUTE_MS);
    expect(receiver.received).toHaveLength(5);
    expect(new Set(receiver.received.map((entry) => entry.raw)).size).toBe(1);
  });

  it('compresses the ladder, and stops repeating once it is taken', async () => {
    await start({ compress: 60 });
    receiver.answer = 503;
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    await attempts(1);
    receiver.answer = 200;
    await clock.advance(2_000);
    await lastState('delivered');
    await clock.advance(20 * 60 * MINUTE_MS);
    expect(receiver.received).toHaveLength(2);
  });

  it('does not repeat a 401 and counts a hanging receiver as failed', async () => {
    await start({ webhookTimeoutMs: 60 });
    receiver.answer = 401;
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    await lastState('refused');
    receiver.answer = 'hang';
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi again' });
    await attempts(1);
    expect(simulator.control.deliveries().at(-1)).toMatchObject({ state: 'waiting', attempts: [{ status: null }] });
  });

  it('duplicates, loses, delays, swaps, missigns and disguises on request', async () => {
    await start();
    const say = (text: string, deliver?: object) => simulator.control.buyerMessage({ buyer: 'mia', text, deliver });
    const texts = () => receiver.received.map(({ json }) => JSON.parse(json.data.content).content);
    say('twice', { duplicate: 1 });
    await arrived(2);
    say('never', { lost: true });
    say('late', { delayMs: 1_000 });
    say('second', { swap: true });
    say('first');
    await arrived(4);
    expect(texts().slice(2).toSorted()).toEqual(['first', 'second']);
    await clock.advance(1_000);
    await arrived(5);
    expect(texts()).not.toContain('never');
    say('forged', { wrongSignature: true });
    await arrived(6);
    const forged = receiver.received.at(-1);
    const { appKey, appSecret } = credentials(simulator);
    const right = createHmac('sha256', appSecret)
      .update(appKey + forged?.raw)
      .digest('hex');
    expect(forged?.headers.authorization).not.toBe(right);
    say('strange', { unknownType: true });
    await arrived(7);
    expect(receiver.received.at(-1)?.json.type).toBe(4099);
  });

  it('applies planned switches to buyer messages only, unless told otherwise', async () => {
    await start();
    simulator.control.planDeliveries({ switches: { lost: true } });
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'lost' });
    await sendText(simulator, conversationId, 'Hello');
    await arrived(1);
    expect(receiver.received[0]?.json.data.sender.role).toBe('CUSTOMER_SERVICE');
    expect(simulator.control.deliveries()[0]?.state).toBe('lost');
  });

  it('sends any event and repeats one of the log', async () => {
    await start();
    const event = simulator.control.emitWebhook({ type: 4, data: { sc_type: 1 } });
    await arrived(1);
    simulator.control.resendWebhook({ notificationId: event.notificationId });
    await arrived(2);
    expect(receiver.received[0]?.raw).toBe(receiver.received[1]?.raw);
    simulator.control.setOrderStatus({ orderId: '576461413038785752', status: 'CANCELLED' });
    await arrived(3);
    expect(receiver.received[2]?.json).toMatchObject({ type: 1, data: { order_status: 'CANCEL' } });
  });
});

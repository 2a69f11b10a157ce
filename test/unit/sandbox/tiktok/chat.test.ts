import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTiktokSimulator, makePng, type TiktokSimulator } from '../../../../src/sandbox/index.ts';
import { callTiktok, credentials, sendText } from '../helpers/tiktok-client.ts';

const LIST = '/customer_service/202309/conversations';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const QUIET = { agents: false, robot: false, autoReply: false, rating: false };

let simulator: TiktokSimulator;
beforeEach(async () => {
  simulator = await createTiktokSimulator({ noise: QUIET, limits: { perSecond: 0 } });
});
afterEach(() => simulator.stop());

const messagesOf = (id: string, query: Record<string, string> = {}) =>
  callTiktok(simulator, 'GET', `${LIST}/${id}/messages`, { query: { page_size: '10', ...query } });

describe('lists', () => {
  it('refuses page sizes over 20 and 10', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    for (const size of ['21', '0', 'x', '-1'])
      expect((await callTiktok(simulator, 'GET', LIST, { query: { page_size: size } })).code).toBe(45101001);
    expect((await callTiktok(simulator, 'GET', LIST)).code).toBe(45101001);
    expect((await messagesOf(conversationId, { page_size: '11' })).code).toBe(45101001);
    expect((await messagesOf(conversationId, { locale: 'xx' })).code).toBe(45101001);
    expect((await messagesOf(conversationId, { sort_order: 'UP' })).code).toBe(45101001);
  });

  it('pages through messages both ways with opaque tokens and ends with an empty one', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'line 0' });
    for (let i = 1; i < 25; i++) simulator.control.buyerMessage({ buyer: 'mia', text: `line ${i}` });
    const read = async (order: string) => {
      const texts: string[] = [];
      let token = '';
      let pages = 0;
      do {
        const page = await messagesOf(conversationId, {
          sort_order: order,
          ...(token === '' ? {} : { page_token: token }),
        });
        for (const message of page.data.messages) texts.push(JSON.parse(message.content).content);
        token = page.data.next_page_token;
        pages += 1;
        // A message that arrives between two pages shifts nothing.
        if (order === 'DESC') simulator.control.buyerMessage({ buyer: 'mia', text: 'late' });
      } while (token !== '');
      return { texts, pages };
    };
    const forward = await read('ASC');
    expect(forward.pages).toBe(3);
    expect(forward.texts).toEqual(Array.from({ length: 25 }, (_, i) => `line ${i}`));
    expect((await read('DESC')).texts).toEqual(forward.texts.toReversed());
  });

  it('refuses a token of another query', async () => {
    for (let i = 0; i < 12; i++) simulator.control.buyerMessage({ buyer: 'mia', text: `${i}` });
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'x' });
    const token = (await messagesOf(conversationId)).data.next_page_token as string;
    expect(token).not.toBe('');
    expect((await messagesOf(conversationId, { page_token: token, sort_order: 'ASC' })).code).toBe(45101001);
    expect((await messagesOf(conversationId, { page_token: 'AAAA' })).code).toBe(45101001);
  });

  it('shows ids beyond 2^53 as strings, a growing sparse index and the participants', async () => {
    const first = simulator.control.buyerMessage({ buyer: 'budi', text: 'halo', shopId: '7495680014429931873' });
    const second = simulator.control.buyerMessage({ buyer: 'budi', text: 'ada?', shopId: '7495680014429931873' });
    expect(BigInt(second.index) > BigInt(first.index) + 1n).toBe(true);
    const { data } = await callTiktok(simulator, 'GET', LIST, { query: { page_size: '20' }, shop: 2 });
    const conversation = data.conversations[0];
    expect(typeof conversation.id).toBe('string');
    expect(BigInt(conversation.id) > 2n ** 53n).toBe(true);
    expect(conversation).toMatchObject({ participant_count: 3, can_send_message: true, unread_count: 2 });
    expect(conversation.participants[0]).toMatchObject({ role: 'BUYER', buyer_platform: 'TOKOPEDIA' });
    const single = await callTiktok(simulator, 'GET', `/customer_service/202601/conversations/${conversation.id}`, {
      shop: 2,
    });
    expect(single.data.conversation).not.toHaveProperty('latest_message');
    expect(single.data.conversation).not.toHaveProperty('can_send_message');
    expect(single.data.conversation.participants[0].platform).toBe('TOKOPEDIA');
  });

  it('keeps shops apart', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    expect((await messagesOf('7494560109732334261')).code).toBe(45101003);
    const foreign = await callTiktok(simulator, 'GET', `${LIST}/${conversationId}/messages`, {
      query: { page_size: '10' },
      shop: 1,
    });
    expect(foreign.code).toBe(45102007);
  });
});

describe('sending', () => {
  const send = (id: string, type: string, content: unknown) =>
    callTiktok(simulator, 'POST', `${LIST}/${id}/messages`, {
      body: { type, content: typeof content === 'string' ? content : JSON.stringify(content) },
    });

  it('stores a text as CUSTOMER_SERVICE and does not clear the unread count', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const sent = await sendText(simulator, conversationId, 'Hello 你好');
    const stored = simulator.control.conversations()[0]?.messages.at(-1);
    expect(stored).toMatchObject({ id: sent.data.message_id, via: 'api', sender: { role: 'CUSTOMER_SERVICE' } });
    const list = await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } });
    expect(list.data.conversations[0].unread_count).toBe(1);
    await callTiktok(simulator, 'POST', `${LIST}/${conversationId}/messages/read`);
    const after = await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } });
    expect(after.data.conversations[0].unread_count).toBe(0);
  });

  it('counts 2000 characters by code point and refuses more, blanks and objects', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    expect((await sendText(simulator, conversationId, '👋'.repeat(2000))).code).toBe(0);
    expect((await sendText(simulator, conversationId, 'a'.repeat(2001))).code).toBe(45101001);
    expect((await sendText(simulator, conversationId, '  ')).code).toBe(45101001);
    expect((await send(conversationId, 'TEXT', 'not json')).code).toBe(45101001);
    const asObject = await callTiktok(simulator, 'POST', `${LIST}/${conversationId}/messages`, {
      body: { type: 'TEXT', content: { content: 'x' } },
    });
    expect(asObject.code).toBe(45101001);
  });

  it('refuses sensitive words and types that nobody may send', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    expect((await sendText(simulator, conversationId, 'Write me on WhatsApp')).code).toBe(45101006);
    expect((await send(conversationId, 'EMOTICONS', { url: 'x' })).code).toBe(45111001);
  });

  it('checks cards against what the shop has', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    expect((await send(conversationId, 'PRODUCT_CARD', { product_id: '1729384756012345601' })).code).toBe(0);
    // Another shop's product.
    expect((await send(conversationId, 'PRODUCT_CARD', { product_id: '1729384756012345603' })).code).toBe(45101003);
    expect((await send(conversationId, 'PRODUCT_CARD', { product_id: 1729384756012345 })).code).toBe(45101001);
    expect((await send(conversationId, 'ORDER_CARD', { order_id: '576461413038785752' })).code).toBe(0);
    expect((await send(conversationId, 'LOGISTICS_CARD', { order_id: '1' })).code).toBe(45101003);
    const delivered = { order_id: '576461413038785757', sku_id: '1729384756012345611' };
    expect((await send(conversationId, 'RETURN_REFUND_CARD', delivered)).code).toBe(0);
    const onItsWay = { order_id: '576461413038785752', sku_id: '1729384756012345611' };
    expect((await send(conversationId, 'RETURN_REFUND_CARD', onItsWay)).code).toBe(45101002);
  });

  it('lets one coupon card through every two seconds', async () => {
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const coupon = () => send(conversationId, 'COUPON_CARD', { coupon_id: '729384756012345700' });
    expect([(await coupon()).code, (await coupon()).code]).toEqual([0, 45111012]);
    simulator.control.advance({ ms: 2_000 });
    expect((await coupon()).code).toBe(0);
  });
});

describe('pictures', () => {
  const upload = (bytes: Buffer, name = 'data', shop = 0) =>
    callTiktok(simulator, 'POST', '/customer_service/202309/images/upload', {
      form: { name, bytes, filename: 'a.png' },
      shop,
    });

  it('takes a picture, serves it back and lets it be sent with numeric sizes only', async () => {
    const png = makePng(12, 8, [1, 2, 3]);
    const { data } = await upload(png);
    expect(data).toMatchObject({ width: 12, height: 8 });
    expect(Buffer.from(await (await fetch(data.url)).arrayBuffer()).equals(png)).toBe(true);
    const { conversationId } = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const send = (content: object) =>
      callTiktok(simulator, 'POST', `${LIST}/${conversationId}/messages`, {
        body: { type: 'IMAGE', content: JSON.stringify(content) },
      });
    expect((await send({ url: data.url, width: 12, height: 8 })).code).toBe(0);
    expect((await send({ url: data.url, width: '12', height: '8' })).code).toBe(45101001);
    expect((await send({ url: 'https://img.invalid/x.png', width: 12, height: 8 })).code).toBe(45101001);
  });

  it('judges by the first bytes, the size and the form', async () => {
    expect((await upload(Buffer.from('<svg/>'))).code).toBe(45101001);
    expect((await upload(makePng(2, 2, [0, 0, 0]), 'file')).code).toBe(45101001);
    const big = Buffer.concat([makePng(2, 2, [0, 0, 0]), Buffer.alloc(10 * 1024 * 1024)]);
    expect((await upload(big)).code).toBe(36009021);
    const json = await callTiktok(simulator, 'POST', '/customer_service/202309/images/upload', { body: { data: 'x' } });
    expect(json.code).toBe(36009023);
  });

  it('asks for token and cipher before giving out an Indonesian picture', async () => {
    const { data } = await upload(makePng(4, 4, [9, 9, 9]), 'data', 2);
    expect((await fetch(data.url)).status).toBe(403);
    const shop = credentials(simulator).shops[2];
    const headers = { 'x-tts-access-token': shop?.accessToken ?? '' };
    expect((await fetch(`${data.url}?shop_cipher=${shop?.cipher}`, { headers })).status).toBe(200);
  });
});

describe('who may be written to, and for how long', () => {
  const ordersOnly = '70214368104682';
  const create = (userId: string, shop = 0) =>
    callTiktok(simulator, 'POST', LIST, { body: { buyer_user_id: userId }, shop });

  it('creates a conversation after an order and gives the same id again', async () => {
    const first = await create(`${ordersOnly}30480`);
    const again = await create(`${ordersOnly}30480`);
    expect(first.code).toBe(0);
    expect(again.data.conversation_id).toBe(first.data.conversation_id);
    expect((await create(`${ordersOnly}30486`)).code).toBe(45109003);
    expect((await create('1')).code).toBe(45101003);
  });

  it('refuses a send once 30 days without talk and 60 without order are over', async () => {
    const stranger = simulator.control.buyerMessage({ buyer: 'lan', text: 'hi' });
    expect((await sendText(simulator, stranger.conversationId, 'Hello')).code).toBe(0);
    simulator.control.advance({ ms: 31 * DAY_MS });
    expect((await sendText(simulator, stranger.conversationId, 'Still there?')).code).toBe(45109001);
    const list = await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } });
    expect(list.data.conversations[0].can_send_message).toBe(false);
    // mia's order keeps her reachable for 60 days.
    const mia = await create(`${ordersOnly}30477`);
    expect(mia.code).toBe(0);
    simulator.control.advance({ ms: 31 * DAY_MS });
    expect((await sendText(simulator, mia.data.conversation_id, 'Hello')).code).toBe(45109001);
  });

  it('closes 6 hours after an unanswered seller and 7 days after an unanswered buyer', async () => {
    const seller = simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const buyer = simulator.control.buyerMessage({ buyer: 'oliver', text: 'hi' });
    await sendText(simulator, seller.conversationId, 'Hello');
    const open = () => Object.fromEntries(simulator.control.conversations().map((row) => [row.id, row.open]));
    simulator.control.advance({ ms: 5.9 * HOUR_MS });
    expect(open()[seller.conversationId]).toBe(true);
    simulator.control.advance({ ms: 0.2 * HOUR_MS });
    expect(open()).toEqual({ [seller.conversationId]: false, [buyer.conversationId]: true });
    simulator.control.advance({ ms: 7 * DAY_MS });
    expect(open()[buyer.conversationId]).toBe(false);
    const single = await callTiktok(simulator, 'GET', `/customer_service/202601/conversations/${buyer.conversationId}`);
    expect(single.data.conversation.participant_count).toBe(2);
  });

  it('leaves chats to assigned agents when can_accept_chat is off', async () => {
    const path = '/customer_service/202309/agents/settings';
    expect((await callTiktok(simulator, 'GET', path)).data).toEqual({ can_accept_chat: true });
    expect((await callTiktok(simulator, 'PUT', path, { body: { can_accept_chat: 'no' } })).code).toBe(45101001);
    await callTiktok(simulator, 'PUT', path, { body: { can_accept_chat: false } });
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    expect(simulator.control.conversations()[0]?.agentJoined).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTiktokSimulator, type TiktokSimulator } from '../../../../src/sandbox/index.ts';
import { callTiktok, credentials, sendText } from '../helpers/tiktok-client.ts';

const LIST = '/customer_service/202309/conversations';
const QUIET = { agents: false, robot: false, autoReply: false, rating: false };

let simulator: TiktokSimulator;
beforeEach(async () => {
  simulator = await createTiktokSimulator({ noise: QUIET, oauthRedirectUrl: 'http://127.0.0.1:9/back?x=1' });
});
afterEach(() => simulator.stop());

// biome-ignore lint/suspicious/noExplicitAny: token answers are read field by field.
const token = async (path: string, query: Record<string, string>, method = 'GET'): Promise<any> => {
  const { appKey, appSecret } = credentials(simulator);
  const search = new URLSearchParams({ app_key: appKey, app_secret: appSecret, ...query });
  return (await fetch(`${simulator.url}/api/v2/token/${path}?${search}`, { method })).json();
};
const refresh = (refreshToken: string) =>
  token('refresh', { refresh_token: refreshToken, grant_type: 'refresh_token' });

describe('authorisation', () => {
  it('walks from the page to a token with absolute expiries; a code works once', async () => {
    const start = `${simulator.url}/open/authorize?service_id=${credentials(simulator).serviceId}&state=s%261`;
    const page = await (await fetch(start)).text();
    expect(page).toContain('Juniper &#38; Rye Ltd');
    const link = /href="([^"]*oid-juniper[^"]*?)"/.exec(page)?.[1] ?? '';
    const answer = await fetch(simulator.url + link, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.searchParams.get('state')).toBe('s&1');
    expect(back.searchParams.get('x')).toBe('1');
    const grant = { auth_code: back.searchParams.get('code') ?? '', grant_type: 'authorized_code' };
    expect((await token('get', grant, 'POST')).code).toBe(36009010);
    const given = await token('get', grant);
    const inSevenDays = Date.now() / 1000 + 7 * 86_400;
    expect(Math.abs(given.data.access_token_expire_in - inSevenDays)).toBeLessThan(10);
    expect(given.data).toMatchObject({ seller_base_region: 'GB', user_type: 0 });
    const shops = await callTiktok(simulator, 'GET', '/authorization/202309/shops', {
      cipher: null,
      token: given.data.access_token,
    });
    expect(shops.data.shops[0]).toMatchObject({ region: 'GB', seller_type: 'LOCAL' });
    expect((await token('get', grant)).code).toBe(36004004);
  });

  it('reports a refusal with code=null and an error', async () => {
    const answer = await fetch(`${simulator.url}/open/authorize/answer?refuse=1&state=q`, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.searchParams.get('code')).toBe('null');
    expect(back.searchParams.get('error')).toBe('auth_denied');
  });

  it('rotates the refresh token; the old pair stops working', async () => {
    const old = credentials(simulator).shops[0];
    const fresh = await refresh(old?.refreshToken ?? '');
    expect(fresh.data.refresh_token).not.toBe(old?.refreshToken);
    expect((await refresh(old?.refreshToken ?? '')).code).toBe(36004004);
    const list = (value: string | undefined) =>
      callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' }, token: value });
    expect((await list(old?.accessToken)).code).toBe(105002);
    expect((await list(fresh.data.access_token)).code).toBe(0);
  });

  it('lets a token expire with the wire clock and forgets it when the seller leaves', async () => {
    simulator.control.expireToken();
    expect((await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } })).code).toBe(105002);
    simulator.control.deauthorise();
    expect((await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } })).code).toBe(36009004);
    expect(simulator.control.deliveries().at(-1)).toMatchObject({ type: 6, state: 'nobody' });
  });
});

describe('orders and products', () => {
  const get = (path: string, query: Record<string, string> = {}, shop = 0) =>
    callTiktok(simulator, 'GET', path, { query, shop });

  it('gives orders with one line per unit and money as text', async () => {
    const { data } = await get('/order/202309/orders', { ids: '576461413038785752,576461413038785753' });
    expect(data.orders).toHaveLength(2);
    expect(data.orders[0]).toMatchObject({ status: 'IN_TRANSIT', payment: { currency: 'GBP', total_amount: '98.00' } });
    expect(data.orders[0].line_items).toHaveLength(2);
    expect((await get('/order/202309/orders', { ids: '577120983344567101' })).code).toBe(21008111);
    expect((await get('/order/202309/orders')).code).toBe(36009004);
    const many = Array.from({ length: 51 }, (_, at) => String(at)).join(',');
    expect((await get('/order/202309/orders', { ids: many })).code).toBe(36009004);
  });

  it('finds the orders of a buyer, newest first, in pages', async () => {
    const search = (query: Record<string, string>) =>
      callTiktok(simulator, 'POST', '/order/202309/orders/search', {
        query,
        body: { buyer_user_id: '7021436810468230477' },
      });
    const first = await search({ page_size: '2' });
    expect(first.data.total_count).toBe(3);
    const second = await search({ page_size: '2', page_token: first.data.next_page_token });
    const ids = [...first.data.orders, ...second.data.orders].map(
      (order: { create_time: number }) => order.create_time,
    );
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(second.data.next_page_token).toBe('');
    expect((await search({ page_size: '101' })).code).toBe(36009004);
  });

  it('tracks in milliseconds, newest first, and knows parcels, products and after-sale', async () => {
    const { data } = await get('/fulfillment/202309/orders/576461413038785757/tracking');
    expect(data.tracking[0].description).toBe('Delivered');
    expect(data.tracking[0].update_time_millis).toBeGreaterThan(1e12);
    const order = (await get('/order/202309/orders', { ids: '576461413038785757' })).data.orders[0];
    const parcel = await get(`/fulfillment/202309/packages/${order.packages[0].id}`);
    expect(parcel.data.package_status).toBe('COMPLETED');
    expect((await get('/product/202309/products/1729384756012345601')).data.skus).toHaveLength(3);
    expect((await get('/product/202309/products/1')).code).toBe(12052032);
    const eligible = await get('/return_refund/202309/orders/576461413038785757/aftersale_eligibility');
    expect(eligible.data.sku_eligibility[0].line_item_eligibility[0].eligible).toBe(true);
  });
});

describe('faults', () => {
  const open = () => simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' }).conversationId;
  const stored = () => simulator.control.conversations()[0]?.messages.filter((message) => message.via === 'api').length;

  it('answers a code as often as told, without effect', async () => {
    const id = open();
    simulator.control.setFault({ endpoint: 'messages.send', times: 2, code: 36009002, retryAfterSec: 1 });
    const codes = [
      await sendText(simulator, id, '1'),
      await sendText(simulator, id, '2'),
      await sendText(simulator, id, '3'),
    ];
    expect(codes.map((answer) => answer.code)).toEqual([36009002, 36009002, 0]);
    expect(stored()).toBe(1);
  });

  it('accepts a send and then says internal error, or nothing at all', async () => {
    const id = open();
    simulator.control.setFault({ endpoint: 'messages.send', times: 1, afterEffect: true, code: 36009003 });
    expect((await sendText(simulator, id, 'kept')).code).toBe(36009003);
    expect(stored()).toBe(1);
    simulator.control.setFault({ endpoint: 'messages.send', times: 1, afterEffect: true, drop: true });
    await expect(sendText(simulator, id, 'kept too')).rejects.toThrow('fetch failed');
    expect(stored()).toBe(2);
  });

  it('gives bare statuses, skips calls and is cleared', async () => {
    simulator.control.setFault({ endpoint: '*', skip: 1, status: 503 });
    const list = () => fetch(`${simulator.url}${LIST}`).then((answer) => answer.status);
    expect([await list(), await list()]).toEqual([400, 503]);
    simulator.control.clearFaults();
    expect(await list()).toBe(400);
  });
});

describe('the control API', () => {
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${simulator.url}/_control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, json: await answer.json() };
  };

  it('does over HTTP what the methods do, and explains wrong input', async () => {
    const said = await post('buyer/message', { buyer: 'somchai', shopId: '7495112873305904412', text: 'ของถึงไหนแล้ว' });
    expect(said.status).toBe(200);
    const list = await (await fetch(`${simulator.url}/_control/conversations?buyer=somchai`)).json();
    expect(list).toEqual(JSON.parse(JSON.stringify(simulator.control.conversations({ buyer: 'somchai' }))));
    expect((await post('buyer/message', { text: 'no buyer' })).status).toBe(400);
    expect((await post('staff/reply', { conversationId: 'none', text: 'x' })).status).toBe(404);
    expect((await post('nothing', {})).status).toBe(404);
  });

  it('streams changes', async () => {
    const stream = await fetch(`${simulator.url}/_control/events`);
    const reader = stream.body?.getReader();
    await reader?.read();
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    const chunk = await reader?.read();
    expect(new TextDecoder().decode(chunk?.value)).toContain('"kind":"message"');
    await reader?.cancel();
  });

  it('tells listeners, and survives one that throws', () => {
    const kinds: string[] = [];
    simulator.onChange(() => {
      throw new Error('a broken page');
    });
    const stop = simulator.onChange((change) => kinds.push(change.kind));
    simulator.control.buyerMessage({ buyer: 'mia', text: 'hi' });
    stop();
    simulator.control.buyerMessage({ buyer: 'mia', text: 'again' });
    expect(kinds).toEqual(['message']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTiktokSimulator, type TiktokSimulator } from '../../../../src/sandbox/index.ts';
import { callTiktok, credentials } from '../helpers/tiktok-client.ts';

const LIST = '/customer_service/202309/conversations';
const now = () => Math.floor(Date.now() / 1000);

describe('the order of checks', () => {
  let simulator: TiktokSimulator;
  beforeEach(async () => {
    simulator = await createTiktokSimulator();
  });
  afterEach(() => simulator.stop());
  const list = (options: Parameters<typeof callTiktok>[3] = {}) =>
    callTiktok(simulator, 'GET', LIST, { query: { page_size: '20' }, ...options });

  it('lets a correct call through', async () => {
    expect(await list()).toMatchObject({ status: 200, code: 0, data: { conversations: [], next_page_token: '' } });
  });

  it('knows paths, versions and methods before anything else', async () => {
    expect(await callTiktok(simulator, 'GET', '/nowhere', { appKey: 'bad' })).toMatchObject({ code: 36009009 });
    expect(await callTiktok(simulator, 'GET', '/customer_service/202201/conversations')).toMatchObject({
      code: 36009014,
    });
    expect(await callTiktok(simulator, 'DELETE', LIST, { appKey: 'bad' })).toMatchObject({ code: 36009010 });
  });

  it('refuses a wrong app_key before a stale timestamp', async () => {
    const answer = await list({ appKey: 'other', timestamp: '1000000000' });
    expect(answer.code).toBe(36009004);
    expect(answer.message).toContain('app_key');
  });

  it('accepts timestamps from 5 minutes behind to 30 seconds ahead', async () => {
    expect((await list({ timestamp: String(now() - 295) })).code).toBe(0);
    expect((await list({ timestamp: String(now() + 25) })).code).toBe(0);
    for (const timestamp of [String(now() - 310), String(now() + 40), `${now()}000`, null]) {
      const answer = await list({ timestamp, sign: 'bad' });
      expect(answer.code).toBe(36009004);
      expect(answer.message).toContain('timestamp');
    }
  });

  it('refuses a wrong sign before a bad token, and names a missing one', async () => {
    expect(await list({ sign: 'a'.repeat(64), token: 'bad' })).toMatchObject({ code: 106001 });
    expect(await list({ sign: null })).toMatchObject({ code: 36009004, message: 'sign is missing' });
  });

  it('signs the body byte for byte', async () => {
    const path = '/customer_service/202309/agents/settings';
    const fine = await callTiktok(simulator, 'PUT', path, { body: '{ "can_accept_chat" : true }' });
    expect(fine.code).toBe(0);
    const changed = await fetch(`${simulator.url}${path}?app_key=x`, { method: 'PUT', body: '{}' });
    expect(((await changed.json()) as { code: number }).code).toBe(36009004);
  });

  it('tells bad, expired and narrow tokens apart', async () => {
    expect(await list({ token: 'bad' })).toMatchObject({ code: 36009004 });
    simulator.control.setScopes({ scopes: ['seller.order.info'] });
    expect(await list()).toMatchObject({ status: 401, code: 105005 });
    simulator.control.expireToken();
    expect(await list()).toMatchObject({ status: 401, code: 105002 });
  });

  it('wants shop_cipher where it belongs and nowhere else', async () => {
    expect(await list({ cipher: null })).toMatchObject({ code: 106013 });
    expect(await list({ cipher: credentials(simulator).shops[1]?.cipher })).toMatchObject({ code: 101000 });
    expect(await callTiktok(simulator, 'GET', '/authorization/202309/shops')).toMatchObject({ code: 36009004 });
    const shops = await callTiktok(simulator, 'GET', '/authorization/202309/shops', { cipher: null, shop: 1 });
    expect(shops.data.shops.map((shop: { region: string }) => shop.region)).toEqual(['TH', 'ID']);
  });

  it('takes only JSON where JSON is due', async () => {
    const path = '/customer_service/202309/agents/settings';
    expect(await callTiktok(simulator, 'PUT', path, { body: '{}', contentType: 'text/plain' })).toMatchObject({
      code: 36009022,
    });
    expect(await callTiktok(simulator, 'PUT', path, { body: '{"a":' })).toMatchObject({ code: 36009022 });
  });
});

describe('volume', () => {
  it('answers 36009002 past 50 a second on one endpoint and shop only', async () => {
    const simulator = await createTiktokSimulator({ limits: { perSecond: 5 } });
    const calls = await Promise.all(
      Array.from({ length: 7 }, () => callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } })),
    );
    expect(calls.filter((call) => call.code === 0)).toHaveLength(5);
    expect(calls.filter((call) => call.code === 36009002 && call.status === 429)).toHaveLength(2);
    const other = await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' }, shop: 1 });
    expect(other.code).toBe(0);
    await simulator.stop();
  });

  it('answers 45101004 past the daily quota until the next day', async () => {
    const simulator = await createTiktokSimulator({ limits: { perDay: 2 } });
    const list = () => callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } });
    expect([(await list()).code, (await list()).code, (await list()).code]).toEqual([0, 0, 45101004]);
    simulator.control.advance({ ms: 86_400_000 });
    expect((await list()).code).toBe(0);
    await simulator.stop();
  });
});

describe('hostile requests', () => {
  it('answers and stays up', async () => {
    const simulator = await createTiktokSimulator();
    const { connect } = await import('node:net');
    const port = Number(new URL(simulator.url).port);
    for (const head of [
      'GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /%E0%A4%A HTTP/1.1\r\nHost: [\r\n\r\n',
      'nonsense\r\n\r\n',
    ])
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(head));
        socket.on('data', () => socket.destroy());
        socket.on('close', () => resolve());
        socket.on('error', () => resolve());
      });
    const huge = await fetch(`${simulator.url}${LIST}`, { method: 'POST', body: Buffer.alloc(17 * 1024 * 1024) }).catch(
      () => ({ status: 413 }),
    );
    expect(huge.status).toBe(413);
    expect((await callTiktok(simulator, 'GET', LIST, { query: { page_size: '1' } })).code).toBe(0);
    await simulator.stop();
  });
});

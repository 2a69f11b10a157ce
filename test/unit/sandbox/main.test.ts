import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { demoCredentials, demoTiktokSeed } from '../../../src/sandbox/index.ts';
import { readSandboxArguments } from '../../../src/sandbox/main.ts';

describe('readSandboxArguments', () => {
  it('reads what is given and fills in the rest', () => {
    expect(readSandboxArguments(['--tiktok-port', '4001', '--compress', '60', '--quiet'])).toMatchObject({
      tiktokPort: 4001,
      udeskPort: 0,
      host: '127.0.0.1',
      compress: 60,
      callsPerMinute: 60,
      quiet: true,
    });
  });

  it('says what is wrong', () => {
    expect(() => readSandboxArguments(['--tiktok-port', 'many'])).toThrow('--tiktok-port must be a number');
    expect(() => readSandboxArguments(['--webhook-url', 'ftp://x'])).toThrow(
      '--webhook-url must be an http(s) address',
    );
    expect(() => readSandboxArguments(['--nonsense'])).toThrow('--nonsense');
  });
});

describe('the process', () => {
  it('prints one line of JSON when both are ready and ends on SIGTERM', async () => {
    const main = fileURLToPath(new URL('../../../src/sandbox/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const ready = JSON.parse(line.toString('utf8'));
    expect(ready.ready).toBe(true);
    expect((await fetch(`${ready.tiktokUrl}/_control/stats`)).status).toBe(200);
    expect((await fetch(`${ready.udeskUrl}/_control/agents`)).status).toBe(200);
    expect(ready.credentials.udesk.apiUrl).toBe(ready.udeskApiUrl);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});

describe('the demo world', () => {
  it('has shops of several markets, every order status and realistic ids', () => {
    const seed = demoTiktokSeed(1_790_000_000_000);
    expect(seed.shops.map((shop) => shop.region)).toEqual(['GB', 'TH', 'ID']);
    const statuses = new Set(seed.orders.map((order) => order.detail.status));
    for (const status of [
      'UNPAID',
      'ON_HOLD',
      'AWAITING_SHIPMENT',
      'PARTIALLY_SHIPPING',
      'AWAITING_COLLECTION',
      'IN_TRANSIT',
      'DELIVERED',
      'COMPLETED',
      'CANCELLED',
    ])
      expect(statuses).toContain(status);
    for (const buyer of seed.buyers) expect(buyer.userId).toMatch(/^\d{19}$/);
    for (const order of seed.orders) expect(order.id).toMatch(/^57\d{16}$/);
    const buyers = new Set(seed.buyers.map((buyer) => buyer.userId));
    expect(seed.orders.every((order) => buyers.has(order.buyerUserId))).toBe(true);
  });

  it('gives every shop a token', () => {
    const { tiktok } = demoCredentials({ tiktokUrl: 'http://t', udeskUrl: 'http://u', nowMs: 0 });
    expect(tiktok.shops).toHaveLength(3);
    expect(tiktok.shops[1]?.accessToken).toBe(tiktok.shops[2]?.accessToken);
    expect(tiktok.shops[0]?.accessToken).not.toBe(tiktok.shops[1]?.accessToken);
  });
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDemoStage, DEMO_HOST, type DemoStage, HELLO, jsonOf } from './helpers/demo-stage.ts';

let stage: DemoStage;
beforeEach(async () => {
  stage = await createDemoStage();
});
afterEach(() => stage.stop());

describe('the page and its files', () => {
  it('serves the page under a policy that allows nothing from elsewhere', async () => {
    const reply = await stage.get('/demo');
    expect(reply.status).toBe(200);
    expect(reply.headers?.['content-type']).toBe('text/html; charset=utf-8');
    const policy = reply.headers?.['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('serves built files for ever, with their type', async () => {
    const reply = await stage.get('/demo/assets/index-abc123.js');
    expect(reply).toMatchObject({ status: 200 });
    expect(String(reply.body)).toBe('export {};');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each([
    '/demo/assets/../secret.js',
    '/demo/assets/..%2fsecret.js',
    '/demo/assets/%2e%2e%2fsecret.js',
    '/demo/assets//etc/passwd',
    '/demo/assets/.hidden.js',
    '/demo/assets/none.js',
    '/demo/assets/',
    '/demo/assets/index-abc123.js%00.css',
  ])('finds nothing at %s', async (path) => {
    expect((await stage.get(path)).status).toBe(404);
  });

  it('says what to do when the page is not built', async () => {
    rmSync(join(stage.folder, 'index.html'));
    const reply = await stage.get('/demo');
    expect(reply.status).toBe(503);
    expect(reply.body).toContain('npm run build');
  });
});

describe('who may call', () => {
  it.each(['127.0.0.1:3978', 'localhost:3978', '[::1]:3978', '192.168.1.20:3978', 'demo.localhost'])(
    'answers under %s',
    async (host) => {
      expect((await stage.get('/demo', { headers: { host } })).status).toBe(200);
    },
  );

  it('refuses a name that someone pointed at this machine, unless it is the own address', async () => {
    const headers = { host: 'demo.attacker.example:3978' };
    expect((await stage.get('/demo', { headers })).status).toBe(403);
    expect((await stage.get('/demo/events', { headers })).status).toBe(403);
    expect((await stage.post('/demo/api/buyer', HELLO, headers)).status).toBe(403);
    stage.ownUrl = 'https://demo.attacker.example';
    expect((await stage.get('/demo', { headers })).status).toBe(200);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:9999' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a cross-site request', { origin: `http://${DEMO_HOST}`, 'sec-fetch-site': 'cross-site' }],
  ])('refuses a post from %s', async (_name, headers) => {
    expect((await stage.post('/demo/api/buyer', HELLO, headers)).status).toBe(403);
    expect((await stage.post('/demo/api/agent', { action: 'offline', agentId: 486 }, headers)).status).toBe(403);
    expect((await stage.post('/demo/api/staff', { buyer: 'mia', text: 'x' }, headers)).status).toBe(403);
    expect(stage.tiktok.control.conversations()).toEqual([]);
    expect(stage.udesk.control.agents()[0]?.status).toBe('online');
  });

  it('takes a post from its own page and from a client that is no browser', async () => {
    const own = { origin: `http://${DEMO_HOST}`, 'sec-fetch-site': 'same-origin' };
    expect((await stage.post('/demo/api/buyer', HELLO, own)).status).toBe(200);
    expect((await stage.post('/demo/api/buyer', HELLO)).status).toBe(200);
  });
});

describe('input that does not fit', () => {
  it.each([
    ['not JSON', 'buyer', '{', 400, /not JSON/],
    ['no object', 'buyer', [], 400, /./],
    ['a type that is not known', 'buyer', { buyer: 'mia', type: 'telepathy' }, 400, /type/],
    ['an empty text', 'buyer', { buyer: 'mia', type: 'text', text: '  ' }, 400, /write something/],
    ['a long text', 'buyer', { buyer: 'mia', type: 'text', text: 'x'.repeat(2001) }, 400, /2000/],
    ['a field too many', 'buyer', { ...HELLO, deliver: {} }, 400, /deliver/],
    ['a buyer who does not exist', 'buyer', { ...HELLO, buyer: 'nobody' }, 400, /mia/],
    ['an order of someone else', 'buyer', { buyer: 'mia', type: 'order', orderId: '576461413038785753' }, 400, /order/],
    [
      'a product of another shop',
      'buyer',
      { buyer: 'mia', type: 'product', productId: '1729384756012345603' },
      400,
      /product/,
    ],
    ['a picture that is none', 'buyer', { buyer: 'mia', type: 'image', imageBase64: 'aGVsbG8=' }, 400, /picture/],
    [
      'a picture of an agent that is none',
      'agent',
      { action: 'image', sessionId: 1, imageBase64: 'aGVsbG8=' },
      400,
      /picture/,
    ],
    ['an action that is not known', 'agent', { action: 'dance', agentId: 486 }, 400, /action/],
    ['a session that is not there', 'agent', { action: 'say', sessionId: 7, text: 'x' }, 404, /session/],
    ['an agent who is not there', 'agent', { action: 'offline', agentId: 7 }, 404, /agent/],
    ['staff without a conversation', 'staff', { buyer: 'oliver', text: 'x' }, 404, /conversation/],
  ])('says what is wrong with %s', async (_name, who, body, status, words) => {
    const reply = await stage.post(`/demo/api/${who}`, body);
    expect(reply.status).toBe(status);
    expect(jsonOf(reply).error).toMatch(words);
  });

  it('refuses what is not JSON by its type, and what is too large', async () => {
    expect((await stage.post('/demo/api/buyer', HELLO, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await stage.post('/demo/api/buyer', HELLO, { 'content-type': undefined })).status).toBe(415);
    expect((await stage.post('/demo/api/buyer', `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpReply } from '../../../src/contracts/http.ts';
import type { TimelineEntry } from '../../../src/contracts/store.ts';
import { createRouteTable } from '../../../src/http/route-table.ts';
import { createDemoRoutes } from '../../../src/sandbox/demo-routes.ts';
import type { DemoPatch, DemoSections } from '../../../src/sandbox/demo-view.ts';
import {
  createTiktokSimulator,
  createUdeskSimulator,
  DEMO_SHOPS,
  makePng,
  type TiktokSimulator,
  type UdeskSimulator,
} from '../../../src/sandbox/index.ts';
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.ts';
import { createAgentSession, sendToUdesk } from './helpers/udesk-client.ts';

const HOST = '127.0.0.1:3978';
const GB = '7494049642642441621';
/** Mia writes to the British shop; her token is `tts-{shop}-{chat id}`. */
const MIA = `tts-${GB}-7494560109732330477`;

let folder: string;
let tiktok: TiktokSimulator;
let udesk: UdeskSimulator;
let clock: FakeClock;
let table: ReturnType<typeof createRouteTable>;
let story: ReturnType<typeof fakeStory>;
let ownUrl: string | undefined;

function fakeStory() {
  const listeners = new Set<() => void>();
  return {
    entries: [] as TimelineEntry[],
    asked: [] as (number | undefined)[],
    broken: false,
    listeners,
    changed: () => {
      for (const listener of listeners) listener();
    },
    async timeline(_ref: object, after?: number) {
      if (this.broken) throw new Error('the store is down');
      this.asked.push(after);
      return this.entries.filter((entry) => entry.seq > (after ?? 0));
    },
    async conversation() {
      return { owner: 'bot', epoch: 1, language: 'en', episode: 1 };
    },
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demo-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>demo</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.js'), 'not an asset');
  tiktok = await createTiktokSimulator();
  udesk = await createUdeskSimulator({ callsPerMinute: 0 });
  clock = createFakeClock();
  story = fakeStory();
  ownUrl = undefined;
  const routes = createDemoRoutes({
    tiktok,
    udesk,
    shops: DEMO_SHOPS,
    story,
    pageDir: folder,
    ownUrl: () => ownUrl,
    clock,
  });
  table = createRouteTable(routes);
});

afterEach(async () => {
  await tiktok.stop();
  await udesk.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  headers?: Record<string, string | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

async function call(method: string, path: string, asked: Asked = {}): Promise<HttpReply> {
  const match = table.match(method, path);
  if (match.kind !== 'found') throw new Error(`${method} ${path} is ${match.kind}`);
  const body = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body ?? '');
  return match.route.handle({
    method,
    path,
    params: match.params,
    query: new URLSearchParams(),
    headers: { host: HOST, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...asked.headers },
    rawBody: Buffer.from(method === 'POST' ? body : ''),
    remoteAddress: '127.0.0.1',
    receivedAt: clock.now(),
    signal: asked.signal ?? new AbortController().signal,
  });
}

const get = (path: string, asked: Asked = {}) => call('GET', path, asked);
const post = (path: string, body: unknown, headers: Record<string, string | undefined> = {}) =>
  call('POST', path, { body, headers });
const json = (reply: HttpReply) => JSON.parse(String(reply.body));
const state = async (): Promise<DemoSections> => json(await get('/demo/api/state')).sections;
const HELLO = { buyer: 'mia', type: 'text', text: 'hello' };

describe('the page and its files', () => {
  it('serves the page under a policy that allows nothing from elsewhere', async () => {
    const reply = await get('/demo');
    expect(reply.status).toBe(200);
    expect(reply.headers?.['content-type']).toBe('text/html; charset=utf-8');
    const policy = reply.headers?.['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('serves built files for ever, with their type', async () => {
    const reply = await get('/demo/assets/index-abc123.js');
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
    expect((await get(path)).status).toBe(404);
  });

  it('says what to do when the page is not built', async () => {
    rmSync(join(folder, 'index.html'));
    const reply = await get('/demo');
    expect(reply.status).toBe(503);
    expect(reply.body).toContain('npm run build');
  });
});

describe('who may call', () => {
  it.each(['127.0.0.1:3978', 'localhost:3978', '[::1]:3978', '192.168.1.20:3978', 'demo.localhost'])(
    'answers under %s',
    async (host) => {
      expect((await get('/demo', { headers: { host } })).status).toBe(200);
    },
  );

  it('refuses a name that someone pointed at this machine, unless it is the own address', async () => {
    const headers = { host: 'demo.attacker.example:3978' };
    expect((await get('/demo', { headers })).status).toBe(403);
    expect((await get('/demo/events', { headers })).status).toBe(403);
    expect((await post('/demo/api/buyer', HELLO, headers)).status).toBe(403);
    ownUrl = 'https://demo.attacker.example';
    expect((await get('/demo', { headers })).status).toBe(200);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:9999' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a cross-site request', { origin: `http://${HOST}`, 'sec-fetch-site': 'cross-site' }],
  ])('refuses a post from %s', async (_name, headers) => {
    expect((await post('/demo/api/buyer', HELLO, headers)).status).toBe(403);
    expect((await post('/demo/api/agent', { action: 'offline', agentId: 486 }, headers)).status).toBe(403);
    expect((await post('/demo/api/staff', { buyer: 'mia', text: 'x' }, headers)).status).toBe(403);
    expect(tiktok.control.conversations()).toEqual([]);
    expect(udesk.control.agents()[0]?.status).toBe('online');
  });

  it('takes a post from its own page and from a client that is no browser', async () => {
    const own = { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };
    expect((await post('/demo/api/buyer', HELLO, own)).status).toBe(200);
    expect((await post('/demo/api/buyer', HELLO)).status).toBe(200);
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
    const reply = await post(`/demo/api/${who}`, body);
    expect(reply.status).toBe(status);
    expect(json(reply).error).toMatch(words);
  });

  it('refuses what is not JSON by its type, and what is too large', async () => {
    expect((await post('/demo/api/buyer', HELLO, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/demo/api/buyer', HELLO, { 'content-type': undefined })).status).toBe(415);
    expect((await post('/demo/api/buyer', `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413);
  });
});

describe('playing the buyer', () => {
  it('sends every kind, and the phone shows them in order', async () => {
    await post('/demo/api/buyer', { buyer: 'mia', type: 'text', text: '<img src=x onerror=alert(1)> 你好' });
    await post('/demo/api/buyer', { buyer: 'mia', type: 'order', orderId: '576461413038785752' });
    await post('/demo/api/buyer', { buyer: 'mia', type: 'product', productId: '1729384756012345602' });
    await post('/demo/api/buyer', {
      buyer: 'mia',
      type: 'image',
      imageBase64: makePng(8, 8, [1, 2, 3]).toString('base64'),
    });
    await post('/demo/api/buyer', { buyer: 'mia', type: 'sticker' });
    const own = (await state())['chat:mia']?.lines.filter((line) => line.who === 'buyer');
    expect(own?.map(({ kind, text }) => [kind, text])).toEqual([
      ['text', '<img src=x onerror=alert(1)> 你好'],
      ['order', 'Order 576461413038785752\n2 × Merino Crew Jumper (S)'],
      ['product', 'Stoneware Mug, 350 ml'],
      ['picture', 'Picture'],
      ['sticker', 'Sticker'],
    ]);
    expect(own?.[3]?.picture).toMatch(new RegExp(`^/demo/media/tiktok/${GB}/[0-9a-f]{32}\\.png$`));
    const picture = await get(own?.[3]?.picture ?? '');
    expect(picture.headers?.['content-type']).toBe('image/png');
    expect(picture.body).toEqual(makePng(8, 8, [1, 2, 3]));
  });

  it('fetches Indonesian pictures, which want a token', async () => {
    await post('/demo/api/buyer', { buyer: 'budi', type: 'image' });
    const line = (await state())['chat:budi']?.lines.find((one) => one.kind === 'picture');
    expect((await get(line?.picture ?? '')).status).toBe(200);
    expect((await get('/demo/media/tiktok/1/00000000000000000000000000000000.png')).status).toBe(404);
    expect((await get(`/demo/media/tiktok/${GB}/x.png`)).status).toBe(404);
  });

  it('lets staff answer in the seller app, and hides what the buyer does not see', async () => {
    await post('/demo/api/buyer', HELLO);
    const { conversationId } = json(await post('/demo/api/staff', { buyer: 'mia', text: 'I take over' }));
    tiktok.control.robotSay({ conversationId, role: 'SYSTEM', text: 'hidden', visible: false });
    const lines = (await state())['chat:mia']?.lines ?? [];
    expect(lines.find((line) => line.text === 'I take over')?.who).toBe('staff');
    expect(lines.some((line) => line.text === 'hidden')).toBe(false);
  });

  it('shows whom one can be and what they bought', async () => {
    const { cast } = await state();
    expect(cast?.buyers.map((buyer) => buyer.language)).toEqual(
      expect.arrayContaining(['en', 'zh-Hans', 'zh-Hant', 'th', 'vi', 'id', 'ms']),
    );
    const mia = cast?.buyers.find((buyer) => buyer.handle === 'mia');
    expect(mia?.orders.map((order) => order.status)).toContain('IN_TRANSIT');
    expect(mia?.products.map((product) => product.title)).toContain('Merino Crew Jumper');
  });
});

describe('playing the agent', () => {
  const open = async (): Promise<number> => {
    const { json: answer } = await createAgentSession(udesk, MIA);
    return answer.assign_info.im_sub_session_id;
  };
  const agent = (body: object) => post('/demo/api/agent', body);

  it('speaks as Udesk does, so that markup stays text', async () => {
    const sessionId = await open();
    await agent({ action: 'say', sessionId, text: '<b>1 < 2</b> & more\nnext' });
    const raw = udesk.control.sessions()[0]?.lines.at(-1)?.data.content;
    expect(raw).toBe('&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; more<br>next');
    udesk.control.agentSay({
      sessionId,
      type: 'html',
      content: '<p>Hi<br/><script>alert(1)</script><a href="x">there</a></p>',
    });
    const lines = (await state())[`session:${sessionId}`]?.lines ?? [];
    expect(lines.slice(-2).map((line) => line.text)).toEqual(['<b>1 < 2</b> & more\nnext', 'Hi\nalert(1)there']);
  });

  it('sends a picture under an address that the bridge can fetch', async () => {
    const sessionId = await open();
    ownUrl = 'http://127.0.0.1:4000';
    await agent({ action: 'image', sessionId });
    const address = String(udesk.control.sessions()[0]?.lines.at(-1)?.data.content);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:4000\/demo\/media\/agent\/[0-9a-f]{32}\.png$/);
    expect((await get(new URL(address).pathname)).headers?.['content-type']).toBe('image/png');
    expect((await state())[`session:${sessionId}`]?.lines.at(-1)?.picture).toBe(new URL(address).pathname);
  });

  it('does not let the page load pictures from elsewhere', async () => {
    const sessionId = await open();
    udesk.control.agentSay({ sessionId, type: 'image', content: 'https://elsewhere.example/demo.png' });
    expect((await state())[`session:${sessionId}`]?.lines.at(-1)?.picture).toBeUndefined();
  });

  it('reads, transfers, invites and closes', async () => {
    const sessionId = await open();
    await sendToUdesk(udesk, {
      customer_token: MIA,
      im_sub_session_id: sessionId,
      message_id: 'm1',
      type: 'message',
      data: { content: 'are you there?' },
    });
    const summary = async () => (await state()).desk?.sessions.find((row) => row.id === sessionId);
    expect(await summary()).toMatchObject({ name: 'Mia Thompson', agentName: 'Mei', open: true, unread: 1 });
    await agent({ action: 'read', sessionId });
    expect(await summary()).toMatchObject({ unread: 0 });
    const moved = json(await agent({ action: 'transfer', sessionId, toAgentId: 487 }));
    expect((await state())[`session:${moved.sessionId}`]).toMatchObject({ agentName: 'Leo', buyer: 'mia', open: true });
    expect((await agent({ action: 'invite-survey', sessionId: moved.sessionId })).status).toBe(200);
    expect((await agent({ action: 'close', sessionId: moved.sessionId })).status).toBe(200);
    expect((await state())[`session:${moved.sessionId}`]).toMatchObject({ open: false, closeType: 'normal' });
    expect((await agent({ action: 'close', sessionId: moved.sessionId })).status).toBe(404);
  });

  it('goes offline, comes back, and takes someone out of the queue', async () => {
    for (const agentId of [486, 487]) await agent({ action: 'busy', agentId });
    const { json: queued } = await createAgentSession(udesk, MIA);
    expect(queued.code).not.toBe(1000);
    expect((await state()).desk?.queue).toMatchObject([{ name: 'Mia Thompson', place: 1 }]);
    const { sessionId } = json(await agent({ action: 'assign', customerToken: MIA }));
    const { desk } = await state();
    expect(desk?.queue).toEqual([]);
    expect(desk?.sessions).toMatchObject([{ id: sessionId, open: true }]);
    expect(desk?.agents.map((row) => row.status)).toEqual(['busy', 'busy', 'busy', 'offline']);
    await agent({ action: 'online', agentId: 489 });
    expect((await state()).desk?.agents.at(-1)?.status).toBe('online');
  });
});

describe('events', () => {
  const sent = (text: string): TimelineEntry => ({
    seq: 2,
    at: 5,
    kind: 'outbound',
    id: 'out-2',
    title: 'message',
    status: 'sending',
    detail: { side: 'buyer', origin: 'bot', externalId: null, body: { kind: 'message', part: { type: 'text', text } } },
  });

  const listen = async (signal?: AbortSignal) => {
    const reply = await get('/demo/events', { signal });
    expect(reply.headers?.['content-type']).toBe('text/event-stream');
    const stream = (reply.body as AsyncIterable<string>)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatch(/^retry: \d+\n\n$/);
    return {
      stream,
      next: async (): Promise<DemoPatch> => {
        const { value } = await stream.next();
        expect(value).toMatch(/^data: [^\n]+\n\n$/);
        return JSON.parse(String(value).slice('data: '.length));
      },
    };
  };

  it('tells everything first, then only what changed, many changes as one', async () => {
    const { next } = await listen();
    const first = await next();
    expect(first.whole).toBe(true);
    expect(Object.keys(first.sections)).toEqual(['cast', 'desk']);
    const pending = next();
    await post('/demo/api/buyer', HELLO);
    await post('/demo/api/buyer', { ...HELLO, text: 'again' });
    await clock.advance(100);
    const second = await pending;
    expect(second.whole).toBe(false);
    expect(Object.keys(second.sections)).toEqual(['chat:mia', 'bridge:mia']);
    expect(JSON.stringify(second.sections['chat:mia'])).toContain('again');
  });

  it('follows the story, and reads again only what was not final', async () => {
    await post('/demo/api/buyer', HELLO);
    const inbound: TimelineEntry = {
      ...sent(''),
      seq: 1,
      kind: 'inbound',
      status: 'handled',
      title: 'buyer.message',
      detail: {},
    };
    story.entries = [inbound, sent('On its way')];
    const { next } = await listen();
    const first = (await next()).sections['bridge:mia'] as DemoSections['bridge:mia'];
    expect(first).toMatchObject({ owner: 'bot', epoch: 1 });
    expect(first?.entries.map((entry) => entry.status)).toEqual(['', 'sending']);
    story.entries = [inbound, { ...sent('On its way'), status: 'sent' }];
    const pending = next();
    story.changed();
    await clock.advance(100);
    const second = (await pending).sections['bridge:mia'] as DemoSections['bridge:mia'];
    expect(second?.entries.map((entry) => entry.status)).toEqual(['', 'sent']);
    expect(story.asked).toEqual([undefined, 1]);
  });

  it('shows the last story as stale while the store is down, and asks again by itself', async () => {
    await post('/demo/api/buyer', HELLO);
    story.entries = [sent('kept')];
    await state();
    story.broken = true;
    story.changed();
    expect((await state())['bridge:mia']).toMatchObject({ stale: true, entries: [{ seq: 2 }] });
    story.broken = false;
    await clock.advance(1_000);
    expect((await state())['bridge:mia']?.stale).toBeUndefined();
  });

  it('stays open while nothing happens and ends when the client leaves', async () => {
    const gone = new AbortController();
    const { next, stream } = await listen(gone.signal);
    await next();
    const quiet = stream.next();
    await clock.advance(15_000);
    expect((await quiet).value).toBe(': here\n\n');
    const end = stream.next();
    gone.abort();
    expect((await end).done).toBe(true);
    expect(clock.waiting()).toBe(0);
  });

  it('takes no more listeners than it can serve', async () => {
    const gone = new AbortController();
    for (let i = 0; i < 64; i++) await listen(gone.signal);
    expect((await get('/demo/events')).status).toBe(503);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../../src/contracts/store.ts';
import type { DemoPatch, DemoSections } from '../../../src/sandbox/demo-view.ts';
import { makePng } from '../../../src/sandbox/index.ts';
import { createDemoStage, type DemoStage, HELLO, jsonOf } from './helpers/demo-stage.ts';
import { createAgentSession, sendToUdesk } from './helpers/udesk-client.ts';

const GB = '7494049642642441621';
/** Mia writes to the British shop; her token is `tts-{shop}-{chat id}`. */
const MIA = `tts-${GB}-7494560109732330477`;

let stage: DemoStage;
beforeEach(async () => {
  stage = await createDemoStage();
});
afterEach(() => stage.stop());

describe('playing the buyer', () => {
  it('sends every kind, and the phone shows them in order', async () => {
    await stage.post('/demo/api/buyer', { buyer: 'mia', type: 'text', text: '<img src=x onerror=alert(1)> 你好' });
    await stage.post('/demo/api/buyer', { buyer: 'mia', type: 'order', orderId: '576461413038785752' });
    await stage.post('/demo/api/buyer', { buyer: 'mia', type: 'product', productId: '1729384756012345602' });
    await stage.post('/demo/api/buyer', {
      buyer: 'mia',
      type: 'image',
      imageBase64: makePng(8, 8, [1, 2, 3]).toString('base64'),
    });
    await stage.post('/demo/api/buyer', { buyer: 'mia', type: 'sticker' });
    const own = (await stage.state())['chat:mia']?.lines.filter((line) => line.who === 'buyer');
    expect(own?.map(({ kind, text }) => [kind, text])).toEqual([
      ['text', '<img src=x onerror=alert(1)> 你好'],
      ['order', 'Order 576461413038785752\n2 × Merino Crew Jumper (S)'],
      ['product', 'Stoneware Mug, 350 ml'],
      ['picture', 'Picture'],
      ['sticker', 'Sticker'],
    ]);
    expect(own?.[3]?.picture).toMatch(new RegExp(`^/demo/media/tiktok/${GB}/[0-9a-f]{32}\\.png$`));
    const picture = await stage.get(own?.[3]?.picture ?? '');
    expect(picture.headers?.['content-type']).toBe('image/png');
    expect(picture.body).toEqual(makePng(8, 8, [1, 2, 3]));
  });

  it('fetches Indonesian pictures, which want a token', async () => {
    await stage.post('/demo/api/buyer', { buyer: 'budi', type: 'image' });
    const line = (await stage.state())['chat:budi']?.lines.find((one) => one.kind === 'picture');
    expect((await stage.get(line?.picture ?? '')).status).toBe(200);
    expect((await stage.get('/demo/media/tiktok/1/00000000000000000000000000000000.png')).status).toBe(404);
    expect((await stage.get(`/demo/media/tiktok/${GB}/x.png`)).status).toBe(404);
  });

  it('lets staff answer in the seller app, and hides what the buyer does not see', async () => {
    await stage.post('/demo/api/buyer', HELLO);
    const { conversationId } = jsonOf(await stage.post('/demo/api/staff', { buyer: 'mia', text: 'I take over' }));
    stage.tiktok.control.robotSay({ conversationId, role: 'SYSTEM', text: 'hidden', visible: false });
    const lines = (await stage.state())['chat:mia']?.lines ?? [];
    expect(lines.find((line) => line.text === 'I take over')?.who).toBe('staff');
    expect(lines.some((line) => line.text === 'hidden')).toBe(false);
  });

  it('shows whom one can be and what they bought', async () => {
    const { cast } = await stage.state();
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
    const { json: answer } = await createAgentSession(stage.udesk, MIA);
    return answer.assign_info.im_sub_session_id;
  };
  const agent = (body: object) => stage.post('/demo/api/agent', body);

  it('speaks as Udesk does, so that markup stays text', async () => {
    const sessionId = await open();
    await agent({ action: 'say', sessionId, text: '<b>1 < 2</b> & more\nnext' });
    const raw = stage.udesk.control.sessions()[0]?.lines.at(-1)?.data.content;
    expect(raw).toBe('&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; more<br>next');
    stage.udesk.control.agentSay({
      sessionId,
      type: 'html',
      content: '<p>Hi<br/><script>alert(1)</script><a href="x">there</a></p>',
    });
    const lines = (await stage.state())[`session:${sessionId}`]?.lines ?? [];
    expect(lines.slice(-2).map((line) => line.text)).toEqual(['<b>1 < 2</b> & more\nnext', 'Hi\nalert(1)there']);
  });

  it('sends a picture under an address that the bridge can fetch', async () => {
    const sessionId = await open();
    stage.ownUrl = 'http://127.0.0.1:4000';
    await agent({ action: 'image', sessionId });
    const address = String(stage.udesk.control.sessions()[0]?.lines.at(-1)?.data.content);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:4000\/demo\/media\/agent\/[0-9a-f]{32}\.png$/);
    expect((await stage.get(new URL(address).pathname)).headers?.['content-type']).toBe('image/png');
    expect((await stage.state())[`session:${sessionId}`]?.lines.at(-1)?.picture).toBe(new URL(address).pathname);
  });

  it('does not let the page load pictures from elsewhere', async () => {
    const sessionId = await open();
    stage.udesk.control.agentSay({ sessionId, type: 'image', content: 'https://elsewhere.example/demo.png' });
    expect((await stage.state())[`session:${sessionId}`]?.lines.at(-1)?.picture).toBeUndefined();
  });

  it('reads, transfers, invites and closes', async () => {
    const sessionId = await open();
    await sendToUdesk(stage.udesk, {
      customer_token: MIA,
      im_sub_session_id: sessionId,
      message_id: 'm1',
      type: 'message',
      data: { content: 'are you there?' },
    });
    const summary = async () => (await stage.state()).desk?.sessions.find((row) => row.id === sessionId);
    expect(await summary()).toMatchObject({ name: 'Mia Thompson', agentName: 'Mei', open: true, unread: 1 });
    await agent({ action: 'read', sessionId });
    expect(await summary()).toMatchObject({ unread: 0 });
    const moved = jsonOf(await agent({ action: 'transfer', sessionId, toAgentId: 487 }));
    expect((await stage.state())[`session:${moved.sessionId}`]).toMatchObject({
      agentName: 'Leo',
      buyer: 'mia',
      open: true,
    });
    expect((await agent({ action: 'invite-survey', sessionId: moved.sessionId })).status).toBe(200);
    expect((await agent({ action: 'close', sessionId: moved.sessionId })).status).toBe(200);
    expect((await stage.state())[`session:${moved.sessionId}`]).toMatchObject({ open: false, closeType: 'normal' });
    expect((await agent({ action: 'close', sessionId: moved.sessionId })).status).toBe(404);
  });

  it('goes offline, comes back, and takes someone out of the queue', async () => {
    for (const agentId of [486, 487]) await agent({ action: 'busy', agentId });
    const { json: queued } = await createAgentSession(stage.udesk, MIA);
    expect(queued.code).not.toBe(1000);
    expect((await stage.state()).desk?.queue).toMatchObject([{ name: 'Mia Thompson', place: 1 }]);
    const { sessionId } = jsonOf(await agent({ action: 'assign', customerToken: MIA }));
    const { desk } = await stage.state();
    expect(desk?.queue).toEqual([]);
    expect(desk?.sessions).toMatchObject([{ id: sessionId, open: true }]);
    expect(desk?.agents.map((row) => row.status)).toEqual(['busy', 'busy', 'busy', 'offline']);
    await agent({ action: 'online', agentId: 489 });
    expect((await stage.state()).desk?.agents.at(-1)?.status).toBe('online');
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
    const reply = await stage.get('/demo/events', { signal });
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
    await stage.post('/demo/api/buyer', HELLO);
    await stage.post('/demo/api/buyer', { ...HELLO, text: 'again' });
    await stage.clock.advance(100);
    const second = await pending;
    expect(second.whole).toBe(false);
    expect(Object.keys(second.sections)).toEqual(['chat:mia', 'bridge:mia']);
    expect(JSON.stringify(second.sections['chat:mia'])).toContain('again');
  });

  it('follows the story, and reads again only what was not final', async () => {
    await stage.post('/demo/api/buyer', HELLO);
    const inbound: TimelineEntry = {
      ...sent(''),
      seq: 1,
      kind: 'inbound',
      status: 'handled',
      title: 'buyer.message',
      detail: {},
    };
    stage.story.entries = [inbound, sent('On its way')];
    const { next } = await listen();
    const first = (await next()).sections['bridge:mia'] as DemoSections['bridge:mia'];
    expect(first).toMatchObject({ owner: 'bot', epoch: 1 });
    expect(first?.entries.map((entry) => entry.status)).toEqual(['', 'sending']);
    stage.story.entries = [inbound, { ...sent('On its way'), status: 'sent' }];
    const pending = next();
    stage.story.changed();
    await stage.clock.advance(100);
    const second = (await pending).sections['bridge:mia'] as DemoSections['bridge:mia'];
    expect(second?.entries.map((entry) => entry.status)).toEqual(['', 'sent']);
    expect(stage.story.asked).toEqual([undefined, 1]);
  });

  it('shows the last story as stale while the store is down, and asks again by itself', async () => {
    await stage.post('/demo/api/buyer', HELLO);
    stage.story.entries = [sent('kept')];
    await stage.state();
    stage.story.broken = true;
    stage.story.changed();
    expect((await stage.state())['bridge:mia']).toMatchObject({ stale: true, entries: [{ seq: 2 }] });
    stage.story.broken = false;
    await stage.clock.advance(1_000);
    expect((await stage.state())['bridge:mia']?.stale).toBeUndefined();
  });

  it('stays open while nothing happens and ends when the client leaves', async () => {
    const gone = new AbortController();
    const { next, stream } = await listen(gone.signal);
    await next();
    const quiet = stream.next();
    await stage.clock.advance(15_000);
    expect((await quiet).value).toBe(': here\n\n');
    const end = stream.next();
    gone.abort();
    expect((await end).done).toBe(true);
    expect(stage.clock.waiting()).toBe(0);
  });

  it('takes no more listeners than it can serve', async () => {
    const gone = new AbortController();
    for (let i = 0; i < 64; i++) await listen(gone.signal);
    expect((await stage.get('/demo/events')).status).toBe(503);
  });
});

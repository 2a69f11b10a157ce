import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/index.ts';
import { BOT_PORTS, type Bot, type BotPorts } from '../../src/contracts/bot.ts';
import type { Desk, DeskOpen, DeskSend } from '../../src/contracts/desk.ts';
import {
  type Chat,
  type OfflineDirectLine,
  openChat,
  startOfflineDirectLine,
} from '../unit/channels/botframework/direct-line.ts';

/** Says back what it hears and gives the buyer to a person when asked. */
const parrot: Bot = {
  async onTurn(context) {
    if (context.activity.type !== 'message') return;
    const text = context.activity.text ?? '';
    if (text !== 'human') {
      const ports: BotPorts | undefined = context.turnState.get(BOT_PORTS);
      await context.sendActivity(`${ports?.conversation.facts.buyerName ?? 'you'} said: ${text}`);
      return;
    }
    await context.sendActivity({
      type: 'event',
      name: 'handoff.initiate',
      value: { reason: 'buyer_asked', awaited: false },
    });
  },
  isUrgent: () => true,
};

/** A desk where an agent is always free. */
function createOpenDesk() {
  const opened: DeskOpen[] = [];
  const sent: DeskSend[] = [];
  const accepted = async () => ({ kind: 'accepted' as const });
  const desk: Desk = {
    name: 'open',
    webhookPath: '/webhooks/open/:secret',
    secretFits: () => false,
    receive: () => ({ events: [], aside: [] }),
    async open(request) {
      opened.push(request);
      return { kind: 'answered', facts: { state: 'assigned', sessionId: '71', agentName: 'Lin' } };
    },
    async send(request) {
      sent.push(request);
      return { kind: 'accepted' };
    },
    close: accepted,
    leaveQueue: accepted,
    rate: accepted,
    queueStatus: async () => ({ state: 'not_queued' }),
    customerStatus: async () => 'none',
    underPressure: () => false,
    diagnose: async () => [],
  };
  return { desk, opened, sent };
}

describe('the standard Bot Framework entrance of the whole app', () => {
  let app: App;
  let url: string;
  let line: OfflineDirectLine;
  let chat: Chat;
  let open: ReturnType<typeof createOpenDesk>;

  beforeEach(async () => {
    open = createOpenDesk();
    const environment = { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: 'sqlite::memory:', LOG_LEVEL: 'silent' };
    app = await createApp({ config: loadConfig(environment, 'tools'), bot: parrot, desk: () => open.desk });
    url = (await app.start()).url;
    line = await startOfflineDirectLine(`${url}/api/messages`);
    chat = openChat(line, { id: 'visitor 1', name: 'Ada' });
  });
  afterEach(async () => {
    chat.end();
    await line.stop();
    await app.stop(2_000);
  });

  it('runs the same bot, inbox and outbox for a Direct Line client', async () => {
    await chat.say('hi');
    expect(await chat.heard(1)).toEqual(['Ada said: hi']);
    await chat.say('again');
    expect(await chat.heard(2)).toEqual(['Ada said: hi', 'Ada said: again']);
    const conversations = await app.store.listConversations({ limit: 10 });
    expect(conversations).toHaveLength(1);
    expect(conversations[0]).toMatchObject({ channel: 'botframework', shopId: 'emulator', buyerId: 'visitor 1' });
  });

  it('takes the buyer to a person and the person to the buyer', async () => {
    await chat.say('human');
    const [told] = await chat.heard(1);
    expect(told).not.toBe('');
    const customerToken = open.opened[0]?.customerToken ?? '';
    expect(customerToken).toMatch(/^bf-emulator--visitor_1-[0-9a-f]{16}$/);
    await app.ingest({
      events: [
        {
          eventKey: 'desk:m:1',
          messageKey: 'desk:m:1',
          bodyHash: null,
          source: 'desk',
          target: { by: 'customer', customerToken, sessionId: '71' },
          order: { index: null, at: null },
          body: { kind: 'desk.message', sessionId: '71', messageId: '1', parts: [{ type: 'text', text: 'I am Lin.' }] },
        },
      ],
      aside: [],
    });
    const lines = await chat.heard(2);
    expect(lines.at(-1)).toBe('I am Lin.');
  });

  it('keeps its door shut for everybody else, and stands whatever is posted', async () => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(`${url}/api/messages`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    const activity = JSON.stringify({
      type: 'message',
      id: '1',
      channelId: 'emulator',
      serviceUrl: 'http://127.0.0.1:1',
      conversation: { id: 'c' },
      from: { id: 'u' },
      text: 'hi',
    });
    expect((await post(activity, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
    expect((await post(activity, { origin: 'https://shop.example' })).status).toBe(403);
    expect((await post('{"type"')).status).toBe(400);
    expect((await post('[]')).status).toBe(400);
    expect((await post(activity.replace('message', 'invoke'))).status).toBe(501);
    expect((await fetch(`${url}/api/messages`)).status).toBe(405);
    expect(await app.store.listConversations({ limit: 10 })).toEqual([]);
    expect((await post(activity)).status).toBe(200);
    expect((await post(activity)).status).toBe(200);
    const [conversation] = await app.store.listConversations({ limit: 10 });
    if (conversation === undefined) throw new Error('nothing was stored');
    const story = await app.store.timeline(conversation.id, { limit: 50 });
    expect(story.filter((entry) => entry.kind === 'inbound' && entry.title === 'buyer.message')).toHaveLength(1);
  });
});

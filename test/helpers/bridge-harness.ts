import { randomBytes } from 'node:crypto';
import type { TurnContext } from 'botbuilder';
import {
  BridgeAdapter,
  createDeliveryMemory,
  createDispatcher,
  createIngest,
  type Dispatcher,
  type Ingest,
} from '../../src/bridge/index.ts';
import type { Bot } from '../../src/contracts/bot.ts';
import type { Channel, ChannelSend, SendOutcome } from '../../src/contracts/channel.ts';
import { conversationIdOf } from '../../src/contracts/conversation.ts';
import type { Desk, DeskOpen, DeskOpenOutcome, DeskOutcome, DeskSend, QueueStatus } from '../../src/contracts/desk.ts';
import type { InboundBody, InboundEvent } from '../../src/contracts/inbound.ts';
import { silentLogger } from '../../src/contracts/logger.ts';
import type { BuyerMessage, MessagePart } from '../../src/contracts/message.ts';
import { type Metrics, noMetrics } from '../../src/contracts/metrics.ts';
import type { BridgeSettings, ShopSettings } from '../../src/contracts/settings.ts';
import type { Store } from '../../src/contracts/store.ts';
import { createSecretBox } from '../../src/store/secret-box.ts';
import { createSqliteStore } from '../../src/store/sqlite/index.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export const SHOP = '7494049642642441621';
export const REF = { channel: 'fake', shopId: SHOP, externalId: 'c1' };

/** A marketplace in memory: what arrived, in order, and a script for the next sends. */
export interface FakePlatform {
  lines: { id: string; text: string; ref: string; conversation: string }[];
  /** Consumed one per send; `lost-answer` accepts the message and reports unknown, `lost-send` reports unknown without accepting. */
  script: (SendOutcome | 'lost-answer' | 'lost-send' | 'throw')[];
  /** Called before a send is answered; a test can act while it is under way. */
  during: ((send: ChannelSend) => Promise<void> | void) | null;
  reads: number;
}

export interface FakeDesk extends Desk {
  opens: DeskOpen[];
  sent: { messageId: string; text: string; to: DeskSend['to'] }[];
  closed: string[];
  left: string[];
  votes: { sessionId: string; optionId: string; remark?: string }[];
  openAnswers: DeskOpenOutcome[];
  sendAnswers: DeskOutcome[];
  queue: QueueStatus;
}

export interface Harness {
  clock: FakeClock;
  /** `name{labels}` of every count, in order. */
  counted: string[];
  store: Store;
  platform: FakePlatform;
  desk: FakeDesk;
  dispatcher: Dispatcher;
  ingest: Ingest;
  buyer(
    text: string,
    options?: { id?: string; at?: number; index?: string; conversation?: string; part?: MessagePart },
  ): Promise<void>;
  staff(text: string, options?: { id?: string; conversation?: string }): Promise<void>;
  push(body: InboundBody, key?: string): Promise<void>;
  settle(ms?: number): Promise<void>;
  /** Stops the dispatcher without its goodbye, as a kill would, and starts another on the same store. */
  crash(): Promise<void>;
  owner(conversation?: string): Promise<string>;
  stop(): Promise<void>;
}

export const BASE_SETTINGS: ShopSettings = {
  languages: ['en'],
  market: 'GB',
  agentLanguage: 'en',
  replyMode: 'auto',
  firstLine: 'dialogs',
  coalescing: { windowMs: 1_200, maxMs: 5_000 },
  hours: null,
  handoff: { groupId: null, agentId: null },
  budgets: {
    queuePollMs: 25_000,
    queueMs: 600_000,
    agentSilentMs: 180_000,
    buyerIdleMs: 1_800_000,
    surveyMs: 1_800_000,
    takeoverIdleMs: 1_800_000,
    transferMs: 60_000,
    episodeIdleMs: 86_400_000,
  },
  survey: { enabled: true },
  recoverMaxAgeMs: 7 * 86_400_000,
  markRead: false,
};

/** Says `re: {text}`; asks for a person on "human"; raises on "boom"; counts its turns in Bot Framework state. */
export const echoBot: Bot = {
  async onTurn(context: TurnContext) {
    const { activity } = context;
    if (activity.type === 'event') return;
    if (activity.text === 'boom') throw new Error('broken dialog');
    if (activity.text.includes('human')) {
      await context.sendActivity({
        type: 'event',
        name: 'handoff.initiate',
        value: { reason: 'buyer_asked', awaited: false },
      });
      return;
    }
    await context.sendActivity(`re: ${activity.text}`);
  },
  isUrgent: (text) => text.includes('human'),
};

export async function createHarness(
  options: { bot?: Bot; settings?: Partial<ShopSettings>; hours?: { open: boolean; opensAt: number | null } } = {},
): Promise<Harness> {
  const clock = createFakeClock();
  const store = await createSqliteStore({
    file: ':memory:',
    engine: 'inline',
    secretBox: createSecretBox(randomBytes(32)),
  });
  const shop: ShopSettings = { ...BASE_SETTINGS, ...options.settings };
  const settings: BridgeSettings = { forShop: () => shop, text: (key) => [`<${key}> {place}{agent}{title}{options}`] };
  const platform: FakePlatform = { lines: [], script: [], during: null, reads: 0 };
  const channel = fakeChannel(platform);
  const desk = fakeDesk();
  const bot = options.bot ?? echoBot;
  const shopRegion = (name: string, shopId: string) => (name === 'fake' && shopId === SHOP ? 'GB' : undefined);
  const counted: string[] = [];
  const counting: Metrics = {
    ...noMetrics,
    count: (name, labels) => void counted.push(`${name} ${JSON.stringify(labels)}`),
  };
  let dispatcher: Dispatcher;
  let life = { over: false };
  const ingest = createIngest({
    store,
    settings,
    bot,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    shopRegion,
    wake: (dueAt) => dispatcher.wake(dueAt),
  });
  const makeDispatcher = (mine = life) =>
    createDispatcher({
      store: mortal(store, mine),
      clock: mortalClock(clock, mine),
      logger: silentLogger,
      metrics: counting,
      turn: {
        channel: (name) => (name === 'fake' ? channel : undefined),
        desk,
        bot,
        adapter: new BridgeAdapter(),
        settings,
        shopRegion,
        hours: () => options.hours ?? { open: true, opensAt: null },
      },
      deliver: { channel: (name) => (name === 'fake' ? channel : undefined), desk, memory: createDeliveryMemory() },
    });
  dispatcher = makeDispatcher();
  await dispatcher.start();
  let serial = 0;
  const refOf = (conversation = REF.externalId) => ({ ...REF, externalId: conversation });
  const event = (
    body: InboundBody,
    id: string,
    conversation: string | undefined,
    order: InboundEvent['order'],
  ): InboundEvent => ({
    eventKey: `fake:e:${id}`,
    messageKey: `fake:m:${id}`,
    bodyHash: JSON.stringify(body),
    source: 'webhook',
    target: {
      by: 'conversation',
      ref: refOf(conversation),
      buyer: { id: `b-${conversation ?? 'c1'}`, customerToken: `fk-${SHOP}-${conversation ?? 'c1'}` },
    },
    order,
    body,
  });
  const message = (id: string, text: string, part: MessagePart | undefined, at: number): BuyerMessage => ({
    id,
    at,
    visible: true,
    part: part ?? { type: 'text', text },
  });
  const put = async (next: InboundEvent) => {
    await ingest({ events: [next], aside: [] });
  };
  const harness: Harness = {
    clock,
    counted,
    store,
    platform,
    desk,
    ingest,
    get dispatcher() {
      return dispatcher;
    },
    async buyer(text, given = {}) {
      serial += 1;
      const id = given.id ?? `in-${serial}`;
      const at = given.at ?? clock.now();
      await put(
        event({ kind: 'buyer.message', message: message(id, text, given.part, at) }, id, given.conversation, {
          index: given.index ?? null,
          at,
        }),
      );
    },
    async staff(text, given = {}) {
      serial += 1;
      const id = given.id ?? `staff-${serial}`;
      await put(
        event(
          { kind: 'shop.message', sender: 'staff', message: message(id, text, undefined, clock.now()) },
          id,
          given.conversation,
          { index: null, at: clock.now() },
        ),
      );
    },
    async push(body, key) {
      serial += 1;
      await put({
        eventKey: key ?? `desk:${serial}`,
        messageKey: null,
        bodyHash: null,
        source: 'desk',
        target: { by: 'customer', customerToken: `fk-${SHOP}-c1`, sessionId: null },
        order: { index: null, at: null },
        body,
      });
    },
    settle: (ms = 2_000) => clock.advance(ms),
    async crash() {
      life.over = true;
      life = { over: false };
      dispatcher = makeDispatcher();
      await dispatcher.start();
    },
    owner: async (conversation) =>
      (await store.getConversation(conversationIdOf(refOf(conversation))))?.owner ?? 'none',
    async stop() {
      life.over = true;
      await store.close();
    },
  };
  return harness;
}

/** After the end of a life nothing is written any more, as after kill -9: whatever was under way outside goes on without us. */
function mortal(store: Store, life: { over: boolean }): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name];
      return (...args: unknown[]) => (life.over ? new Promise(() => {}) : Reflect.apply(method, target, args));
    },
  });
}

function mortalClock(clock: FakeClock, life: { over: boolean }): FakeClock {
  return { ...clock, schedule: (delayMs, task) => clock.schedule(delayMs, () => (life.over ? undefined : task())) };
}

function fakeChannel(platform: FakePlatform): Channel {
  let serial = 0;
  const textOf = (part: MessagePart) => (part.type === 'text' ? part.text : `[${part.type}]`);
  return {
    name: 'fake',
    capabilities: { textLimit: 2_000, sends: new Set(['text', 'image', 'product', 'order']), links: true },
    async send(send) {
      await platform.during?.(send);
      const step = platform.script.shift();
      if (step === 'throw') throw new Error('socket hang up');
      if (step === 'lost-send') return { kind: 'unknown', reason: 'no answer' };
      if (step !== undefined && step !== 'lost-answer') return step;
      serial += 1;
      const id = `out-${serial}`;
      platform.lines.push({ id, text: textOf(send.part), ref: send.ref, conversation: send.conversation.externalId });
      return step === 'lost-answer' ? { kind: 'unknown', reason: 'no answer' } : { kind: 'accepted', externalId: id };
    },
    async readBack(request) {
      platform.reads += 1;
      const found = platform.lines.find(
        (line) =>
          line.conversation === request.conversation.externalId &&
          line.text === textOf(request.part) &&
          !request.taken.has(line.id),
      );
      return found === undefined ? { kind: 'absent' } : { kind: 'found', externalId: found.id };
    },
  };
}

function fakeDesk(): FakeDesk {
  const desk: FakeDesk = {
    name: 'fake-desk',
    webhookPath: '/webhooks/desk/:secret',
    opens: [],
    sent: [],
    closed: [],
    left: [],
    votes: [],
    openAnswers: [],
    sendAnswers: [],
    queue: { state: 'not_queued' },
    secretFits: () => true,
    receive: () => ({ events: [], aside: [] }),
    async open(request) {
      desk.opens.push(request);
      return (
        desk.openAnswers.shift() ?? {
          kind: 'answered',
          facts: { state: 'assigned', sessionId: '900', agentName: 'Mia' },
        }
      );
    },
    async send(send) {
      const answer = desk.sendAnswers.shift() ?? { kind: 'accepted' };
      // A repeated id is the same message: the bridge repeats an unknown send under its id.
      if (answer.kind === 'accepted' && !desk.sent.some((line) => line.messageId === send.messageId))
        desk.sent.push({
          messageId: send.messageId,
          text: send.part.type === 'text' ? send.part.text : send.part.type,
          to: send.to,
        });
      return answer;
    },
    async close(sessionId) {
      desk.closed.push(sessionId);
      return { kind: 'accepted' };
    },
    async leaveQueue(_token, key) {
      desk.left.push(key);
      return { kind: 'accepted' };
    },
    async rate(vote) {
      desk.votes.push({ sessionId: vote.sessionId, optionId: vote.optionId, remark: vote.remark });
      return { kind: 'accepted' };
    },
    queueStatus: async () => desk.queue,
    customerStatus: async () => 'none',
    underPressure: () => false,
    diagnose: async () => [],
  };
  return desk;
}

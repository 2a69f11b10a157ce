import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BotFrameworkDeps,
  createBotFrameworkChannel,
} from '../../../../src/channels/botframework/botframework-channel.ts';
import { createHttpClient, type HttpClient } from '../../../../src/common/http-client.ts';
import type { Channel } from '../../../../src/contracts/channel.ts';
import { type Conversation, conversationIdOf } from '../../../../src/contracts/conversation.ts';
import type { HttpReply, HttpRequest } from '../../../../src/contracts/http.ts';
import type { InboundEvent } from '../../../../src/contracts/inbound.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.ts';

export interface Harness {
  channel: Channel;
  /** What reached the inbox. */
  events: InboundEvent[];
  meta: Map<string, string>;
  clock: FakeClock;
  http: HttpClient;
  post(body: unknown, request?: Partial<HttpRequest>): Promise<HttpReply>;
}

/** The channel without a network: requests are handed to its route, the inbox is an array. */
export function createHarness(deps: Partial<BotFrameworkDeps> = {}, meta = new Map<string, string>()): Harness {
  const events: InboundEvent[] = [];
  const clock = createFakeClock();
  const http = createHttpClient();
  const channel = createBotFrameworkChannel({
    config: {},
    shops: {
      getMeta: async (key) => meta.get(key) ?? null,
      putMeta: async (key, value) => void meta.set(key, value),
    },
    http,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    ingest: async (input) => void events.push(...input.events),
    ...deps,
  });
  return {
    channel,
    events,
    meta,
    clock,
    http,
    async post(body, request = {}) {
      const [route] = channel.routes ?? [];
      if (route === undefined) throw new Error('the channel has no route');
      const rawBody = Buffer.isBuffer(body)
        ? body
        : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      return route.handle({
        method: 'POST',
        path: '/api/messages',
        params: {},
        query: new URLSearchParams(),
        headers: { host: '127.0.0.1:3978', 'content-type': 'application/json' },
        rawBody,
        remoteAddress: '127.0.0.1',
        receivedAt: clock.now(),
        signal: new AbortController().signal,
        ...request,
      });
    },
  };
}

export const SERVICE_URL = 'http://127.0.0.1:50607';

/** As the Emulator posts it. */
export const activityOf = (changes: Record<string, unknown> = {}) => ({
  type: 'message',
  id: 'a-1',
  timestamp: '2026-03-01T10:00:00.000Z',
  localTimestamp: '2026-03-01T11:00:00+01:00',
  channelId: 'emulator',
  serviceUrl: SERVICE_URL,
  conversation: { id: 'c-1|livechat' },
  from: { id: 'user-7', name: 'Ada', role: 'user' },
  recipient: { id: 'bot-1', name: 'Bot', role: 'bot' },
  text: 'hi',
  textFormat: 'plain',
  locale: 'en-US',
  ...changes,
});

export const conversationOf = (changes: Partial<Conversation> = {}): Conversation => {
  const ref = { channel: 'botframework', shopId: 'emulator', externalId: 'c-1|livechat' };
  return {
    id: conversationIdOf(ref),
    ...ref,
    buyerId: 'user-7',
    customerToken: 'bf-emulator-user-7',
    owner: 'bot',
    epoch: 1,
    episode: 1,
    language: null,
    facts: { buyerName: 'Ada' },
    desk: {},
    bot: {},
    undo: null,
    lastBuyerAt: null,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    ...changes,
  };
};

export interface FakeConnector {
  url: string;
  /** What was posted to it, parsed. */
  posts: { path: string; authorization: string | undefined; body: Record<string, unknown> }[];
  /** How it answers from now on; `hang-up`: takes the message and closes the connection. */
  answer: { status: number; body?: string; headers?: Record<string, string> } | 'hang-up';
  close(): Promise<void>;
}

/** The part of a Bot Connector that takes our messages. */
export async function startFakeConnector(): Promise<FakeConnector> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    connector.posts.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
    if (connector.answer === 'hang-up') return void request.socket.destroy();
    response.writeHead(connector.answer.status, connector.answer.headers);
    response.end(connector.answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connector: FakeConnector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts: [],
    answer: { status: 200, body: '{"id":"reply-1"}', headers: { 'content-type': 'application/json' } },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return connector;
}

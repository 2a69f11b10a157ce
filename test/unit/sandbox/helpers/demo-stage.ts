import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpReply } from '../../../../src/contracts/http.ts';
import type { TimelineEntry } from '../../../../src/contracts/store.ts';
import { createRouteTable } from '../../../../src/http/route-table.ts';
import { createDemoRoutes } from '../../../../src/sandbox/demo-routes.ts';
import type { DemoSections } from '../../../../src/sandbox/demo-view.ts';
import {
  createTiktokSimulator,
  createUdeskSimulator,
  DEMO_SHOPS,
  type TiktokSimulator,
  type UdeskSimulator,
} from '../../../../src/sandbox/index.ts';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.ts';

export const DEMO_HOST = '127.0.0.1:3978';
export const HELLO = { buyer: 'mia', type: 'text', text: 'hello' };

export type FakeStory = ReturnType<typeof fakeStory>;

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

interface Asked {
  headers?: Record<string, string | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

/** The demo's routes on real simulators, a story that the test writes, and a clock that stands still. */
export interface DemoStage {
  folder: string;
  tiktok: TiktokSimulator;
  udesk: UdeskSimulator;
  clock: FakeClock;
  story: FakeStory;
  /** What the bridge says its own address is. */
  ownUrl: string | undefined;
  get(path: string, asked?: Asked): Promise<HttpReply>;
  post(path: string, body: unknown, headers?: Record<string, string | undefined>): Promise<HttpReply>;
  state(): Promise<DemoSections>;
  stop(): Promise<void>;
}

export const jsonOf = (reply: HttpReply) => JSON.parse(String(reply.body));

export async function createDemoStage(): Promise<DemoStage> {
  const folder = mkdtempSync(join(tmpdir(), 'demo-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>demo</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.js'), 'not an asset');
  const tiktok = await createTiktokSimulator();
  const udesk = await createUdeskSimulator({ callsPerMinute: 0 });
  const clock = createFakeClock();
  const story = fakeStory();
  const call = async (method: string, path: string, asked: Asked): Promise<HttpReply> => {
    const match = table.match(method, path);
    if (match.kind !== 'found') throw new Error(`${method} ${path} is ${match.kind}`);
    const body = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body ?? '');
    const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
    return match.route.handle({
      method,
      path,
      params: match.params,
      query: new URLSearchParams(),
      headers: { host: DEMO_HOST, ...type, ...asked.headers },
      rawBody: Buffer.from(method === 'POST' ? body : ''),
      remoteAddress: '127.0.0.1',
      receivedAt: clock.now(),
      signal: asked.signal ?? new AbortController().signal,
    });
  };
  const stage: DemoStage = {
    folder,
    tiktok,
    udesk,
    clock,
    story,
    ownUrl: undefined,
    get: (path, asked = {}) => call('GET', path, asked),
    post: (path, body, headers = {}) => call('POST', path, { body, headers }),
    state: async () => jsonOf(await call('GET', '/demo/api/state', {})).sections,
    async stop() {
      await tiktok.stop();
      await udesk.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const ownUrl = () => stage.ownUrl;
  const routes = createDemoRoutes({ tiktok, udesk, shops: DEMO_SHOPS, story, pageDir: folder, ownUrl, clock });
  const table = createRouteTable(routes);
  return stage;
}

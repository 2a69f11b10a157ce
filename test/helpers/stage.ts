import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/contracts/logger.ts';
import type { Store } from '../../src/contracts/store.ts';
import type { DemoCredentials } from '../../src/sandbox/demo-world.ts';
import type { WebhookDelivery } from '../../src/sandbox/tiktok/webhooks.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import {
  type Bridge,
  bridgeReady,
  buildProgram,
  buyerline,
  freePort,
  launchBridge,
  launchSandbox,
  ROOT,
  START_MS,
  type Started,
  type Variables,
} from './processes.ts';
import { GiveUp, until } from './until.ts';

/** What the tests read of a line in the simulator's conversations. */
export interface Line {
  id: string;
  type: string;
  content: string;
  index: string;
  sender: { role: string };
  via: 'buyer' | 'api' | 'seller_app' | 'platform';
}

export interface Talk {
  id: string;
  shopId: string;
  buyer: { handle: string; imUserId: string };
  messages: Line[];
}

/** A line of a Udesk session as the simulator keeps it. */
export interface DeskLine {
  messageId: string;
  from: 'customer' | 'agent' | 'system';
  type: string;
  data: { content?: string };
}

export interface DeskSession {
  id: number;
  customerToken: string;
  agentId: number;
  open: boolean;
  vote: { optionId: number; remark: string } | null;
  lines: DeskLine[];
}

export interface Stage {
  readonly tiktok: ControlClient;
  readonly udesk: ControlClient;
  readonly credentials: DemoCredentials;
  /** The first shop, the only one that is configured. */
  readonly shop: DemoCredentials['tiktok']['shops'][number];
  /** Where the bridge listens, also while it is down. */
  readonly url: string;
  /** Settings of the bridge; a test may change them before a start. */
  readonly env: Variables;
  readonly dir: string;
  /** Starts the bridge and waits for its port. */
  start(): Promise<Bridge>;
  /** Only launches it. */
  launch(): Started;
  cli(args: string[], more?: Variables): ReturnType<typeof buyerline>;
  /** The bridge's own database, opened beside it. */
  store(): Promise<Store>;
  /** Waits until nothing is due or under way in the bridge. */
  settled(deadlineMs?: number): Promise<void>;
  say(
    buyer: string,
    text: string,
    more?: object,
  ): Promise<{ conversationId: string; messageId: string; index: string }>;
  talk(buyer: string): Promise<Talk>;
  /** Texts that the bridge sent to this buyer, oldest first; cards as `[TYPE]`. */
  answers(buyer: string): Promise<string[]>;
  /** Waits until the bridge has sent this buyer a text that fits, after the first `after` answers. */
  answered(buyer: string, fits: RegExp, after?: number): Promise<string>;
  token(buyer: string): Promise<string>;
  session(customerToken: string): Promise<DeskSession | undefined>;
  deliveries(limit?: number): Promise<WebhookDelivery[]>;
  /** Everything that bridges and commands printed. */
  printed(): string;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Folder of dialogs, from the repository's root. */
  dialogs: string;
  /** Divides the waits of the simulators. */
  compress?: number;
  env?: Variables;
  seed?: number;
}

/** Simulators in a process of their own, a folder with an empty database, and the settings with which bridges reach both. */
export async function createStage(options: StageOptions): Promise<Stage> {
  await buildProgram();
  const dir = await mkdtemp(join(tmpdir(), 'buyerline-e2e-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const compress = String(options.compress ?? 60);
  const sandbox = launchSandbox(
    ['--quiet', '--calls-per-minute', '0', '--compress', compress, '--seed', String(options.seed ?? 1)].concat([
      '--webhook-url',
      `${url}/webhooks/tiktok`,
    ]),
  );
  const processes: Started[] = [];
  const stores: Store[] = [];
  const first = await until(
    'the simulators listen',
    () => {
      const line = sandbox.stdout().split('\n', 1)[0] ?? '';
      if (!sandbox.running()) throw new GiveUp(`the simulators ended: ${sandbox.stderr()}`);
      return line.endsWith('}') && line;
    },
    { deadlineMs: START_MS, everyMs: 20 },
  );
  const ready = JSON.parse(first) as { tiktokUrl: string; udeskUrl: string; credentials: DemoCredentials };
  const { credentials } = ready;
  const tiktok = createControlClient(ready.tiktokUrl);
  const udesk = createControlClient(ready.udeskUrl);
  await udesk.post('push/url', { url: `${url}/webhooks/udesk/${credentials.udesk.pushSecret}` });
  const [shop] = credentials.tiktok.shops;
  if (shop === undefined) throw new Error('the simulator has no shop');
  const env: Variables = {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: `sqlite:${join(dir, 'buyerline.db')}`,
    DIALOGS_DIR: join(ROOT, options.dialogs),
    TIKTOK_APP_KEY: credentials.tiktok.appKey,
    TIKTOK_APP_SECRET: credentials.tiktok.appSecret,
    TIKTOK_API_URL: credentials.tiktok.apiUrl,
    TIKTOK_AUTH_URL: credentials.tiktok.authUrl,
    TIKTOK_SHOP_ID: shop.shopId,
    TIKTOK_SHOP_CIPHER: shop.cipher,
    TIKTOK_ACCESS_TOKEN: shop.accessToken,
    TIKTOK_REFRESH_TOKEN: shop.refreshToken,
    UDESK_API_URL: credentials.udesk.apiUrl,
    UDESK_EMAIL: credentials.udesk.email,
    UDESK_API_TOKEN: credentials.udesk.apiToken,
    UDESK_PUSH_SECRET: credentials.udesk.pushSecret,
    UDESK_CALLS_PER_MINUTE: '60000',
    ...options.env,
  };

  const launchOne = (): Started => {
    const started = launchBridge(dir, env);
    processes.push(started);
    return started;
  };
  let commands = '';

  const stage: Stage = {
    tiktok,
    udesk,
    credentials,
    shop,
    url,
    env,
    dir,
    launch: launchOne,
    start: () => bridgeReady(launchOne()),
    async cli(args, more = {}) {
      const result = await buyerline(args, { cwd: dir, env: { ...env, ...more } });
      commands += result.stdout + result.stderr;
      return result;
    },
    async store() {
      const store = await openStore({ databaseUrl: env.DATABASE_URL ?? '', logger: silentLogger });
      stores.push(store);
      return store;
    },
    async settled(deadlineMs = 60_000) {
      const store = await stage.store();
      try {
        await until(
          'the bridge has nothing left to do',
          async () => {
            const { inboxPending, outboxPending } = await store.counts();
            return inboxPending === 0 && Object.values(outboxPending).every((count) => count === 0);
          },
          { deadlineMs, everyMs: 150 },
        );
      } finally {
        stores.splice(stores.indexOf(store), 1);
        await store.close();
      }
    },
    say: (buyer, text, more = {}) => tiktok.post('buyer/message', { shopId: shop.shopId, buyer, text, ...more }),
    async talk(buyer) {
      const [found] = await tiktok.get<Talk[]>('conversations', { shopId: shop.shopId, buyer });
      if (found === undefined) throw new Error(`${buyer} has no conversation`);
      return found;
    },
    async answers(buyer) {
      return (await stage.talk(buyer)).messages.filter((line) => line.via === 'api').map(textOf);
    },
    answered(buyer, fits, after = 0) {
      let seen: string[] = [];
      return until(
        `${buyer} is told something like ${fits}`,
        async () => {
          seen = await stage.answers(buyer);
          return seen.slice(after).find((text) => fits.test(text));
        },
        { also: () => `answers: ${JSON.stringify(seen)}\n${tail(stage.printed())}` },
      );
    },
    token: async (buyer) => `tts-${shop.shopId}-${(await stage.talk(buyer)).buyer.imUserId}`,
    async session(customerToken) {
      const sessions = await udesk.get<DeskSession[]>('sessions', { customerToken });
      return sessions.at(-1);
    },
    deliveries: (limit = 200) => tiktok.get('deliveries', { limit: String(limit) }),
    printed: () => processes.map((one) => one.stdout() + one.stderr()).join('') + commands,
    async close() {
      for (const store of stores) await store.close().catch(() => {});
      for (const one of processes) if (one.running()) await one.kill();
      await sandbox.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return stage;
}

/** What a line says; a card by its type. */
export function textOf(line: Line): string {
  if (line.type !== 'TEXT') return `[${line.type}] ${line.content}`;
  const content: unknown = JSON.parse(line.content);
  return content !== null && typeof content === 'object' && 'content' in content
    ? String(content.content)
    : line.content;
}

/** The end of a log, for the message of a failed test. */
export const tail = (log: string): string => log.split('\n').slice(-40).join('\n');

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, builtPage, createApp } from '../app.ts';
import { toStored, valuesOfSeed } from '../channels/tiktok/grant-values.ts';
import { type AppConfig, loadConfig, readEnvironment } from '../config/index.ts';
import { conversationIdOf } from '../contracts/conversation.ts';
import type { HttpRoute } from '../contracts/http.ts';
import type { Store } from '../contracts/store.ts';
import { createLogger } from '../observability/index.ts';
import { createDemoRoutes } from '../sandbox/demo-routes.ts';
import {
  createTiktokSimulator,
  createUdeskSimulator,
  DEMO_SHOPS,
  type DemoCredentials,
  demoCredentials,
} from '../sandbox/index.ts';
import { openStore } from '../store/open-store.ts';
import { runUntilSignal } from './run-until-signal.ts';

/** A person who plays agent and buyer at once calls Udesk more often than the default of 60 a minute. */
const CALLS_PER_MINUTE = 600;

/** `buyerline demo`: the real bridge, simulators of TikTok Shop and Udesk on free ports, real HTTP between them, and a page at /demo. */
export async function demo(): Promise<number> {
  const environment = readEnvironment({ cwd: process.cwd() });
  const config = loadConfig(environment, 'demo');
  const logger = createLogger({ level: environment.LOG_LEVEL ? config.log.level : 'warn' });
  const folder = config.store.databaseUrlSet ? null : await mkdtemp(join(tmpdir(), 'buyerline-demo-'));
  const databaseUrl = folder === null ? config.store.databaseUrl : `sqlite:${join(folder, 'demo.db')}`;

  const tiktok = await createTiktokSimulator({ compress: 60 });
  const udesk = await createUdeskSimulator({ compress: 60, callsPerMinute: CALLS_PER_MINUTE });
  const stopPlatforms = async () => {
    await tiktok.stop();
    await udesk.stop();
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  try {
    const credentials = demoCredentials({ tiktokUrl: tiktok.url, udeskUrl: udesk.url, nowMs: Date.now() });
    // Chosen before the start, because agents' pictures lie under the bridge's own address.
    const port = config.http.port === 0 ? await freePort() : config.http.port;
    const ownUrl = `http://127.0.0.1:${port}`;
    const store = await openStore({ databaseUrl, masterKey: config.store.masterKey?.toString('hex'), logger });
    await putShops(store, credentials);
    const routes = (app: App): HttpRoute[] =>
      createDemoRoutes({
        tiktok,
        udesk,
        shops: DEMO_SHOPS,
        story: storyOf(app),
        pageDir: builtPage('sandbox'),
        ownUrl: () => ownUrl,
      });
    const app = await createApp({ config: demoConfig(config, credentials, { port, ownUrl }), store, logger, routes });
    const { url } = await app.start();
    tiktok.control.setWebhookUrl({ url: `${url}/webhooks/tiktok` });
    udesk.control.setPushUrl({ url: `${url}/webhooks/udesk/${credentials.udesk.pushSecret}` });
    process.stdout.write(`Buyerline demo: open ${url}/demo\n`);
    const code = await runUntilSignal(app, stopPlatforms);
    process.exit(code);
  } catch (thrown) {
    await stopPlatforms();
    throw thrown;
  }
}

function demoConfig(
  config: AppConfig,
  { tiktok, udesk }: DemoCredentials,
  { port, ownUrl }: { port: number; ownUrl: string },
): AppConfig {
  return {
    ...config,
    http: { ...config.http, port, publicUrl: ownUrl },
    tiktok: {
      appKey: tiktok.appKey,
      appSecret: tiktok.appSecret,
      appSecretPrevious: null,
      apiUrl: tiktok.apiUrl,
      authUrl: tiktok.authUrl,
      authorizeUrl: `${tiktok.apiUrl}/open/authorize`,
      serviceId: tiktok.serviceId,
      senderRole: null,
      limits: { requestsPerSecond: 50, requestsPerDay: 10_000 },
      firstShop: null,
    },
    udesk: {
      apiUrl: udesk.apiUrl,
      email: udesk.email,
      apiToken: udesk.apiToken,
      pushSecret: udesk.pushSecret,
      signHash: udesk.signHash,
      callsPerMinute: CALLS_PER_MINUTE,
      structKey: null,
      groupId: String(udesk.groupId),
      channel: null,
      robotId: null,
      sceneId: null,
    },
  };
}

async function putShops(store: Store, { tiktok }: DemoCredentials): Promise<void> {
  const nowSec = Math.floor(Date.now() / 1000);
  for (const shop of tiktok.shops) {
    const { shopId, name, region, cipher } = shop;
    await store.putShop({ channel: 'tiktok', shopId, name, region, status: 'active', info: { cipher } });
    const held = await store.getCredentials('tiktok', shopId);
    await store.saveCredentials(
      'tiktok',
      shopId,
      toStored(valuesOfSeed(shop.accessToken, shop.refreshToken, nowSec)),
      held?.revision ?? 0,
    );
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** What the page may read of the bridge. */
function storyOf(app: App) {
  return {
    timeline: (ref: Parameters<typeof conversationIdOf>[0], after?: number) =>
      app.store.timeline(conversationIdOf(ref), { limit: 500, after }),
    conversation: (ref: Parameters<typeof conversationIdOf>[0]) => app.store.getConversation(conversationIdOf(ref)),
    onChange: (listener: () => void) => app.onChange(listener),
  };
}

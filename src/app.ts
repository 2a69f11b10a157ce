import { join } from 'node:path';
import {
  BridgeAdapter,
  createDeliveryMemory,
  createDispatcher,
  createIngest,
  createRecovery,
  type Ingest,
} from './bridge/index.ts';
import { type ChannelFactory, type ChannelParts, channelFactories } from './channels/registry.ts';
import { type Clock, systemClock } from './common/clock.ts';
import { ConfigError, coerceError } from './common/errors.ts';
import { createHttpClient, type HttpClient } from './common/http-client.ts';
import type { AppConfig } from './config/index.ts';
import type { Bot } from './contracts/bot.ts';
import type { Channel } from './contracts/channel.ts';
import type { Desk } from './contracts/desk.ts';
import type { HttpRoute } from './contracts/http.ts';
import type { InboundEvent } from './contracts/inbound.ts';
import type { Logger } from './contracts/logger.ts';
import type { BridgeSettings } from './contracts/settings.ts';
import type { AsideRow, Shop, Store } from './contracts/store.ts';
import {
  createBridgeSettings,
  createDialogBot,
  type DialogBundle,
  loadDialogs,
  openingState,
  type StepDefinition,
} from './dialogs/index.ts';
import { createDeskPushRoute, createHealthRoutes, createHttpServer, createWebhookRoute } from './http/index.ts';
import { createLogger, createMetrics, createReadiness } from './observability/index.ts';
import { openStore } from './store/open-store.ts';
import { createUdeskDesk, type UdeskConfig } from './udesk/index.ts';

export interface AppOptions {
  /** From `loadConfig(readEnvironment(...), 'serve')`. */
  config: AppConfig;
  /** Channels from outside, each with the settings its factory wants: `[{ factory: webform, settings: { secret } }]`. */
  channels?: { factory: ChannelFactory; settings: unknown }[];
  /** Another desk than Udesk. */
  desk?: (parts: Omit<ChannelParts, 'shops'>) => Desk;
  /** Another bot than the dialog files. */
  bot?: Bot;
  /** Dialog steps from outside. */
  steps?: StepDefinition[];
  /** Bot Framework middleware, run around every bot turn. */
  middleware?: Parameters<BridgeAdapter['use']>;
  /** Another engine; the app closes it. */
  store?: Store;
  /** Routes beside the product's own, made once the app stands. */
  routes?: (app: App) => HttpRoute[];
  clock?: Clock;
  logger?: Logger;
  http?: HttpClient;
  /** False: takes events and answers none; another process over the same store does. Default true. */
  work?: boolean;
  /** How often platforms are asked for what a webhook should have brought, default two minutes. */
  recoverEveryMs?: number;
}

export interface App {
  readonly store: Store;
  readonly settings: BridgeSettings;
  readonly channels: readonly Channel[];
  readonly desk: Desk;
  readonly logger: Logger;
  /** `null` when the bot is not made of dialog files. */
  readonly dialogs: DialogBundle | null;
  readonly ingest: Ingest;
  /** Re-reads platforms for missed messages now; how many were new. */
  recover(): Promise<number>;
  /** Called after something changed in the store; answers how to stop being called. */
  onChange(listener: () => void): () => void;
  /** Opens the port, then begins to work. */
  start(): Promise<{ port: number; url: string }>;
  /** No new events, turns and deliveries finish, all within the deadline (default 10 s). */
  stop(deadlineMs?: number): Promise<void>;
}

/** Event and message ids are remembered this long; TikTok's longest repeat comes after about 16 hours. */
const REMEMBER_MS = 14 * 24 * 3_600_000;
const RECOVER_EVERY_MS = 120_000;
const FIGURES_EVERY_MS = 15_000;
const FORGET_EVERY_MS = 3_600_000;
/** Rows set aside that are looked through for a shop's events. */
const ASIDE_LOOK = 10_000;

/** Joins the parts; starts nothing but the store. Throws ConfigError or DialogFileError with every problem at once. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createLogger({ level: config.log.level });
  const metrics = createMetrics();
  const http = options.http ?? createHttpClient();
  const bundle = options.bot === undefined ? await loadDialogs(config.dialogs.dir, { steps: options.steps }) : null;
  const bot = options.bot ?? createDialogBot({ bundle: bundle ?? (await loadDialogs(config.dialogs.dir)), logger });
  const settings = createBridgeSettings(bundle?.bridge ?? {}, {
    replyMode: config.dialogs.replyMode,
    firstLine: config.dialogs.firstLine,
    groupId: config.udesk?.groupId ?? null,
  });
  const store =
    options.store ??
    (await openStore({
      databaseUrl: config.store.databaseUrl,
      masterKey: config.store.masterKey?.toString('hex'),
      logger,
    }));

  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const shops = new Map<string, Shop>();
  const shopKey = (channel: string, shopId: string) => `${channel}:${shopId}`;
  const openChannels = new Set<string>();
  const shopRegion = (channel: string, shopId: string): string | null | undefined => {
    const shop = shops.get(shopKey(channel, shopId));
    if (shop !== undefined) return shop.region;
    // A channel without a notion of shops (a web form, Direct Line) serves whoever it lets in.
    return openChannels.has(channel) ? null : undefined;
  };
  const loadShops = async () => {
    const listed = await store.listShops();
    // No pause between the two: an event that met an empty list would be set aside as a stranger's.
    shops.clear();
    for (const shop of listed) shops.set(shopKey(shop.channel, shop.shopId), shop);
  };

  let wake: (dueAt: number) => void = () => {};
  const ingest = createIngest({
    store,
    settings,
    bot,
    clock,
    logger,
    metrics,
    shopRegion,
    wake: (dueAt) => {
      wake(dueAt);
      changed();
    },
    onShopEvent: (channel, shopId, event) => void onShopEvent(channel, shopId, event),
  });

  const eventsOf = (rows: AsideRow[]): InboundEvent[] =>
    rows.flatMap((row): InboundEvent[] => {
      try {
        return [JSON.parse(row.raw)];
      } catch {
        return [];
      }
    });

  /**
   * A shop was added or authorised again: what came for it while it was unknown is handled now. It goes into the inbox before it is taken
   * away, so that a kill between the two repeats it (de-duplication knows it then) instead of losing it.
   */
  const adopt = async (channel: string, shopId: string): Promise<void> => {
    await loadShops();
    // Listed newest first.
    const known = (await store.listAside(ASIDE_LOOK)).filter((row) => isStranger(row, channel, shopId)).reverse();
    await ingest({ events: eventsOf(known), aside: [] });
    const ids = new Set(known.map((row) => row.id));
    const taken = await store.takeAside(channel, shopId);
    await ingest({ events: eventsOf(taken.filter((row) => !ids.has(row.id))), aside: [] });
    if (taken.length > 0) logger.info('shop.aside_adopted', { channel, shopId, events: taken.length });
  };

  /** Shops that were added while nothing ran (`buyerline shops add`). */
  const adoptAtStart = async (): Promise<void> => {
    const waiting = await store.listAside(ASIDE_LOOK);
    for (const { channel, shopId } of [...shops.values()])
      if (waiting.some((row) => isStranger(row, channel, shopId))) await adopt(channel, shopId);
  };

  async function onShopEvent(channel: string, shopId: string, event: InboundEvent): Promise<void> {
    const shop = shops.get(shopKey(channel, shopId));
    if (shop === undefined || event.body.kind !== 'authorization.changed') return;
    logger.warn('shop.authorization_changed', { channel, shopId, status: event.body.status });
    try {
      await store.putShop({ ...shop, status: event.body.status });
      await loadShops();
    } catch (thrown) {
      logger.error('shop.update_failed', { channel, shopId, error: coerceError(thrown).name });
    }
  }

  const partsFor = (name: string): ChannelParts => ({
    shops: store,
    http,
    clock,
    metrics,
    logger: logger.child({ channel: name }),
    ingest: async (input) => void (await ingest(input)),
    onShopAuthorized: (shopId) => adopt(name, shopId),
    onShopRevoked: () => loadShops(),
  });
  const channels: Channel[] = [];
  const add = (factory: ChannelFactory, given: unknown) => {
    channels.push(factory.create(given, partsFor(factory.name)));
    if (factory.hasShops === false) openChannels.add(factory.name);
  };
  for (const [name, given] of Object.entries(channelSettings(config))) {
    const factory = channelFactories.get(name);
    if (factory !== undefined && given !== null) add(factory, given);
  }
  for (const { factory, settings: given } of options.channels ?? []) add(factory, given);
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const desk =
    options.desk?.(partsFor('desk')) ?? createUdeskDesk({ config: deskSettings(config), http, clock, logger, metrics });

  const adapter = new BridgeAdapter();
  adapter.use(...(options.middleware ?? []));
  const channel = (name: string) => byName.get(name);
  const dispatcher = createDispatcher({
    store,
    clock,
    logger,
    metrics,
    changed,
    turn: { channel, desk, bot, adapter, settings, shopRegion, hours: (of, at) => openingState(of.hours, at) },
    deliver: { channel, desk, memory: createDeliveryMemory() },
  });
  wake = dispatcher.wake;
  const recovery = createRecovery({
    channels,
    store,
    ingest,
    clock,
    logger,
    everyMs: options.recoverEveryMs ?? RECOVER_EVERY_MS,
    maxAgeMs: (name) => settings.forShop(name, '', null).recoverMaxAgeMs,
  });
  const readiness = createReadiness({ clock, logger, checks: [{ name: 'store', check: () => store.probe() }] });

  const timers = new Set<{ cancel(): void }>();
  let stopped = false;
  const every = (ms: number, task: () => Promise<void>): void => {
    const handle = clock.schedule(ms, () => {
      timers.delete(handle);
      task()
        .catch((thrown: unknown) => logger.warn('maintenance.failed', { error: coerceError(thrown).name }))
        .finally(() => {
          if (!stopped) every(ms, task);
        });
    });
    timers.add(handle);
  };
  const figures = async () => {
    const counts = await store.counts();
    metrics.gauge('buyerline_inbox_pending', counts.inboxPending);
    for (const [side, count] of Object.entries(counts.outboxPending))
      metrics.gauge('buyerline_outbox_pending', count, { side });
    for (const [side, count] of Object.entries(counts.deadLetters))
      metrics.gauge('buyerline_dead_letters', count, { side });
  };

  const webhookIngest = async (input: Parameters<Ingest>[0]) => {
    await ingest(input);
  };
  const app: App = {
    store,
    settings,
    channels,
    desk,
    logger,
    ingest,
    dialogs: bundle,
    recover: () => recovery.run(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start() {
      for (const part of channels) await part.start?.();
      await desk.start?.();
      await loadShops();
      const listening = await server.listen();
      if (options.work !== false) {
        await dispatcher.start();
        await adoptAtStart();
        recovery.start();
      }
      every(FIGURES_EVERY_MS, figures);
      every(FORGET_EVERY_MS, async () => void (await store.forgetSeen(clock.now() - REMEMBER_MS)));
      logger.info('bridge.started', {
        url: listening.url,
        channels: channels.map((part) => part.name).join(','),
        dialogs: bundle?.version ?? 'own bot',
      });
      return listening;
    },
    async stop(deadlineMs = 10_000) {
      if (stopped) return;
      stopped = true;
      const endsAt = clock.now() + deadlineMs;
      for (const handle of timers) handle.cancel();
      await server.stop(Math.max(500, deadlineMs / 4));
      await recovery.stop();
      await dispatcher.stop(Math.max(500, endsAt - clock.now()));
      for (const part of channels) await part.stop?.();
      await desk.stop?.();
      await store.close();
      if (options.http === undefined) await http.close();
      logger.info('bridge.stopped');
    },
  };
  const routes: HttpRoute[] = [
    ...createHealthRoutes({ readiness, metrics }),
    createDeskPushRoute({ desk, ingest: webhookIngest, metrics, logger, clock }),
    ...channels.flatMap((part) => webhookRoute(part)),
    ...channels.flatMap((part) => part.routes ?? []),
    ...(options.routes?.(app) ?? []),
  ];
  function webhookRoute(part: Channel): HttpRoute[] {
    if (part.webhookPath === undefined || part.receive === undefined) return [];
    const receive = part.receive.bind(part);
    return [
      createWebhookRoute({
        path: part.webhookPath,
        channelName: part.name,
        receive,
        ingest: webhookIngest,
        metrics,
        logger,
        clock,
      }),
    ];
  }
  const server = createHttpServer({
    host: config.http.host,
    port: config.http.port,
    maxBodyBytes: config.http.maxBodyBytes,
    routes,
    logger,
    metrics,
    clock,
  });
  return app;
}

const isStranger = (row: AsideRow, channel: string, shopId: string): boolean =>
  row.reason === 'unknown_shop' && row.channel === channel && row.shopId === shopId;

/** What the configuration has for each channel that ships; `null`: not used. */
function channelSettings(config: AppConfig): Record<string, unknown> {
  const udesk = config.udesk === null ? [] : [new URL(config.udesk.apiUrl).origin];
  return {
    tiktok: config.tiktok && { ...config.tiktok, publicUrl: config.http.publicUrl, allowedOrigins: udesk },
    // Always there: without an app id it lets in local callers only.
    botframework: {
      appId: config.microsoft?.appId ?? null,
      appPassword: config.microsoft?.appPassword ?? null,
      appTenantId: config.microsoft?.tenantId ?? null,
    },
  };
}

function deskSettings({ udesk }: AppConfig): UdeskConfig {
  if (udesk === null)
    throw new ConfigError([{ where: 'UDESK_API_URL', what: 'set the Udesk variables, or pass another desk' }]);
  return {
    apiUrl: udesk.apiUrl,
    email: udesk.email,
    apiToken: udesk.apiToken,
    pushSecret: udesk.pushSecret,
    signHash: udesk.signHash,
    callsPerMinute: udesk.callsPerMinute,
    structKey: udesk.structKey ?? undefined,
    groupId: udesk.groupId ?? undefined,
    channel: udesk.channel ?? undefined,
  };
}

/** Where the demo page was built to, seen from this file in `src/` or `dist/`. */
export const builtPage = (area: string): string => join(import.meta.dirname, '..', 'dist', area, 'page');

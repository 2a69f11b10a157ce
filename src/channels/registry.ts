import type { z } from 'zod';
import type { Clock } from '../common/clock.ts';
import { ConfigError } from '../common/errors.ts';
import type { HttpClient } from '../common/http-client.ts';
import type { Channel } from '../contracts/channel.ts';
import type { AsideRecord, InboundEvent } from '../contracts/inbound.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import type { Store } from '../contracts/store.ts';
import { createBotFrameworkChannel } from './botframework/botframework-channel.ts';
import { botframeworkConfigSchema } from './botframework/config.ts';
import { tiktokConfigSchema } from './tiktok/config.ts';
import { createTiktokChannel } from './tiktok/tiktok-channel.ts';

/** What every channel may use. */
export interface ChannelParts {
  shops: Pick<
    Store,
    'getShop' | 'listShops' | 'putShop' | 'removeShop' | 'getCredentials' | 'saveCredentials' | 'getMeta' | 'putMeta'
  >;
  http: HttpClient;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** For a channel with an entrance of its own: durable when it resolves. */
  ingest: (input: { events: InboundEvent[]; aside: AsideRecord[] }) => Promise<void>;
  onShopAuthorized?: (shopId: string) => Promise<void> | void;
  onShopRevoked?: (shopId: string) => Promise<void> | void;
}

export interface ChannelFactory {
  /** Lower case, no colon; the same as the channel's own name. */
  readonly name: string;
  /** False for a place without shops (a web form, Direct Line): it serves whoever it lets in. */
  readonly hasShops?: boolean;
  /** `settings` is what the configuration has for this channel. Throws ConfigError with every problem. */
  create(settings: unknown, parts: ChannelParts): Channel;
}

/** Makes a factory that checks its settings first; problems are named `{channel}.{setting}`. */
export function defineChannel<T extends z.ZodType>(
  name: string,
  settings: T,
  create: (settings: z.output<T>, parts: ChannelParts) => Channel,
  options: Pick<ChannelFactory, 'hasShops'> = {},
): ChannelFactory {
  return {
    name,
    ...options,
    create(given, parts) {
      const read = settings.safeParse(given);
      if (read.success) return create(read.data, parts);
      throw new ConfigError(
        read.error.issues.map((issue) => ({ where: [name, ...issue.path.map(String)].join('.'), what: issue.message })),
      );
    },
  };
}

const FACTORIES: readonly ChannelFactory[] = [
  defineChannel('tiktok', tiktokConfigSchema, (config, parts) => createTiktokChannel({ ...parts, config })),
  defineChannel(
    'botframework',
    botframeworkConfigSchema,
    (config, parts) => createBotFrameworkChannel({ ...parts, config }),
    { hasShops: false },
  ),
];

/** Every channel that ships, by name. One more is one more line in the list above. */
export const channelFactories: ReadonlyMap<string, ChannelFactory> = new Map(
  FACTORIES.map((factory) => [factory.name, factory]),
);

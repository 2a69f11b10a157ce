import type { Clock } from '../../common/clock.ts';
import { coerceError } from '../../common/errors.ts';
import type { HttpClient } from '../../common/http-client.ts';
import type { Channel, WebhookRequest, WebhookResult } from '../../contracts/channel.ts';
import type { InboundEvent } from '../../contracts/inbound.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { Metrics } from '../../contracts/metrics.ts';
import { createAuthClient } from './auth-client.ts';
import { createBudget } from './budget.ts';
import { createBuyers } from './buyers.ts';
import { createClient } from './client.ts';
import { type Commerce, createCommerce } from './commerce.ts';
import { limitsOf, type TiktokConfig } from './config.ts';
import { type CustomerService, createCustomerService } from './customer-service.ts';
import { diagnose } from './diagnose.ts';
import { createImageFetcher } from './fetch-image.ts';
import { createImages } from './images.ts';
import { createLookups } from './lookups.ts';
import { createOauthRoutes } from './oauth.ts';
import { readBack } from './read-back.ts';
import { createRecover } from './recover.ts';
import { createSender } from './send.ts';
import { toInbound } from './to-inbound.ts';
import { SENDABLE, TEXT_LIMIT } from './to-outbound.ts';
import { CHANNEL, createTokens, type ShopDirectory, type Tokens } from './tokens.ts';
import { createTransport } from './transport.ts';
import { webhookSignatureFits } from './verify.ts';

export interface TiktokDeps {
  config: TiktokConfig;
  shops: ShopDirectory;
  http: HttpClient;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** After a seller's authorisation was stored: replay what was set aside for the shop, read what was missed. */
  onShopAuthorized?: (shopId: string) => Promise<void> | void;
  onShopRevoked?: (shopId: string) => Promise<void> | void;
}

/** The channel, and beside it the platform's calls that no contract asks for (agent settings, opening a conversation, webhooks). */
export interface TiktokChannel extends Channel {
  readonly service: CustomerService;
  readonly commerce: Commerce;
  readonly tokens: Tokens;
}

/**
 * TikTok Shop, customer-service API 202309 with the newer get-conversation (202601) and, when `senderRole` is set, sending by 202606.
 * Creates no timer and no socket before `start` or the first call.
 */
export function createTiktokChannel(deps: TiktokDeps): TiktokChannel {
  const { config, shops, http, clock, metrics, logger } = deps;
  const auth = createAuthClient({ config, http });
  const tokens = createTokens({ config, shops, auth, clock, logger });
  const transport = createTransport({ config, http, clock, metrics });
  const budget = createBudget({ limits: limitsOf(config), shops, clock, logger, metrics });
  const client = createClient({ transport, tokens, budget });
  const service = createCustomerService(client);
  const commerce = createCommerce(client);
  const ownOrigin = config.publicUrl ? [new URL(config.publicUrl).origin] : [];
  const fetcher = createImageFetcher({ http, allowedOrigins: [...(config.allowedOrigins ?? []), ...ownOrigin] });
  const images = createImages({ service, fetcher });
  const sender = createSender({ config, service, images, clock });
  const buyers = createBuyers(service);
  const recover = createRecover({ service, shops, clock, logger });
  const secrets = config.appSecretPrevious ? [config.appSecret, config.appSecretPrevious] : [config.appSecret];

  /** Runs beside the acknowledgement; a repeat of the notification does no harm. */
  const followAuthorization = async (event: InboundEvent): Promise<void> => {
    if (event.target.by !== 'shop' || event.body.kind !== 'authorization.changed') return;
    const { shopId } = event.target;
    if (event.body.status === 'expiring') return tokens.markExpiring(shopId);
    const atSec = event.order.at === null ? null : Math.floor(event.order.at / 1000);
    if (!(await tokens.revoke(shopId, atSec))) return;
    logger.warn('tiktok.shop_revoked', { shopId });
    await deps.onShopRevoked?.(shopId);
  };

  return {
    name: CHANNEL,
    // A link is shown as plain text that cannot be tapped. Source: `customer-service-api-overview`.
    capabilities: { textLimit: TEXT_LIMIT, sends: SENDABLE, links: false },
    webhookPath: '/webhooks/tiktok',
    routes: createOauthRoutes({
      config,
      auth,
      transport,
      tokens,
      clock,
      logger,
      onShopAuthorized: deps.onShopAuthorized,
    }),
    service,
    commerce,
    tokens,
    receive(request: WebhookRequest): WebhookResult {
      const { rawBody, receivedAt, headers } = request;
      if (!webhookSignatureFits({ appKey: config.appKey, secrets, rawBody, authorization: headers.authorization }))
        return { kind: 'refused', reason: 'the signature does not fit' };
      const { events, aside } = toInbound(rawBody, receivedAt, logger);
      for (const event of events)
        if (event.body.kind === 'authorization.changed')
          followAuthorization(event).catch((thrown: unknown) =>
            logger.error('tiktok.authorization_not_followed', { error: coerceError(thrown).name }),
          );
      return { kind: 'accepted', events, aside };
    },
    send: (send) => sender.send(send),
    readBack: (request) => readBack({ service, images }, request),
    markRead: (conversation, signal) => sender.markRead(conversation, signal),
    lookups: (conversation) => createLookups({ commerce, buyers }, conversation),
    recover,
    diagnose: () => diagnose({ shops, tokens, transport, service, clock }),
    start: () => tokens.start(),
    async stop() {
      tokens.stop();
      await fetcher.close();
    },
  };
}

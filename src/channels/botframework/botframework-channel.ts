import { CloudAdapter } from 'botbuilder';
import type { Clock } from '../../common/clock.ts';
import type { HttpClient } from '../../common/http-client.ts';
import type { Channel } from '../../contracts/channel.ts';
import type { AsideRecord, InboundEvent } from '../../contracts/inbound.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { Metrics } from '../../contracts/metrics.ts';
import type { Store } from '../../contracts/store.ts';
import {
  type AuthenticationOverrides,
  authenticate,
  type CredentialsFactory,
  createAuthentication,
  createCredentials,
} from './authentication.ts';
import type { BotFrameworkConfig } from './config.ts';
import { createConnectorHttp } from './connector-http.ts';
import { diagnose } from './diagnose.ts';
import { createMessagesRoute } from './messages-route.ts';
import { createReferences } from './references.ts';
import { createSender } from './send.ts';
import { CHANNEL } from './to-inbound.ts';

export interface BotFrameworkDeps {
  config: BotFrameworkConfig;
  shops: Pick<Store, 'getMeta' | 'putMeta'>;
  http: HttpClient;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  ingest: (input: { events: InboundEvent[]; aside: AsideRecord[] }) => Promise<void>;
  /** Another cloud than the public one. */
  authentication?: AuthenticationOverrides;
  /** Another source of tokens than the app's password. */
  credentials?: CredentialsFactory;
}

/**
 * 28,000 bytes as UTF-16, well within Teams' recommended 80 KB a message (learn.microsoft.com, "Format your bot messages", read 2026-11) and
 * within the 28 KB that other Teams pages name.
 */
const TEXT_LIMIT = 7_000;

/**
 * Bot Framework's standard entrance as one more place where buyers write: Emulator, Direct Line, Web Chat, Teams. Its `POST /api/messages` only
 * makes events durable; the same turns, bot and outbox answer them as any marketplace's, and the answers go to the activity's `serviceUrl`.
 *
 * Decided 2026-11-21: the authentication object is asked directly. `CloudAdapter.processActivityDirect` does the same, but wraps a refused token and a
 * store that is down into one plain Error, and makes two REST clients for each activity that is only to be stored.
 *
 * The connector knows neither idempotency nor reading back: there is no `readBack`, so a send whose outcome is unknown is sent again,
 * and the buyer may see it twice.
 */
export function createBotFrameworkChannel(deps: BotFrameworkDeps): Channel {
  const { config, clock, metrics, logger } = deps;
  const appId = config.appId ?? null;
  const credentials = deps.credentials ?? createCredentials(config);
  const authentication = createAuthentication({
    config,
    connectorHttp: createConnectorHttp(deps.http),
    credentials,
    overrides: deps.authentication,
  });
  const references = createReferences({ shops: deps.shops, botId: appId ?? 'bot' });
  let adapter: CloudAdapter | undefined;
  const send = createSender({
    adapter: () => {
      adapter ??= new CloudAdapter(authentication);
      return adapter;
    },
    references,
    appId,
  });
  return {
    name: CHANNEL,
    capabilities: { textLimit: TEXT_LIMIT, sends: new Set(['text', 'image']), links: true },
    routes: [
      createMessagesRoute({
        authenticate:
          appId === null
            ? null
            : (authorization, activity) =>
                authenticate(authentication, { authorization, activity, ownTenant: config.appTenantId }),
        references,
        ingest: deps.ingest,
        clock,
        logger,
        metrics,
      }),
    ],
    send,
    diagnose: () => diagnose({ appId, credentials, clock }),
  };
}

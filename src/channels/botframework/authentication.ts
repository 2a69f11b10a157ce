import {
  type Activity,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
} from 'botbuilder';
import { z } from 'zod';
import { tryParseJson } from '../../common/json.ts';
import type { BotFrameworkConfig } from './config.ts';
import type { ConnectorHttp } from './connector-http.ts';
import type { IncomingActivity } from './schema.ts';

export type Verdict = 'genuine' | 'refused' | 'unavailable';

/** Bot Framework's own settings beside ours: other clouds, and the key server that tests put in the place of Microsoft's. */
export type AuthenticationOverrides = Partial<
  Record<
    | 'ToChannelFromBotLoginUrl'
    | 'ToChannelFromBotOAuthScope'
    | 'ToBotFromChannelTokenIssuer'
    | 'OAuthUrl'
    | 'ToBotFromChannelOpenIdMetadataUrl'
    | 'ToBotFromEmulatorOpenIdMetadataUrl'
    | 'CallerId',
    string
  >
>;
export type CredentialsFactory = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;

const registrationOf = ({ appId, appPassword, appTenantId }: BotFrameworkConfig) => ({
  ...(appId == null ? {} : { MicrosoftAppId: appId }),
  ...(appPassword == null ? {} : { MicrosoftAppPassword: appPassword }),
  ...(appTenantId == null ? {} : { MicrosoftAppTenantId: appTenantId }),
  MicrosoftAppType: appTenantId == null ? 'MultiTenant' : 'SingleTenant',
});

/** Tokens for our own calls, bought with the app's password. */
export const createCredentials = (config: BotFrameworkConfig): CredentialsFactory =>
  new ConfigurationServiceClientCredentialFactory(registrationOf(config));

/** What CloudAdapter authenticates with. The connector's calls go through `connectorHttp`. */
export function createAuthentication(options: {
  config: BotFrameworkConfig;
  connectorHttp: ConnectorHttp;
  credentials: CredentialsFactory;
  overrides?: AuthenticationOverrides;
}): ConfigurationBotFrameworkAuthentication {
  return new ConfigurationBotFrameworkAuthentication(
    { ...registrationOf(options.config), ...options.overrides },
    options.credentials,
    undefined,
    undefined,
    { httpClient: options.connectorHttp },
  );
}

/**
 * Tenants that the Emulator's and Bot Framework's own tokens come from (botframework-connector 4.23.3, tokenValidationParameters).
 * A channel's tokens name no tenant.
 */
const KNOWN_TENANTS: ReadonlySet<string> = new Set([
  'd6d49420-f39b-4df7-a1dc-d59a935871db',
  'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
  '72f988bf-86f1-41af-91ab-2d7cd011db47',
  'cab8a31a-1906-4287-a0d8-4eef66b95f6e',
]);
const MAX_CLAIMS = 60;

const BEARER = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/;
const claimsSchema = z.record(z.string(), z.unknown());

/**
 * Whether a token is worth being looked at by botframework-connector 4.23.3, which before any signature is checked keeps every tenant that a
 * token names in a list for ever, throws on a payload that is no object, and takes time by the square of the number of claims.
 */
export function plausible(authorization: string, ownTenant: string | null | undefined): boolean {
  const payload = BEARER.exec(authorization)?.[1];
  if (payload === undefined) return false;
  const claims = claimsSchema.safeParse(tryParseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!claims.success || Object.keys(claims.data).length > MAX_CLAIMS) return false;
  const { tid } = claims.data;
  return tid === undefined || (typeof tid === 'string' && (KNOWN_TENANTS.has(tid) || tid === ownTenant));
}

/**
 * Signature, issuer, audience, expiry, the channel's endorsement and the service address (`serviceurl` claim), all by Bot Framework. The
 * Emulator's tokens name no address, but only whoever has the app's password can buy them.
 * `unavailable`: Microsoft's keys could not be read; the caller may try again.
 */
export async function authenticate(
  authentication: Pick<ConfigurationBotFrameworkAuthentication, 'authenticateRequest'>,
  request: { authorization: string | undefined; activity: IncomingActivity; ownTenant: string | null | undefined },
): Promise<Verdict> {
  const { authorization, activity } = request;
  if (authorization === undefined || !plausible(authorization, request.ownTenant)) return 'refused';
  // The App Service extension speaks over streams, which are not served, and its tokens vouch for no service address.
  if (activity.channelId === 'AseChannel') return 'refused';
  try {
    // Reads these two fields only.
    const claimed: Pick<Activity, 'channelId' | 'serviceUrl'> = activity;
    await authentication.authenticateRequest(claimed as Activity, authorization);
    return 'genuine';
  } catch (thrown) {
    return isOutage(thrown) ? 'unavailable' : 'refused';
  }
}

/** node-fetch could not reach the key server, or that server failed; everything else that is thrown says something about the token. */
function isOutage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown.name === 'FetchError' || thrown.name === 'AbortError') return true;
  return 'statusCode' in thrown && typeof thrown.statusCode === 'number' && thrown.statusCode >= 500;
}

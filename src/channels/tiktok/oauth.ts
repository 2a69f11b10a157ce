import type { Clock } from '../../common/clock.ts';
import { coerceError } from '../../common/errors.ts';
import type { HttpReply, HttpRequest, HttpRoute } from '../../contracts/http.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { AuthClient } from './auth-client.ts';
import { getAuthorizedShops } from './commerce.ts';
import type { TiktokConfig } from './config.ts';
import type { ApiFailure } from './errors.ts';
import { createState, stateFits } from './oauth-state.ts';
import type { Tokens } from './tokens.ts';
import type { Transport } from './transport.ts';

export const CUSTOMER_SERVICE_SCOPE = 'seller.customer_service';
const START = '/oauth/tiktok/start';
const CALLBACK = '/oauth/tiktok/callback';
const AUTHORIZE_URL = 'https://services.tiktokshop.com/open/authorize';

/**
 * The two pages of an authorisation. `start` sends the seller to TikTok with a signed state; `callback` turns the code into tokens and stores
 * every shop that they cover. A refusal is told by the presence of `error`, because its word differs between TikTok's pages. An installation
 * from the app store carries no state: its code is left unused and the seller is asked to start here. Source: `authorization-overview-202407`.
 */
export function createOauthRoutes(deps: {
  config: Pick<TiktokConfig, 'appKey' | 'appSecret' | 'authUrl' | 'authorizeUrl' | 'serviceId'>;
  auth: AuthClient;
  transport: Transport;
  tokens: Tokens;
  clock: Clock;
  logger: Logger;
  onShopAuthorized?: (shopId: string) => Promise<void> | void;
}): HttpRoute[] {
  const { config, clock, logger } = deps;

  const start = (): HttpReply => {
    const state = createState(config.appSecret, clock.now());
    const address = config.serviceId
      ? new URL(config.authorizeUrl ?? AUTHORIZE_URL)
      : new URL(`${config.authUrl.replace(/\/+$/, '')}/oauth/authorize`);
    if (config.serviceId) address.searchParams.set('service_id', config.serviceId);
    else address.searchParams.set('app_key', config.appKey);
    address.searchParams.set('state', state);
    return { status: 302, headers: { location: address.href, 'cache-control': 'no-store' } };
  };

  const callback = async ({ query }: HttpRequest): Promise<HttpReply> => {
    if (query.has('error'))
      return page(400, 'Not authorised', ['The authorisation was refused on TikTok Shop. Nothing was changed.'], true);
    const state = query.get('state');
    if (state === null || state === '')
      return page(
        200,
        'One more step',
        ['Please start the authorisation from here, so that we know it is yours.'],
        true,
      );
    if (!stateFits(config.appSecret, state, clock.now()))
      return page(400, 'Please start again', ['This link is too old, or it was not made here.'], true);
    const code = query.get('code');
    if (code === null || code === '' || code.length > 2_048)
      return page(400, 'Please start again', ['TikTok Shop sent no authorisation code.'], true);

    const grant = await deps.auth.exchange(code);
    if (grant.kind === 'failed') return exchangeFailed('tiktok.oauth_exchange_failed', grant);
    if (grant.data.user_type !== 0)
      return page(400, 'Wrong account', ['Please authorise with the seller account of the shop.'], true);
    const shops = await getAuthorizedShops(deps.transport, grant.data.access_token);
    if (shops.kind === 'failed') return exchangeFailed('tiktok.oauth_shops_failed', shops);
    if (shops.data.length === 0)
      return page(400, 'No shop', ['This account has no shop that the app may serve.'], true);

    await deps.tokens.storeGrant(grant.data, shops.data);
    logger.info('tiktok.shops_authorized', { shops: shops.data.map((shop) => shop.id) });
    for (const shop of shops.data) await deps.onShopAuthorized?.(shop.id);
    const lines = shops.data.map((shop) => `Connected: ${shop.name} (${shop.region})`);
    const scopes = grant.data.granted_scopes;
    if (scopes && !scopes.includes(CUSTOMER_SERVICE_SCOPE))
      lines.push(
        `The app lacks the scope ${CUSTOMER_SERVICE_SCOPE}: chats cannot be read or answered until it is approved.`,
      );
    return page(200, 'The shop is connected', lines, false);
  };

  const exchangeFailed = (event: string, failure: ApiFailure): HttpReply => {
    logger.warn(event, { code: failure.code, reason: failure.reason });
    return page(502, 'It did not work', [`${failure.reason}. Please try again in a moment.`], true);
  };

  return [
    { method: 'GET', path: START, handle: start },
    {
      method: 'GET',
      path: CALLBACK,
      handle: async (request) => {
        try {
          return await callback(request);
        } catch (thrown) {
          logger.error('tiktok.oauth_failed', { error: coerceError(thrown).name });
          return page(503, 'It did not work', ['The shop could not be stored. Please try again in a moment.'], true);
        }
      },
    },
  ];
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** The code stands in the address: nothing may keep it, nothing may pass it on. */
function page(status: number, title: string, lines: readonly string[], again: boolean): HttpReply {
  const link = again ? `<p><a href="${START}">Start the authorisation</a></p>` : '';
  const text = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('');
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1>${text}${link}</html>`,
  };
}

import type { Clock } from '../../common/clock.ts';
import type { Diagnosis } from '../../contracts/channel.ts';
import type { Shop } from '../../contracts/store.ts';
import { AUTHORIZED_SHOPS } from './client.ts';
import type { CustomerService } from './customer-service.ts';
import type { GrantValues } from './grant-values.ts';
import { CUSTOMER_SERVICE_SCOPE } from './oauth.ts';
import { CHANNEL, type ShopDirectory, type Tokens } from './tokens.ts';
import type { Transport } from './transport.ts';

/** What `doctor` asks: can the platform be reached, does the clock fit, has each shop a token with the right scope, may it chat. */
export async function diagnose(deps: {
  shops: ShopDirectory;
  tokens: Tokens;
  transport: Transport;
  service: CustomerService;
  clock: Clock;
}): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  await deps.tokens.seed();
  const shops = await deps.shops.listShops(CHANNEL);
  if (shops.length === 0)
    found.push({
      what: 'TikTok Shop: shops',
      level: 'warn',
      detail: 'no shop yet; open /oauth/tiktok/start or set TIKTOK_SHOP_ID and TIKTOK_ACCESS_TOKEN',
    });
  const first = shops.find((shop) => shop.status !== 'revoked');
  const values = first === undefined ? null : await deps.tokens.values(first.shopId);
  found.push(...(await platform(deps, values?.accessToken ?? '')));
  for (const shop of shops) found.push(...(await diagnoseShop(deps, shop)));
  return found;
}

/** The server accepts timestamps from 5 minutes behind to 30 seconds ahead of its clock. Source: `common-parameters`. */
async function platform(deps: { transport: Transport; clock: Clock }, accessToken: string): Promise<Diagnosis[]> {
  const answer = await deps.transport.call(AUTHORIZED_SHOPS, { accessToken, cipher: null });
  const reach = 'TikTok Shop: reachability';
  if (answer.kind === 'failed' && (answer.code === 'not-sent' || answer.code === 'no-answer'))
    return [{ what: reach, level: 'fail', detail: answer.reason }];
  const found: Diagnosis[] = [{ what: reach, level: 'ok', detail: 'the platform answers' }];
  if (
    answer.kind === 'failed' &&
    (answer.code === '106001' || answer.code === '36009033' || answer.code === '36009004')
  )
    found.push({ what: 'TikTok Shop: app', level: 'fail', detail: answer.reason });
  if (answer.serverAt !== undefined) found.push(clockOf(deps.clock.now() - answer.serverAt));
  return found;
}

function clockOf(aheadMs: number): Diagnosis {
  const what = 'TikTok Shop: clock';
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const detail = `this machine is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} the platform`;
  if (aheadMs > 30_000 || aheadMs < -300_000) return { what, level: 'fail', detail };
  if (aheadMs > 15_000 || aheadMs < -120_000) return { what, level: 'warn', detail };
  return { what, level: 'ok', detail };
}

async function diagnoseShop(
  deps: { tokens: Tokens; service: CustomerService; clock: Clock },
  shop: Shop,
): Promise<Diagnosis[]> {
  const what = `TikTok Shop ${shop.shopId}`;
  if (shop.status === 'revoked')
    return [{ what, level: 'fail', detail: 'the seller withdrew the authorisation; open /oauth/tiktok/start' }];
  const values = await deps.tokens.values(shop.shopId);
  if (values === null) return [{ what, level: 'fail', detail: 'no token is stored; open /oauth/tiktok/start' }];
  const found: Diagnosis[] = [tokenState(what, values, deps.clock.now())];
  if (shop.status === 'expiring')
    found.push({ what, level: 'warn', detail: 'the authorisation ends soon; open /oauth/tiktok/start' });
  if (values.scopes !== null && !values.scopes.includes(CUSTOMER_SERVICE_SCOPE))
    found.push({ what, level: 'fail', detail: `the scope ${CUSTOMER_SERVICE_SCOPE} is missing` });
  const settings = await deps.service.getAgentSettings(shop.shopId);
  if (settings.kind === 'failed')
    found.push({ what, level: settings.effect === 'config' ? 'fail' : 'warn', detail: settings.reason });
  else if (!settings.data.can_accept_chat)
    found.push({
      what,
      level: 'warn',
      detail: 'can_accept_chat is off: only chats assigned by hand arrive; TikTok recommends on for API users',
    });
  else found.push({ what, level: 'ok', detail: 'customer service may be used and accepts chats' });
  return found;
}

function tokenState(what: string, values: GrantValues, now: number): Diagnosis {
  const hours = Math.round((values.expiresAtSec * 1000 - now) / 3_600_000);
  if (values.refreshToken === null)
    return { what, level: 'warn', detail: `the access token ends in ${hours} h and there is no refresh token` };
  if (values.refreshExpiresAtSec !== null && values.refreshExpiresAtSec * 1000 < now)
    return { what, level: 'fail', detail: 'the refresh token has expired; open /oauth/tiktok/start' };
  return { what, level: 'ok', detail: `the access token ends in ${hours} h and is refreshed by itself` };
}

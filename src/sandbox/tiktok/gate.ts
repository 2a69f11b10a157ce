import type { SimRequest } from '../kernel/http-server.ts';
import { compilePath, type PathPattern } from '../kernel/routes.ts';
import { CODES, refuse } from './codes.ts';
import type { Call, Endpoint, TiktokPlatform } from './endpoint.ts';
import { requestSign, sameSign } from './sign.ts';
import type { TiktokShop, TiktokToken } from './types.ts';

/** Partner Center "Common parameters": server time -5 min to +30 s. */
const OLDEST_SEC = 300;
const NEWEST_SEC = 30;
const VERSION = /^\/[a-z_]+\/(\d{6})\//;

interface Route {
  endpoint: Endpoint;
  pattern: PathPattern;
}

export interface Routed {
  endpoint: Endpoint;
  params: Record<string, string>;
}

export interface Gate {
  /** Path, then method. Refuses with 36009009, 36009014 or 36009010. */
  route(request: SimRequest): Routed;
  /** app_key, timestamp, sign, token, scope, shop_cipher, rate and quota, content type: in this order. */
  admit(request: SimRequest, routed: Routed): Call;
}

export function createGate(endpoints: readonly Endpoint[], platform: TiktokPlatform): Gate {
  const routes: Route[] = endpoints.map((endpoint) => ({ endpoint, pattern: compilePath(endpoint.path) }));
  const resources = new Set(endpoints.map((endpoint) => withoutVersion(endpoint.path)));

  return {
    route(request) {
      let methodMissed = false;
      for (const { endpoint, pattern } of routes) {
        const params = pattern.match(request.path);
        if (params === null) continue;
        if (endpoint.method === request.method) return { endpoint, params };
        methodMissed = true;
      }
      if (methodMissed) refuse(CODES.UNKNOWN_METHOD, 'the method is not supported by this path');
      const version = VERSION.exec(request.path)?.[1];
      if (
        version !== undefined &&
        [...resources].some((known) => compilePath(known).match(withoutVersion(request.path)))
      )
        refuse(CODES.BAD_VERSION, `version ${version} is not available for this path`);
      return refuse(CODES.UNKNOWN_PATH, 'the path does not exist');
    },
    admit(request, { endpoint, params }) {
      const { query } = request;
      if (query.get('app_key') !== platform.appKey) refuse(CODES.BAD_REQUEST, 'app_key is missing or invalid');
      checkTimestamp(query.get('timestamp'), platform.world.clock.wireNow());
      checkSign(request, platform);
      const token = checkToken(request, endpoint, platform);
      const shop = checkShop(query.get('shop_cipher'), token, endpoint, platform);
      checkVolume(endpoint, shop, token, platform);
      checkContentType(request, endpoint);
      return { request, params, token, shop };
    },
  };
}

const withoutVersion = (path: string): string => path.replace(/\/\d{6}\//, '/000000/');

function checkTimestamp(text: string | null, nowMs: number): void {
  if (text === null || !/^\d{10}$/.test(text)) refuse(CODES.BAD_REQUEST, 'timestamp must be 10 digits of Unix seconds');
  const age = Math.floor(nowMs / 1000) - Number(text);
  if (age > OLDEST_SEC || age < -NEWEST_SEC) refuse(CODES.BAD_REQUEST, 'timestamp is outside the accepted window');
}

function checkSign(request: SimRequest, platform: TiktokPlatform): void {
  const given = request.query.get('sign');
  if (given === null || given === '') refuse(CODES.BAD_REQUEST, 'sign is missing');
  const type = request.headers['content-type'] ?? '';
  const expected = requestSign(platform.appSecret, request.path, request.query, request.body, type);
  if (!sameSign(expected, given)) refuse(CODES.BAD_SIGN, 'sign does not match');
}

function checkToken(request: SimRequest, endpoint: Endpoint, platform: TiktokPlatform): TiktokToken {
  const given = request.headers['x-tts-access-token'];
  const token = platform.world.tokens.find((entry) => entry.accessToken === given);
  if (token === undefined) return refuse(CODES.BAD_REQUEST, 'x-tts-access-token is missing or invalid');
  if (token.accessExpiresSec * 1000 <= platform.world.clock.wireNow())
    return refuse(CODES.TOKEN_EXPIRED, 'the access token has expired');
  if (token.userType !== 0) return refuse(CODES.USER_TYPE, 'this user type may not call the path');
  if (endpoint.scope !== null && !token.scopes.includes(endpoint.scope))
    return refuse(CODES.SCOPE_MISSING, 'the access token lacks the scope of this path');
  return token;
}

function checkShop(
  cipher: string | null,
  token: TiktokToken,
  endpoint: Endpoint,
  platform: TiktokPlatform,
): TiktokShop {
  if (!endpoint.shopScoped) {
    if (cipher !== null) refuse(CODES.BAD_REQUEST, 'unexpected identifier: shop_cipher');
    const own = [...platform.world.shops.values()].find((shop) => shop.openId === token.openId);
    return own ?? refuse(CODES.BAD_REQUEST, 'the seller has no shop');
  }
  if (cipher === null || cipher === '') return refuse(CODES.CIPHER_MISSING, 'shop_cipher is missing');
  const shop = platform.world.shopByCipher(cipher);
  if (shop === undefined || shop.openId !== token.openId)
    return refuse(CODES.CIPHER_MISFIT, 'shop_cipher does not belong to the token');
  return shop;
}

function checkVolume(endpoint: Endpoint, shop: TiktokShop, token: TiktokToken, platform: TiktokPlatform): void {
  const now = platform.world.clock.now();
  const owner = endpoint.shopScoped ? shop.id : token.openId;
  if (!platform.perSecond.take(`${endpoint.name}/${owner}`, now)) refuse(CODES.RATE_LIMITED, 'too many requests');
  if (endpoint.daily !== true || platform.limits.perDay <= 0) return;
  const key = `${shop.id}/${Math.floor(now / 86_400_000)}`;
  const used = platform.daily.get(key) ?? 0;
  if (used >= platform.limits.perDay) refuse(CODES.DAILY_QUOTA, 'the daily quota is spent');
  if (used === 0) platform.daily.clear();
  platform.daily.set(key, used + 1);
}

function checkContentType(request: SimRequest, endpoint: Endpoint): void {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (endpoint.multipart === true) {
    if (type !== 'multipart/form-data') refuse(CODES.NOT_MULTIPART, 'content-type must be multipart/form-data');
  } else if (request.body.length > 0 && type !== 'application/json')
    refuse(CODES.BODY_FORMAT, 'content-type must be application/json');
}

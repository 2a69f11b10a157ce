import { randomBytes } from 'node:crypto';
import { jsonAnswer, type SimAnswer, type SimRequest, textAnswer } from '../kernel/http-server.ts';
import { CODES, refuse, statusOf, TiktokRefusal } from './codes.ts';
import type { OpenEndpoint, TiktokPlatform } from './endpoint.ts';
import type { TiktokSeller, TiktokToken } from './types.ts';

const CODE_LIFE_MS = 30 * 60_000;
const ACCESS_LIFE_SEC = 7 * 86_400;
const REFRESH_LIFE_SEC = 365 * 86_400;

/** What needs no signature: the authorise page, the two token calls and the pictures. `null`: not one of these paths. */
export const openEndpoint: OpenEndpoint = (request, platform) => {
  switch (request.path) {
    case '/api/v2/token/get':
      return tokenAnswer(request, platform, tokenByCode);
    case '/api/v2/token/refresh':
      return tokenAnswer(request, platform, tokenByRefresh);
    case '/open/authorize':
    case '/oauth/authorize':
      return authorisePage(request, platform);
    case '/open/authorize/answer':
      return authoriseAnswer(request.query, platform);
  }
  return request.path.startsWith('/_media/') ? picture(request, platform) : null;
};

function tokenAnswer(
  request: SimRequest,
  platform: TiktokPlatform,
  grant: (query: URLSearchParams, platform: TiktokPlatform) => TiktokToken,
): SimAnswer {
  const requestId = platform.world.ids.next();
  try {
    if (request.method !== 'GET') refuse(CODES.UNKNOWN_METHOD, 'token calls are GET');
    const { query } = request;
    if (query.get('app_key') !== platform.appKey || query.get('app_secret') !== platform.appSecret)
      refuse(CODES.BAD_REQUEST, 'app_key or app_secret is invalid');
    const token = grant(query, platform);
    const seller = platform.world.sellers.get(token.openId);
    return jsonAnswer(200, {
      code: 0,
      message: 'success',
      request_id: requestId,
      data: {
        access_token: token.accessToken,
        // Absolute seconds in spite of the name (Partner Center "Authorization overview").
        access_token_expire_in: token.accessExpiresSec,
        refresh_token: token.refreshToken,
        refresh_token_expire_in: token.refreshExpiresSec,
        open_id: token.openId,
        seller_name: seller?.name ?? '',
        seller_base_region: seller?.baseRegion ?? '',
        user_type: token.userType,
        granted_scopes: token.scopes,
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof TiktokRefusal)) throw thrown;
    return jsonAnswer(statusOf(thrown.code), { code: thrown.code, message: thrown.message, request_id: requestId });
  }
}

function tokenByCode(query: URLSearchParams, platform: TiktokPlatform): TiktokToken {
  if (query.get('grant_type') !== 'authorized_code') refuse(CODES.BAD_REQUEST, 'grant_type must be authorized_code');
  const { world } = platform;
  const code = world.authCodes.get(query.get('auth_code') ?? '');
  if (code === undefined || code.used || code.expiresMs <= world.clock.wireNow())
    return refuse(CODES.AUTH_CODE, 'auth_code is invalid, used or expired');
  code.used = true;
  const seller = world.sellers.get(code.openId) ?? refuse(CODES.AUTH_CODE, 'the seller is gone');
  const token = issueToken(platform, seller);
  world.tokens.push(token);
  return token;
}

/** The refresh token rotates, and the access token of before stops working: whoever keeps old ones finds out. */
function tokenByRefresh(query: URLSearchParams, platform: TiktokPlatform): TiktokToken {
  if (query.get('grant_type') !== 'refresh_token') refuse(CODES.BAD_REQUEST, 'grant_type must be refresh_token');
  const { world } = platform;
  const nowSec = world.clock.wireNow() / 1000;
  const old = world.tokens.find((token) => token.refreshToken === query.get('refresh_token'));
  if (old === undefined || old.refreshExpiresSec <= nowSec)
    return refuse(CODES.AUTH_CODE, 'refresh_token is invalid or expired');
  const seller = world.sellers.get(old.openId) ?? refuse(CODES.AUTH_CODE, 'the seller is gone');
  const fresh = { ...issueToken(platform, seller), scopes: old.scopes, refreshExpiresSec: old.refreshExpiresSec };
  old.refreshToken = '';
  old.accessExpiresSec = 0;
  world.tokens = world.tokens.filter((token) => token === old || token.refreshToken !== '');
  world.tokens.push(fresh);
  return fresh;
}

function issueToken(platform: TiktokPlatform, seller: TiktokSeller): TiktokToken {
  const nowSec = Math.floor(platform.world.clock.wireNow() / 1000);
  return {
    openId: seller.openId,
    accessToken: `TTP_acc_${randomBytes(24).toString('base64url')}`,
    refreshToken: `TTP_ref_${randomBytes(24).toString('base64url')}`,
    accessExpiresSec: nowSec + ACCESS_LIFE_SEC,
    refreshExpiresSec: nowSec + REFRESH_LIFE_SEC,
    userType: 0,
    scopes: [...seller.scopes],
  };
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

function authorisePage(request: SimRequest, platform: TiktokPlatform): SimAnswer {
  const { query } = request;
  const known = query.get('service_id') === platform.serviceId || query.get('app_key') === platform.appKey;
  if (request.method !== 'GET' || !known) return textAnswer(400, 'text/plain', 'service_id is unknown');
  if (platform.authorise !== 'page') return authoriseAnswer(query, platform);
  const state = encodeURIComponent(query.get('state') ?? '');
  const rows = [...platform.world.sellers.values()].map((seller) => {
    const link = `/open/authorize/answer?state=${state}&seller=${encodeURIComponent(seller.openId)}`;
    return `<li>${escapeHtml(seller.name)}: <a href="${link}">authorise</a> <a href="${link}&refuse=1">refuse</a></li>`;
  });
  const html = `<!doctype html><meta charset="utf-8"><title>Authorise</title><h1>Authorise this app</h1><ul>${rows.join('')}</ul>`;
  return textAnswer(200, 'text/html; charset=utf-8', html);
}

function authoriseAnswer(query: URLSearchParams, platform: TiktokPlatform): SimAnswer {
  const back = platform.oauthRedirectUrl;
  if (back === undefined || !URL.canParse(back))
    return textAnswer(400, 'text/plain', 'the app has no redirect address');
  const url = new URL(back);
  const { world } = platform;
  const openId = query.get('seller') ?? world.sellers.keys().next().value ?? '';
  if (query.get('refuse') !== null || platform.authorise === 'refuse') {
    url.searchParams.set('code', 'null');
    url.searchParams.set('error', 'auth_denied');
  } else {
    if (!world.sellers.has(openId)) return textAnswer(400, 'text/plain', 'no such seller');
    const code = `ROW_${randomBytes(18).toString('base64url')}`;
    world.authCodes.set(code, { openId, expiresMs: world.clock.wireNow() + CODE_LIFE_MS, used: false });
    url.searchParams.set('code', code);
  }
  const state = query.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return { kind: 'answer', status: 302, headers: { location: url.href }, body: '' };
}

/** Indonesian pictures ask for the token and the cipher (changelog of 30 September 2025). */
function picture(request: SimRequest, platform: TiktokPlatform): SimAnswer {
  const { world } = platform;
  const id = /^\/_media\/([^/.]+)\.\w+$/.exec(request.path)?.[1] ?? '';
  const image = world.images.get(id);
  if (image === undefined || request.method !== 'GET') return textAnswer(404, 'text/plain', '');
  const shop = world.shops.get(image.shopId);
  if (shop?.region === 'ID') {
    const given = request.headers['x-tts-access-token'];
    const token = world.tokens.find((entry) => entry.accessToken === given && entry.openId === shop.openId);
    if (token === undefined || request.query.get('shop_cipher') !== shop.cipher)
      return textAnswer(403, 'text/plain', 'x-tts-access-token and shop_cipher are required');
  }
  if (platform.mediaTtlMs !== undefined && world.clock.now() - image.storedMs > platform.mediaTtlMs)
    return textAnswer(403, 'text/plain', 'the address has expired');
  return textAnswer(200, image.contentType, image.bytes);
}

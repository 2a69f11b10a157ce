import type { FaultBoard } from '../kernel/faults.ts';
import type { SimAnswer, SimRequest } from '../kernel/http-server.ts';
import type { RateWindow } from '../kernel/rate-window.ts';
import type { Chat } from './chat.ts';
import { CODES, refuse } from './codes.ts';
import type { TiktokLimits } from './options.ts';
import type { PageTokens } from './page-tokens.ts';
import type { TiktokShop, TiktokToken } from './types.ts';
import type { TiktokWorld } from './world.ts';

/** What every endpoint works on. */
export interface TiktokPlatform {
  appKey: string;
  appSecret: string;
  serviceId: string;
  world: TiktokWorld;
  chat: Chat;
  faults: FaultBoard;
  limits: TiktokLimits;
  pages: PageTokens;
  perSecond: RateWindow;
  perCoupon: RateWindow;
  sensitiveWords: string[];
  mediaTtlMs: number | undefined;
  authorise: 'page' | 'approve' | 'refuse';
  oauthRedirectUrl: string | undefined;
  /** Calls of the daily quota by `shop/day`. */
  daily: Map<string, number>;
  /** Answered calls by endpoint and code, for `stats`. */
  calls: Map<string, number>;
  url(): string;
}

export interface Call {
  request: SimRequest;
  params: Record<string, string>;
  token: TiktokToken;
  shop: TiktokShop;
}

export interface Endpoint {
  /** For faults and statistics: `messages.send`. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  scope: string | null;
  /** False: a `shop_cipher` is refused. */
  shopScoped: boolean;
  multipart?: boolean;
  /** Counts towards the 10,000 a day of customer service. */
  daily?: boolean;
  run(call: Call, platform: TiktokPlatform): unknown;
}

/** An unsigned page or file: authorise page, token calls, pictures. */
export type OpenEndpoint = (request: SimRequest, platform: TiktokPlatform) => SimAnswer | null;

/** The JSON body as an object; an absent body is an empty one. */
export function readBody(request: SimRequest, invalid: number): Record<string, unknown> {
  if (request.body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    refuse(CODES.BODY_FORMAT, 'the request body is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    refuse(invalid, 'the request body must be an object');
  return value as Record<string, unknown>;
}

/** `page_size` between 1 and `max`; missing or outside is a bad parameter. */
export function readPageSize(request: SimRequest, max: number, invalid: number): number {
  const text = request.query.get('page_size');
  if (text === null || !/^\d{1,6}$/.test(text)) return refuse(invalid, `page_size is required, 1 to ${max}`);
  const size = Number(text);
  if (size < 1 || size > max) return refuse(invalid, `page_size must be 1 to ${max}`);
  return size;
}

export function readChoice(request: SimRequest, name: string, allowed: readonly string[], invalid: number): string {
  const value = request.query.get(name) ?? allowed[0] ?? '';
  return allowed.includes(value) ? value : refuse(invalid, `${name} must be one of ${allowed.join(', ')}`);
}

const LOCALES = 'de-DE en en-GB es-ES es-MX fr-FR id-ID it-IT ja-JP ms-MY th-TH vi-VN pt-BR zh-CN'.split(' ');

export function checkLocale(request: SimRequest): void {
  const locale = request.query.get('locale');
  if (locale !== null && !LOCALES.includes(locale)) refuse(CODES.BAD_PARAMETER, 'locale is not supported');
}

export const readFlag = (request: SimRequest, name: string): boolean => request.query.get(name) === 'true';

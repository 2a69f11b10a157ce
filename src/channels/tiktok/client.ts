import { z } from 'zod';
import type { Budget, Priority } from './budget.ts';
import type { ApiFailure, ApiResult } from './errors.ts';
import { authorizedShopsSchema } from './schema.ts';
import type { Tokens } from './tokens.ts';
import type { ApiAccess, ApiRequest, Transport } from './transport.ts';

export interface ShopCall extends ApiRequest {
  shopId: string;
  priority: Priority;
  /** Counts against the day's customer-service quota. */
  counted: boolean;
}

export interface Client {
  /** Waits for token and budget, calls, refreshes an expired token once, repeats a reading call once. Never rejects. */
  call<T extends z.ZodType>(call: ShopCall, schema: T): Promise<ApiResult<z.output<T>>>;
}

/** For answers whose `data` says nothing. */
export const nothing = z.unknown();

export const AUTHORIZED_SHOPS: ApiRequest = {
  endpoint: 'authorization.shops',
  method: 'GET',
  path: '/authorization/202309/shops',
};

export function createClient(deps: { transport: Transport; tokens: Tokens; budget: Budget }): Client {
  const { transport, tokens, budget } = deps;

  const accessOf = async (shopId: string, answer: Awaited<ReturnType<Tokens['get']>>) => {
    if (answer.kind === 'none') return noToken(answer);
    if (answer.cipher !== null) return { kind: 'access', access: answer } as const;
    // Seeded without a cipher: ask once, then it is stored.
    const result = await transport.call(AUTHORIZED_SHOPS, { accessToken: answer.accessToken, cipher: null });
    if (result.kind === 'failed') return result;
    const read = authorizedShopsSchema.safeParse(result.data);
    const shop = read.success ? read.data.shops.find((found) => found.id === shopId) : undefined;
    if (shop === undefined || shop.cipher === '')
      return failed('no-cipher', 'config', 'the token does not cover this shop; authorise the shop again');
    await tokens.storeCipher(shopId, shop);
    return { kind: 'access', access: { accessToken: answer.accessToken, cipher: shop.cipher } } as const;
  };

  const attempt = async (call: ShopCall, access: ApiAccess): Promise<ApiResult<unknown>> => {
    const granted = await budget.take(call);
    if (!granted.ok) {
      const effect = granted.daySpent ? 'day' : 'retry';
      return { ...failed('budget', effect, granted.reason), retryAfterMs: granted.retryAfterMs };
    }
    const result = await transport.call(call, access);
    if (result.kind === 'failed' && result.effect === 'day')
      return { ...result, retryAfterMs: await budget.daySpent(call.shopId) };
    return result;
  };

  const run = async (call: ShopCall): Promise<ApiResult<unknown>> => {
    const first = await accessOf(call.shopId, await tokens.get(call.shopId));
    if (first.kind === 'failed') return first;
    let access: ApiAccess = first.access;
    let result = await attempt(call, access);
    if (result.kind === 'failed' && result.effect === 'refresh') {
      const other = await accessOf(call.shopId, await tokens.replace(call.shopId, access.accessToken));
      if (other.kind === 'failed') return other;
      access = other.access;
      result = await attempt(call, access);
    }
    const repeatable = call.method === 'GET' && call.signal?.aborted !== true;
    if (result.kind === 'failed' && result.effect === 'internal' && repeatable) result = await attempt(call, access);
    return result;
  };

  return {
    async call(call, schema) {
      const result = await run(call).catch((): ApiFailure => failed('store', 'retry', 'the store cannot be read'));
      if (result.kind === 'failed') return result;
      const read = schema.safeParse(result.data);
      if (read.success) return { kind: 'ok', data: read.data, serverAt: result.serverAt };
      return failed('shape', 'internal', `TikTok Shop answered ${call.endpoint} in an unknown shape`);
    },
  };
}

const failed = (code: string, effect: ApiFailure['effect'], reason: string): ApiFailure => ({
  kind: 'failed',
  code,
  effect,
  reason,
});

const noToken = (answer: { reason: string; mend: boolean; retryAfterMs: number }): ApiFailure => ({
  ...failed('no-token', answer.mend ? 'config' : 'retry', answer.reason),
  retryAfterMs: answer.retryAfterMs,
});

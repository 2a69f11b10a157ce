import { BuyerlineError, NetworkNotSentError } from '../../common/errors.ts';
import type { HttpClient } from '../../common/http-client.ts';
import { DEFAULT_TIMEOUT_MS, type TiktokConfig } from './config.ts';
import type { ApiResult } from './errors.ts';
import { type Grant, grantSchema } from './schema.ts';
import { readAnswer } from './transport.ts';

export interface AuthClient {
  /** Turns the code of a callback into a grant; a code works once and for 30 minutes. */
  exchange(code: string): Promise<ApiResult<Grant>>;
  /** A new refresh token comes back every time: store it before anything else. */
  refresh(refreshToken: string): Promise<ApiResult<Grant>>;
}

/**
 * The token endpoints: GET, unsigned, everything in the query, so their address must never be shown. Source: Partner Center
 * `authorization-overview-202407`.
 */
export function createAuthClient(deps: {
  config: Pick<TiktokConfig, 'appKey' | 'appSecret' | 'authUrl' | 'timeoutMs'>;
  http: HttpClient;
}): AuthClient {
  const { config } = deps;
  const base = config.authUrl.replace(/\/+$/, '');
  const call = async (path: string, query: Record<string, string>): Promise<ApiResult<Grant>> => {
    const all = new URLSearchParams({ app_key: config.appKey, app_secret: config.appSecret, ...query });
    try {
      const answer = await deps.http.call({
        method: 'GET',
        url: `${base}${path}?${all}`,
        timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      });
      const result = readAnswer(answer);
      if (result.kind === 'failed') return result;
      const grant = grantSchema.safeParse(result.data);
      if (grant.success) return { kind: 'ok', data: grant.data };
      return { kind: 'failed', code: 'shape', effect: 'internal', reason: 'the token answer has an unknown shape' };
    } catch (thrown) {
      const effect = thrown instanceof NetworkNotSentError ? 'retry' : 'internal';
      const reason = thrown instanceof BuyerlineError ? thrown.message : 'the token endpoint did not answer';
      return { kind: 'failed', code: effect === 'retry' ? 'not-sent' : 'no-answer', effect, reason };
    }
  };
  return {
    exchange: (code) => call('/api/v2/token/get', { auth_code: code, grant_type: 'authorized_code' }),
    refresh: (refreshToken) =>
      call('/api/v2/token/refresh', { refresh_token: refreshToken, grant_type: 'refresh_token' }),
  };
}

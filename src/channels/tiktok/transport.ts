import type { Clock } from '../../common/clock.ts';
import { BuyerlineError, NetworkNotSentError } from '../../common/errors.ts';
import type { HttpAnswer, HttpClient } from '../../common/http-client.ts';
import { tryParseJson } from '../../common/json.ts';
import type { Metrics } from '../../contracts/metrics.ts';
import { DEFAULT_TIMEOUT_MS, type TiktokConfig } from './config.ts';
import { type ApiResult, failureOf } from './errors.ts';
import { signRequest } from './sign.ts';

/** One call to the Open API, before it is signed. */
export interface ApiRequest {
  /** For metrics: `messages.send`. */
  endpoint: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** Empty and missing values are left out: an empty parameter would have to be signed and is refused by some paths. */
  query?: Record<string, string | undefined>;
  /** Serialised once; exactly that text is signed and sent. */
  body?: unknown;
  /** Multipart: sent, not signed. */
  form?: { contentType: string; bytes: Buffer };
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Whose call it is. Without `cipher` for paths that must not carry one (`/authorization/…`). */
export interface ApiAccess {
  accessToken: string;
  cipher: string | null;
}

export interface Transport {
  /** Never rejects; failures are values whose words are safe to log. `data` is unread. */
  call(request: ApiRequest, access: ApiAccess): Promise<ApiResult<unknown>>;
}

/** Signs, sends and reads the envelope `{code, message, request_id, data}`. Source: Partner Center `common-parameters`, 202309. */
export function createTransport(deps: {
  config: Pick<TiktokConfig, 'appKey' | 'appSecret' | 'apiUrl' | 'timeoutMs'>;
  http: HttpClient;
  clock: Clock;
  metrics: Metrics;
}): Transport {
  const { config, clock, metrics } = deps;
  const base = config.apiUrl.replace(/\/+$/, '');
  return {
    async call(request, access) {
      const query: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.query ?? {}))
        if (value !== undefined && value !== '') query[name] = value;
      query.app_key = config.appKey;
      query.timestamp = String(Math.floor(clock.now() / 1000));
      if (access.cipher !== null) query.shop_cipher = access.cipher;
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      query.sign = signRequest({ secret: config.appSecret, path: request.path, query, body });
      const startedAt = clock.now();
      const result = await send(request, `${base}${request.path}?${new URLSearchParams(query)}`, body, access);
      metrics.count('buyerline_vendor_calls_total', {
        vendor: 'tiktok',
        endpoint: request.endpoint,
        outcome: result.kind === 'ok' ? 'ok' : result.effect,
      });
      metrics.observe('buyerline_vendor_call_seconds', (clock.now() - startedAt) / 1000, { vendor: 'tiktok' });
      return result;
    },
  };

  async function send(
    request: ApiRequest,
    url: string,
    body: string | undefined,
    access: ApiAccess,
  ): Promise<ApiResult<unknown>> {
    try {
      const answer = await deps.http.call({
        method: request.method,
        url,
        headers: {
          'content-type': request.form?.contentType ?? 'application/json',
          'x-tts-access-token': access.accessToken,
        },
        body: request.form?.bytes ?? body,
        timeoutMs: request.timeoutMs ?? config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal: request.signal,
      });
      return readAnswer(answer);
    } catch (thrown) {
      if (thrown instanceof NetworkNotSentError)
        return { kind: 'failed', code: 'not-sent', effect: 'retry', reason: thrown.message };
      const reason = thrown instanceof BuyerlineError ? thrown.message : 'TikTok Shop did not answer';
      return { kind: 'failed', code: 'no-answer', effect: 'internal', reason };
    }
  }
}

/** Shared with the token endpoints, which answer in the same envelope. */
export function readAnswer(answer: HttpAnswer): ApiResult<unknown> {
  const serverAt = dateOf(answer);
  const envelope = tryParseJson(answer.body.toString('utf8'));
  const fields = envelope !== null && typeof envelope === 'object' ? (envelope as Record<string, unknown>) : {};
  const code = typeof fields.code === 'number' || typeof fields.code === 'string' ? String(fields.code) : null;
  if (code === '0') return { kind: 'ok', data: fields.data ?? {}, serverAt };
  return {
    ...failureOf({
      code,
      status: answer.status,
      message: typeof fields.message === 'string' ? fields.message : '',
      requestId: typeof fields.request_id === 'string' ? fields.request_id.slice(0, 64) : undefined,
      retryAfterMs: retryAfterOf(answer),
    }),
    serverAt,
  };
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

function dateOf(answer: HttpAnswer): number | undefined {
  const at = Date.parse(one(answer.headers.date) ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function retryAfterOf(answer: HttpAnswer): number | undefined {
  const seconds = one(answer.headers['retry-after']);
  return seconds !== undefined && /^\d{1,5}$/.test(seconds) ? Math.min(3_600, Number(seconds)) * 1000 : undefined;
}

import { Agent, type Dispatcher, errors, request } from 'undici';
import { BuyerlineError, NetworkNotSentError, NetworkUnknownError } from './errors.ts';

/**
 * The one way out of the process. Decided 2026-11-21: undici's pooled `request` rather than global `fetch`, which carried
 * a tenth of the calls per second in our measurements. Redirects are never followed: a platform API does not redirect.
 */
export interface HttpCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** May hold a signature or a token: it is never put into an error or a log. */
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  timeoutMs: number;
  /** Bound on the answer, default 2 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export interface HttpClient {
  /**
   * Resolves with any HTTP status. Rejects with {@link NetworkNotSentError} when nothing was written,
   * {@link NetworkUnknownError} when the request may have been carried out, `RESPONSE_TOO_LARGE` past `maxBytes`.
   */
  call(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_INVALID_URL',
  'UND_ERR_INVALID_ARG',
]);

export interface HttpClientOptions {
  connectTimeoutMs?: number;
  connectionsPerOrigin?: number;
  /** Replaces undici's agent, for tests and for addresses that need a guard. */
  dispatcher?: Dispatcher;
}

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const dispatcher =
    options.dispatcher ??
    new Agent({
      connections: options.connectionsPerOrigin ?? 32,
      // Short, because a server that closed an idle connection makes a send's outcome unknown.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 30_000,
      connect: { timeout: options.connectTimeoutMs ?? 3_000 },
    });
  return {
    async call(call) {
      const host = hostOf(call.url);
      const timeout = AbortSignal.timeout(call.timeoutMs);
      const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
      try {
        const answer = await request(call.url, {
          dispatcher,
          method: call.method,
          headers: call.headers,
          body: call.body,
          signal,
          headersTimeout: call.timeoutMs,
          bodyTimeout: call.timeoutMs,
        });
        const body = await readBounded(answer.body, call.maxBytes ?? 2 * 1024 * 1024, host);
        return { status: answer.statusCode, headers: answer.headers, body };
      } catch (thrown) {
        if (thrown instanceof BuyerlineError) throw thrown;
        const code = errorCode(thrown);
        if (NEVER_SENT.has(code))
          throw new NetworkNotSentError(`${host} could not be reached (${code})`, { details: { host, code } });
        throw new NetworkUnknownError(`${host} did not answer (${code})`, { details: { host, code } });
      }
    },
    close: () => dispatcher.close(),
  };
}

async function readBounded(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  maxBytes: number,
  host: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw new BuyerlineError('RESPONSE_TOO_LARGE', `${host} answered more than ${maxBytes} bytes`, {
        details: { host, maxBytes },
      });
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'invalid address');

function errorCode(thrown: unknown): string {
  if (thrown instanceof errors.UndiciError) return thrown.code;
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return 'TIMEOUT';
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown instanceof Error ? thrown.name : 'UNKNOWN';
}

import type { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { z } from 'zod';
import { InvariantError } from '../../common/errors.ts';
import type { HttpClient } from '../../common/http-client.ts';
import { tryParseJson } from '../../common/json.ts';

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;
export type ConnectorHttp = NonNullable<ConnectorOptions['httpClient']>;

/** The connector answered, and not with success. `code` is its own word (`ServiceError`, `MessageSizeTooBig`) or its status. */
export class ConnectorRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, code: string, retryAfterMs: number | undefined) {
    super(`the connector answered ${status}`);
    this.name = 'ConnectorRefusal';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 256 * 1024;

const acceptedSchema = z.object({ id: z.string().min(1) });
const refusedSchema = z.object({ error: z.object({ code: z.string().regex(/^\w{1,60}$/) }) });

/**
 * Lets Bot Framework's connector call out through the house's client: one pool, a time limit, a bounded answer, and errors that say whether the
 * message may have left. A refusal is thrown, because the connector's own pipeline would repeat a 5xx by itself, up to three times within
 * the one delivery.
 */
export function createConnectorHttp(http: HttpClient): ConnectorHttp {
  return {
    async sendRequest(request) {
      if (request.method !== 'POST') throw new InvariantError(`the connector is only posted to, not ${request.method}`);
      const headers = { ...request.headers.rawHeaders() };
      // Nothing here unpacks an answer.
      delete headers['accept-encoding'];
      const { abortSignal } = request;
      const answer = await http.call({
        method: 'POST',
        url: request.url,
        headers,
        body: typeof request.body === 'string' ? request.body : '',
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
        ...(abortSignal instanceof AbortSignal ? { signal: abortSignal } : {}),
      });
      const body = tryParseJson(answer.body.toString('utf8'));
      if (answer.status < 200 || answer.status > 299) {
        const refused = refusedSchema.safeParse(body);
        throw new ConnectorRefusal(
          answer.status,
          refused.success ? refused.data.error.code : String(answer.status),
          retryAfterMs(answer.headers['retry-after']),
        );
      }
      const accepted = acceptedSchema.safeParse(body);
      const clean = request.headers.clone();
      for (const name of clean.headerNames()) clean.remove(name);
      clean.set('content-type', 'application/json');
      // An answer that cannot be read is a success all the same: the message was taken.
      const bodyAsText = JSON.stringify(accepted.success ? { id: accepted.data.id } : {});
      return { request, status: 200, headers: clean, bodyAsText };
    },
  };
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined;
}

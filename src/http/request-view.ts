import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest } from '../contracts/http.ts';
import type { Target } from './target.ts';

export interface RequestFacts {
  request: IncomingMessage;
  response: ServerResponse;
  target: Target;
  params: Record<string, string>;
  rawBody: Buffer;
  receivedAt: number;
}

/** What handlers get. Whatever costs something is built when it is asked for, so read the fields by name: a spread copies none of these. */
export class RequestView implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Record<string, string>;
  readonly rawBody: Buffer;
  readonly receivedAt: number;
  readonly #facts: RequestFacts;
  #query: URLSearchParams | undefined;
  #headers: Record<string, string | undefined> | undefined;
  #signal: AbortSignal | undefined;

  constructor(facts: RequestFacts) {
    this.method = facts.request.method ?? 'GET';
    this.path = facts.target.path;
    this.params = facts.params;
    this.rawBody = facts.rawBody;
    this.receivedAt = facts.receivedAt;
    this.#facts = facts;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#facts.target.query);
    return this.#query;
  }

  get headers(): Record<string, string | undefined> {
    this.#headers ??= firstValues(this.#facts.request);
    return this.#headers;
  }

  /** `127.0.0.1` also for a caller that came over the IPv6 socket; empty when the caller has left. */
  get remoteAddress(): string {
    const address = this.#facts.request.socket.remoteAddress ?? '';
    return address.startsWith('::ffff:') ? address.slice(7) : address;
  }

  get signal(): AbortSignal {
    this.#signal ??= whenGone(this.#facts.response);
    return this.#signal;
  }
}

/** node joins or drops repeated headers depending on their name; here the first one always counts. */
function firstValues(request: IncomingMessage): Record<string, string | undefined> {
  const { rawHeaders, headers: joined } = request;
  // Without a repeated header node's own object says the same, and it exists already.
  if (Object.keys(joined).length * 2 === rawHeaders.length && joined['set-cookie'] === undefined) {
    return joined as Record<string, string | undefined>;
  }
  const headers: Record<string, string | undefined> = Object.create(null);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    headers[name] ??= rawHeaders[i + 1];
  }
  return headers;
}

function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const check = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.destroyed || response.closed) check();
  else response.once('close', check);
  return controller.signal;
}

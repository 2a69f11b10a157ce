/** HTTP as the rest of the house sees it; only `http/` knows the server library. */
export interface HttpRequest {
  method: string;
  /** Without the query. */
  path: string;
  /** From `:name` in the route's path, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** Lower-case names; a repeated header keeps its first value. */
  headers: Record<string, string | undefined>;
  /** Exactly the bytes that arrived. Empty for GET. */
  rawBody: Buffer;
  remoteAddress: string;
  receivedAt: number;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

export interface HttpReply {
  status: number;
  headers?: Record<string, string>;
  /** An async iterable is streamed (server-sent events). */
  body?: string | Buffer | AsyncIterable<string>;
}

export interface HttpRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/oauth/tiktok/callback`, `/webhooks/udesk/:secret`, or with a trailing `/*` for everything below. */
  path: string;
  handle(request: HttpRequest): Promise<HttpReply> | HttpReply;
}

import type { ServerResponse } from 'node:http';
import type { Clock } from '../common/clock.ts';
import { BuyerlineError, coerceError } from '../common/errors.ts';
import type { HttpReply, HttpRoute } from '../contracts/http.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { answerUnreadable, cannotListen, reachableHost, watchFreshSockets } from './connections.ts';
import { ERROR_STATUS, type ErrorStatusTable, statusOf } from './error-status.ts';
import { createLogGate } from './log-gate.ts';
import { declaredBytes, EMPTY, readBody, takeArrived } from './read-body.ts';
import { RequestView } from './request-view.ts';
import { createRestifyServer, type Done } from './restify-server.ts';
import { createRouteTable } from './route-table.ts';
import { type OpenStream, streamBody } from './stream-body.ts';
import { type IncomingRequest, isHost, readTarget, TARGET } from './target.ts';
import { type WholeReply, writeReply } from './write-reply.ts';

export interface HttpServerOptions {
  /** `0.0.0.0`, `127.0.0.1`, `::`. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** A larger body is answered 413, by its declared length before it is read. */
  maxBodyBytes: number;
  routes: readonly HttpRoute[];
  logger: Logger;
  metrics: Metrics;
  clock: Clock;
  /** For a whole body, default 10,000; then 408. */
  bodyTimeoutMs?: number;
  /** For a connection's first headers, default 10,000; on a connection that is used again node enforces it within 30 s more. */
  headersTimeoutMs?: number;
  /** Changes rows of {@link ERROR_STATUS}. */
  errorStatus?: ErrorStatusTable;
}

export interface HttpServer {
  /**
   * Resolves when connections are accepted. `url` is for this machine: `http://127.0.0.1:3978`.
   * Rejects with ConfigError naming `PORT` or `HOST` when the address cannot be taken.
   */
  listen(): Promise<{ port: number; url: string }>;
  /**
   * Takes no new connection, ends event streams, lets answers under way finish and destroys what is left after `deadlineMs`.
   * A repeated call waits for the first one.
   */
  stop(deadlineMs: number): Promise<void>;
}

const BAD_REQUEST: WholeReply = { status: 400 };
const NOT_FOUND: WholeReply = { status: 404 };
const TOO_SLOW: WholeReply = { status: 408 };
const TOO_LARGE: WholeReply = { status: 413 };
const STOPPING: WholeReply = { status: 503 };
/** Longer than the idle time of common load balancers (60 s): else one sends into a connection that we are just closing, and reports 502. */
const KEEP_ALIVE_MS = 65_000;
const IDLE_SWEEP_MS = 50;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { logger, metrics, clock, maxBodyBytes } = options;
  const bodyTimeoutMs = options.bodyTimeoutMs ?? 10_000;
  const headersTimeoutMs = options.headersTimeoutMs ?? 10_000;
  const errorStatus = options.errorStatus === undefined ? ERROR_STATUS : { ...ERROR_STATUS, ...options.errorStatus };
  const table = createRouteTable(options.routes);
  const gate = createLogGate(clock);
  const limits = { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs, clock };
  const streams = new Set<OpenStream>();
  let stopping: Promise<void> | undefined;

  const restify = createRestifyServer(serve);
  const node = restify.node;
  node.keepAliveTimeout = KEEP_ALIVE_MS;
  node.headersTimeout = headersTimeoutMs;
  node.requestTimeout = headersTimeoutMs + bodyTimeoutMs + 5_000;
  const fresh = watchFreshSockets(node, clock, headersTimeoutMs);
  answerUnreadable(node, clock);
  restify.onError((error) => {
    if (node.listening) logger.error('http.accept_failed', { error });
  });

  restify.first((request, response) => {
    fresh.spoke(request.socket);
    const target = isHost(request.headers.host) ? readTarget(request.url ?? '') : undefined;
    if (target === undefined) {
      answer(request, response, 'none', BAD_REQUEST);
      return false;
    }
    request[TARGET] = target;
    return true;
  });

  /** Everything after the guard; all that is thrown ends here, so that no request can end the process. */
  function serve(request: IncomingRequest, response: ServerResponse, done: Done): void {
    const finish = () => {
      // Without an answer restify would write one of its own, with its own words.
      if (response.headersSent) done();
    };
    route(request, response).then(finish, (thrown) => {
      logger.error('http.answer_failed', { error: coerceError(thrown) });
      response.destroy();
      finish();
    });
  }

  async function route(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const target = request[TARGET];
    if (target === undefined) return answer(request, response, 'none', BAD_REQUEST);
    const match = table.match(request.method ?? 'GET', target.path);
    if (match.kind === 'unknown') return answer(request, response, 'none', NOT_FOUND);
    if (match.kind === 'wrong-method') {
      return answer(request, response, 'none', { status: 405, headers: { allow: match.allow } });
    }
    const name = match.route.path;
    if (stopping !== undefined) return answer(request, response, name, STOPPING);

    let rawBody = EMPTY;
    if (match.route.method !== 'GET') {
      if ((declaredBytes(request) ?? 0) > maxBodyBytes) return answer(request, response, name, TOO_LARGE);
      const arrived = takeArrived(request);
      if (arrived !== undefined) {
        if (arrived.length > maxBodyBytes) return answer(request, response, name, TOO_LARGE);
        rawBody = arrived;
      } else {
        if (request.headers.expect !== undefined) response.writeContinue();
        const read = await readBody(request, limits);
        if (read.kind === 'gone') return;
        if (read.kind === 'too-large') return answer(request, response, name, TOO_LARGE);
        if (read.kind === 'too-slow') return answer(request, response, name, TOO_SLOW);
        rawBody = read.bytes;
      }
    }

    const view = new RequestView({
      request,
      response,
      target,
      params: match.params,
      rawBody,
      receivedAt: clock.now(),
    });
    try {
      const handled = match.route.handle(view);
      const reply = handled instanceof Promise ? await handled : handled;
      if (isStreamed(reply)) await stream(request, response, name, reply);
      else answer(request, response, name, reply as WholeReply);
    } catch (thrown) {
      fail(request, response, match.route, thrown);
    }
  }

  function answer(request: IncomingRequest, response: ServerResponse, name: string, reply: WholeReply): void {
    if (response.destroyed) return;
    writeReply(request, response, reply, clock, stopping !== undefined);
    metrics.count('buyerline_http_answers_total', { route: name, status: String(reply.status) });
  }

  async function stream(
    request: IncomingRequest,
    response: ServerResponse,
    name: string,
    reply: StreamedReply,
  ): Promise<void> {
    if (response.destroyed || request.method === 'HEAD') {
      void Promise.resolve(reply.body[Symbol.asyncIterator]().return?.()).catch(() => {});
      answer(request, response, name, { status: reply.status, headers: reply.headers });
      return;
    }
    response.writeHead(reply.status, reply.headers);
    response.flushHeaders();
    metrics.count('buyerline_http_answers_total', { route: name, status: String(reply.status) });
    const open = streamBody(response, reply.body);
    // Events have no end of their own; other streams (an export) are finite and may finish while the server stops.
    const endless = Object.entries(reply.headers ?? {}).some(
      ([header, value]) => header.toLowerCase() === 'content-type' && value.startsWith('text/event-stream'),
    );
    if (endless) streams.add(open);
    if (endless && stopping !== undefined) open.end();
    await open.done.finally(() => streams.delete(open));
  }

  /** Nothing of the error reaches the client. */
  function fail(request: IncomingRequest, response: ServerResponse, route: HttpRoute, thrown: unknown): void {
    const status = statusOf(thrown, errorStatus);
    const error = coerceError(thrown);
    const code = error instanceof BuyerlineError ? error.code : error.name;
    if (status >= 500) {
      const open = gate(`${route.path} ${code}`);
      if (open !== undefined) {
        logger.error('http.request_failed', {
          route: route.path,
          method: route.method,
          status,
          error,
          heldBack: open.held,
        });
      }
    }
    if (response.headersSent) response.destroy();
    else answer(request, response, route.path, { status });
  }

  return {
    listen() {
      return new Promise((resolve, reject) => {
        const onError = (error: Error) => reject(cannotListen(error, options));
        node.once('error', onError);
        node.listen({ port: options.port, host: options.host }, () => {
          node.off('error', onError);
          const address = node.address();
          const port = typeof address === 'object' && address !== null ? address.port : options.port;
          resolve({ port, url: `http://${reachableHost(options.host)}:${port}` });
        });
      });
    },
    stop(deadlineMs) {
      stopping ??= new Promise<void>((resolve) => {
        const deadline = clock.schedule(deadlineMs, () => node.closeAllConnections());
        // A connection whose answer was already under way as "keep alive" becomes idle only now and then.
        let sweep = { cancel: () => {} };
        const closeIdle = () => {
          node.closeIdleConnections();
          sweep = clock.schedule(IDLE_SWEEP_MS, closeIdle);
        };
        node.close(() => {
          deadline.cancel();
          sweep.cancel();
          resolve();
        });
        fresh.destroyAll();
        closeIdle();
      });
      for (const open of streams) open.end();
      return stopping;
    },
  };
}

type StreamedReply = HttpReply & { body: AsyncIterable<string> };

const isStreamed = (reply: HttpReply): reply is StreamedReply =>
  typeof reply.body === 'object' && !Buffer.isBuffer(reply.body);

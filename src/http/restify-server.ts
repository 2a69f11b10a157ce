import { EventEmitter } from 'node:events';
import type { Server as NodeServer, ServerResponse } from 'node:http';
import restify from 'restify';
import type { IncomingRequest } from './target.ts';

/**
 * The one file that touches restify; `@types/restify` describe version 8, so what we use of version 12 is typed here once.
 *
 * Decided 2026-11-21: restify keeps the request's life cycle, our own {@link RouteTable} replaces its router (the `router` option).
 * restify's router parses `http://{Host}{url}` with `new URL` for each request, which throws inside the request event and kills the
 * process on a malformed Host; turned down: guarding alone, because every later use of `req.getUrl()` would need the guard again.
 * It also runs each handler through two chains with timers; one handler per request is all we need.
 */
export type Done = () => void;

/** Must never throw and must call `done` once it has answered or the client is gone. */
export type ServeRequest = (request: IncomingRequest, response: ServerResponse, done: Done) => void;

export interface RestifyServer {
  /** The server of `node:http` below it. */
  readonly node: NodeServer;
  /** Runs before restify does anything with a request; `false` ends it there. */
  first(check: (request: IncomingRequest, response: ServerResponse) => boolean): void;
  /** Failed accepts (out of file descriptors) and failed listens. Without a listener they would end the process. */
  onError(listener: (error: Error) => void): void;
}

/** What restify 12 asks of a router. */
class OneHandlerRouter extends EventEmitter {
  readonly #serve: ServeRequest;
  constructor(serve: ServeRequest) {
    super();
    this.#serve = serve;
  }
  lookup(): ServeRequest {
    return this.#serve;
  }
  defaultRoute(request: IncomingRequest, response: ServerResponse, done: Done): void {
    this.#serve(request, response, done);
  }
}

interface RestifyTwelve {
  server: NodeServer;
  first(check: (request: IncomingRequest, response: ServerResponse) => boolean): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const nothing = () => false;
const quiet = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

export function createRestifyServer(serve: ServeRequest): RestifyServer {
  const options = {
    // No `Server` header.
    name: '',
    // restify's own pino would write beside ours, without redaction.
    log: quiet,
    router: new OneHandlerRouter(serve),
    // `100 Continue` is sent when the body is wanted, so that a refused body is never invited.
    noWriteContinue: true,
  };
  const server = restify.createServer(
    options as unknown as Parameters<typeof restify.createServer>[0],
  ) as unknown as RestifyTwelve;
  // restify listens to `upgrade` and does nothing: such a socket would hang for ever outside every time-out. Without a listener node
  // serves the request as an ordinary one, which is also what clients that offer `Upgrade: h2c` (Java) expect.
  server.server.removeAllListeners('upgrade');
  return {
    node: server.server,
    first: (check) => void server.first(check),
    onError: (listener) => void server.on('error', listener),
  };
}

import { connect, type Socket } from 'node:net';
import { systemClock } from '../../../src/common/clock.ts';
import type { HttpRoute } from '../../../src/contracts/http.ts';
import { silentLogger } from '../../../src/contracts/logger.ts';
import { noMetrics } from '../../../src/contracts/metrics.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../src/http/http-server.ts';

export interface Running {
  server: HttpServer;
  port: number;
  url: string;
}

const open: HttpServer[] = [];
const sockets: Socket[] = [];

export async function serveRoutes(routes: HttpRoute[], options: Partial<HttpServerOptions> = {}): Promise<Running> {
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000,
    logger: silentLogger,
    metrics: noMetrics,
    clock: systemClock,
    ...options,
    routes,
  });
  open.push(server);
  return { server, ...(await server.listen()) };
}

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((server) => server.stop(1_000)));
}

export interface RawSocket {
  socket: Socket;
  write(text: string | Buffer): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves as soon as what was received fits; rejects when the connection closes without it. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything when the server has closed the connection. */
  closed: Promise<string>;
}

export async function rawSocket(port: number): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  let look: () => void = () => {};
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
    look();
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(text));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    received: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(text)) resolve(text);
        };
        look();
        void closed.then(() => reject(new Error(`closed after: ${text.slice(0, 200)}`)));
      }),
    closed,
  };
}

/** One exchange: what is sent, as it is, and the first whole head of the answer. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const raw = await rawSocket(port);
  raw.write(bytes);
  const head = await raw.until(/\r\n\r\n/);
  raw.socket.destroy();
  return head;
}

export const statusOfHead = (head: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);

/** Turns of the event loop until it is so; a test that waits in vain ends by its own time-out. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

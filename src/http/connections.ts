import type { Server as NodeServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../common/clock.ts';
import { ConfigError } from '../common/errors.ts';
import { endSocket } from './linger.ts';

const wholeAnswer = (status: string): string => `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

export interface FreshSockets {
  /** This connection has sent its first headers. */
  spoke(socket: Socket): void;
  destroyAll(): void;
}

/**
 * Connections that have not sent a request yet. node looks for slow headers only every 30 s, and counts a silent new connection
 * as busy when the server closes: a browser's spare connection would hold up a stop until its deadline.
 */
export function watchFreshSockets(node: NodeServer, clock: Clock, timeoutMs: number): FreshSockets {
  const fresh = new Map<Socket, { cancel(): void }>();
  const forget = (socket: Socket) => {
    fresh.get(socket)?.cancel();
    fresh.delete(socket);
  };
  node.on('connection', (socket: Socket) => {
    fresh.set(
      socket,
      clock.schedule(timeoutMs, () => {
        fresh.delete(socket);
        endSocket(socket, wholeAnswer('408 Request Timeout'), clock);
      }),
    );
    socket.once('close', () => forget(socket));
  });
  return {
    spoke: forget,
    destroyAll() {
      for (const socket of fresh.keys()) socket.destroy();
    },
  };
}

const UNREADABLE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: wholeAnswer('431 Request Header Fields Too Large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: wholeAnswer('413 Payload Too Large'),
  ERR_HTTP_REQUEST_TIMEOUT: wholeAnswer('408 Request Timeout'),
};
const BAD_REQUEST = wholeAnswer('400 Bad Request');

/** Answers bytes that are not HTTP. node does so too, but closes at once, and a client that is still sending never sees the answer. */
export function answerUnreadable(node: NodeServer, clock: Clock): void {
  const answered = new WeakSet<Socket>();
  node.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket & { _httpMessage?: { headersSent: boolean } | null };
    // The parser reports every further piece of the same garbage.
    if (answered.has(socket)) return;
    // Not into the middle of an answer to an earlier request of this connection.
    if (!socket.writable || error.code === 'ECONNRESET' || socket._httpMessage?.headersSent === true) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    endSocket(socket, UNREADABLE[error.code ?? ''] ?? BAD_REQUEST, clock);
  });
}

/** Says which setting to change when an address cannot be listened on; any other error stays as it is. */
export function cannotListen(error: Error, address: { host: string; port: number }): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError([
        { where: 'PORT', what: `${address.port} is taken by another program: stop it, or write another port` },
      ]);
    case 'EACCES':
      return new ConfigError([
        { where: 'PORT', what: `${address.port} may not be opened by this user: write a port above 1023` },
      ]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
      return new ConfigError([
        { where: 'HOST', what: `${address.host} is not an address of this machine: write 0.0.0.0 or 127.0.0.1` },
      ]);
    default:
      return error;
  }
}

/** An address under which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

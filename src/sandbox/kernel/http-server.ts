import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SimRequest {
  method: string;
  /** Still percent-encoded, without the query: this is what signatures cover. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The bytes as they came. */
  body: Buffer;
}

/** `drop` cuts the connection without an answer; `stream` keeps it open and hands it over. */
export type SimAnswer =
  | { kind: 'answer'; status: number; headers?: OutgoingHttpHeaders; body: string | Buffer }
  | { kind: 'drop' }
  | { kind: 'stream'; headers: OutgoingHttpHeaders; open: (response: ServerResponse) => void };

export interface SimServer {
  /** `http://127.0.0.1:43125`, no slash at the end. */
  url: string;
  port: number;
  /** Cuts open connections: a simulator has nothing to finish. */
  stop(): Promise<void>;
}

export interface SimServerOptions {
  host: string;
  port: number;
  /** More is answered 413 without reading on. */
  maxBodyBytes: number;
  answer(request: SimRequest): Promise<SimAnswer> | SimAnswer;
}

export const jsonAnswer = (status: number, value: unknown, headers: OutgoingHttpHeaders = {}): SimAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

export const textAnswer = (status: number, contentType: string, body: string | Buffer): SimAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': contentType },
  body,
});

export function startSimServer(options: SimServerOptions): Promise<SimServer> {
  const server = createServer((incoming, response) => {
    void handle(incoming, response, options);
  });
  // An idle connection outlives the clients' own 4 s, so that no request meets a socket that is being closed.
  server.keepAliveTimeout = 20_000;
  server.on('clientError', (_error, socket) => {
    socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      const { port } = server.address() as AddressInfo;
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      resolve({
        url: `http://${host}:${port}`,
        port,
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function handle(incoming: IncomingMessage, response: ServerResponse, options: SimServerOptions): Promise<void> {
  let answer: SimAnswer;
  try {
    const body = await readBody(incoming, options.maxBodyBytes);
    if (body === null) answer = textAnswer(413, 'text/plain', '');
    else answer = await options.answer(toRequest(incoming, body));
  } catch {
    if (incoming.destroyed && !incoming.complete) return;
    answer = textAnswer(500, 'text/plain', 'the simulator failed on this request');
  }
  if (answer.kind === 'drop') {
    incoming.socket.destroy();
    return;
  }
  if (answer.kind === 'stream') {
    response.writeHead(200, answer.headers);
    answer.open(response);
    return;
  }
  const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  response.end(bytes);
}

/** The request line is untrusted: an absolute-form or broken target becomes a path that no endpoint has. */
function toRequest(incoming: IncomingMessage, body: Buffer): SimRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: incoming.headers,
    body,
  };
}

function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        incoming.removeAllListeners('data');
        incoming.resume();
        resolve(null);
        return;
      }
      chunks.push(chunk);
    });
    incoming.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    incoming.on('error', reject);
    incoming.on('close', () => reject(new Error('the client went away')));
  });
}

/**
 * A marketplace and a desk that say yes at once, so that what is measured is the bridge. Prints `{"port":..,"repliesPort":..}`.
 * Whoever connects to `repliesPort` is told each reply as a line `<conversation id> <sequence>`, written once per event-loop turn.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createReplyLedger } from './reply-ledger.ts';

const ledger = createReplyLedger();
const listeners = new Set<Socket>();
let announcements = '';
let serial = 0;

const json = { 'content-type': 'application/json' };
const SEND = /^\/customer_service\/\d+\/conversations\/(\d+)\/messages(?:\?|$)/;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(request, chunks, response));
});

function answer(request: IncomingMessage, chunks: readonly Buffer[], response: ServerResponse): void {
  const url = request.url ?? '/';
  const conversation = request.method === 'POST' ? SEND.exec(url)?.[1] : undefined;
  if (conversation !== undefined) {
    const body: { content?: unknown } = JSON.parse(Buffer.concat(chunks).toString());
    announce(conversation, ledger.note(conversation, String(body.content)));
    serial += 1;
    respond(response, {
      code: 0,
      message: 'Success',
      data: { message_id: String(8_000_000_000_000_000_000n + BigInt(serial)) },
    });
  } else if (url === '/bench/report') respond(response, ledger.report());
  else if (url === '/bench/reset') {
    ledger.reset();
    respond(response, {});
  } else if (url.startsWith('/open_api_v1')) respond(response, { code: 1000, message: 'OK' });
  else if (url.startsWith('/customer_service/') && /\/conversations(?:\?|$)/.test(url))
    respond(response, { code: 0, message: 'Success', data: { next_page_token: '', conversations: [] } });
  else respond(response, { code: 0, message: 'Success', data: {} });
}

function respond(response: ServerResponse, body: object): void {
  response.writeHead(200, json).end(JSON.stringify(body));
}

function announce(conversation: string, sequence: number | null): void {
  if (sequence === null || listeners.size === 0) return;
  if (announcements === '') setImmediate(flush);
  announcements += `${conversation} ${sequence}\n`;
}

function flush(): void {
  for (const socket of listeners) socket.write(announcements);
  announcements = '';
}

const replies = createTcpServer((socket) => {
  listeners.add(socket);
  socket.setNoDelay(true);
  socket.on('close', () => listeners.delete(socket));
  socket.on('error', () => socket.destroy());
});

const portOf = (listening: { address(): string | { port: number } | null }): number => {
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

server.keepAliveTimeout = 120_000;
replies.listen(0, '127.0.0.1', () => {
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ port: portOf(server), repliesPort: portOf(replies) })}\n`);
  });
});

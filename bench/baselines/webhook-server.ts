import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { APP_KEY, APP_SECRET } from '../protocol.ts';

/** The fields of a NEW_MESSAGE delivery that a bot reads. */
export interface Delivery {
  shop_id: string;
  timestamp: number;
  data: {
    conversation_id: string;
    message_id: string;
    content: string;
    sender: { im_user_id: string; role: string };
  };
}

/**
 * Baseline A, and the entrance of D and E: bare node:http, checks the HMAC over the raw bytes, parses the JSON, answers 200
 * (401 for a wrong signature, 500 when `handle` rejects). Prints `{"port":..}`.
 */
export function serveWebhooks(handle?: (delivery: Delivery) => Promise<void>): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      if (!isSigned(body, request.headers.authorization)) return finish(response, 401);
      const delivery: Delivery = JSON.parse(body.toString());
      if (handle === undefined) return finish(response, delivery.data.message_id === '' ? 400 : 200);
      handle(delivery).then(
        () => finish(response, 200),
        (thrown) => {
          process.stderr.write(`${thrown instanceof Error ? thrown.stack : thrown}\n`);
          finish(response, 500);
        },
      );
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`);
  });
}

function isSigned(body: Buffer, given: string | undefined): boolean {
  const expected = createHmac('sha256', APP_SECRET).update(APP_KEY).update(body).digest();
  const claimed = Buffer.from(given ?? '', 'hex');
  return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

function finish(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}

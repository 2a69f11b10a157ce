import type { ServerResponse } from 'node:http';
import type { Clock } from '../common/clock.ts';
import type { HttpReply } from '../contracts/http.ts';
import { endAfterDraining } from './linger.ts';
import { bodyPending } from './read-body.ts';
import type { IncomingRequest } from './target.ts';

export interface WholeReply extends Omit<HttpReply, 'body'> {
  body?: string | Buffer;
}

const EMPTY_HEADERS: Record<string, string> = Object.freeze({ 'content-length': '0' });
/** These never have a body, so they must not announce one. */
const bodiless = (status: number): boolean => status === 204 || status === 304;

/**
 * Writes status, headers and body and ends the answer. Throws, with nothing sent, when a status or header is not valid HTTP.
 * `close` ends the connection after this answer.
 */
export function writeReply(
  request: IncomingRequest,
  response: ServerResponse,
  reply: WholeReply,
  clock: Clock,
  close: boolean,
): void {
  const pending = bodyPending(request);
  const body = reply.body;
  let headers = EMPTY_HEADERS;
  if (body !== undefined || reply.headers !== undefined || close || pending || bodiless(reply.status)) {
    headers = { ...reply.headers };
    if (!bodiless(reply.status)) headers['content-length'] = String(body === undefined ? 0 : Buffer.byteLength(body));
    if (close || pending) headers.connection = 'close';
  }
  response.writeHead(reply.status, headers);
  if (!pending) {
    response.end(body);
    return;
  }
  if (body === undefined || body.length === 0) response.flushHeaders();
  else response.write(body);
  endAfterDraining(request, response, clock);
}

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../common/clock.ts';
import { type IncomingRequest, TAKEN } from './target.ts';

export interface BodyLimits {
  maxBytes: number;
  /** For the whole body, counted from the end of the headers: a body that trickles is as costly as one that stops. */
  timeoutMs: number;
  clock: Clock;
}

export type BodyRead =
  | { kind: 'whole'; bytes: Buffer }
  | { kind: 'too-large' }
  | { kind: 'too-slow' }
  /** The client left; there is nobody to answer. */
  | { kind: 'gone' };

export const EMPTY: Buffer = Buffer.alloc(0);

/**
 * True while bytes of a body may still be under way. node runs our handler after the first piece of the body and before it has seen
 * that this was all (`complete`), so a body of known length counts as arrived by its bytes.
 */
export function bodyPending(request: IncomingRequest): boolean {
  if (request.complete || request[TAKEN] === true) return false;
  const declared = declaredBytes(request);
  if (declared === undefined) return request.headers['transfer-encoding'] !== undefined;
  return request.readableLength < declared;
}

/** The declared size in bytes; `undefined` for chunked bodies. node has already refused anything that is not digits. */
export function declaredBytes(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/**
 * The body of a request that came in one piece, without a listener or a timer: a webhook's body nearly always arrives in the same
 * packet as its headers. `undefined` when it has to be waited for.
 */
export function takeArrived(request: IncomingRequest): Buffer | undefined {
  if (bodyPending(request)) return undefined;
  const bytes: unknown = request.read();
  request[TAKEN] = true;
  return Buffer.isBuffer(bytes) ? bytes : EMPTY;
}

/** Never rejects. After `too-large` and `too-slow` the rest is left unread: the caller decides how to close. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (read: BodyRead) => {
      timer.cancel();
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      if (read.kind !== 'whole') request.pause();
      resolve(read);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBytes) finish({ kind: 'too-large' });
      else chunks.push(chunk);
    };
    const onEnd = () => {
      const [only] = chunks;
      finish({
        kind: 'whole',
        bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size),
      });
    };
    const onGone = () => finish({ kind: 'gone' });
    const timer = limits.clock.schedule(limits.timeoutMs, () => finish({ kind: 'too-slow' }));
    if (request.destroyed) {
      onGone();
      return;
    }
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../common/clock.ts';

/** How long and how much we keep reading from a client that was answered before it had said everything. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Ends an answer whose request has not been read to its end. Closing with unread bytes makes the kernel send a reset, which can take
 * the answer away before the client has read it; so the rest is read and thrown away for a moment, then the connection is closed.
 * The answer itself is complete for the client at once: its headers carry its length.
 */
export function endAfterDraining(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  let drained = 0;
  const finish = () => {
    timer.cancel();
    request.off('data', onData).off('end', finish).off('close', finish).off('error', finish);
    response.end();
  };
  const onData = (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > LINGER_BYTES) finish();
  };
  const timer = clock.schedule(LINGER_MS, finish);
  request.on('data', onData).on('end', finish).on('close', finish).on('error', finish);
  request.resume();
}

/** The same for a connection on which no request could be read at all. `answer` is a whole HTTP answer that says `Connection: close`. */
export function endSocket(socket: Socket, answer: string, clock: Clock): void {
  const timer = clock.schedule(LINGER_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
  socket.end(answer);
}

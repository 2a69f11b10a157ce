import type { ServerResponse } from 'node:http';

const GONE = Symbol('gone');

export interface OpenStream {
  /** Ends the answer after the piece that is being written; used when the server stops. */
  end(): void;
  /** Resolves when the answer has ended; rejects with what the source raised. */
  readonly done: Promise<void>;
}

/**
 * Writes the pieces of `source` as they come and waits whenever the client reads slower than we write. When the client leaves, or on
 * `end()`, the source's `return()` is called; a source that waits for something should also listen to the request's `signal`, because an
 * async generator cannot be woken from its own `await`. Status and headers have been written before.
 */
export function streamBody(response: ServerResponse, source: AsyncIterable<string>): OpenStream {
  const pieces = source[Symbol.asyncIterator]();
  let over = response.destroyed;
  // One waiter at a time. Promise.race against one long-lived promise would keep every piece of a long stream in memory.
  let wake: (() => void) | undefined;
  const leave = () => {
    over = true;
    wake?.();
  };
  const orGone = <T>(pending: Promise<T>): Promise<T | typeof GONE> =>
    new Promise((resolve, reject) => {
      wake = () => resolve(GONE);
      if (over) wake();
      pending.then(resolve, reject);
    });

  const run = async () => {
    response.once('close', leave);
    let exhausted = false;
    try {
      while (!over) {
        const next = await orGone(pieces.next());
        if (next === GONE) break;
        exhausted = next.done === true;
        if (exhausted) break;
        if (!response.write(next.value)) await orGone(drained(response));
      }
    } catch (thrown) {
      // A raised source is finished already. The cut connection tells the client that the answer is not whole.
      exhausted = true;
      response.destroy();
      throw thrown;
    } finally {
      response.off('close', leave);
      if (!exhausted) void Promise.resolve(pieces.return?.()).catch(() => {});
      response.end();
    }
  };
  return { end: leave, done: run() };
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once('drain', resolve);
  });

/** Time as a part that tests can hold still. Milliseconds since 1970 everywhere unless a name says `Sec`. */
export interface Clock {
  now(): number;
  /** Runs `task` once after `delayMs`; the returned handle cancels it. Never keeps the process alive by itself. */
  schedule(delayMs: number, task: () => void): { cancel(): void };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    // setTimeout overflows above 2^31-1 ms and then fires at once.
    const handle = setTimeout(task, Math.min(Math.max(0, delayMs), 2_147_483_647));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Waits on the given clock; rejects with the signal's reason when aborted. */
export function wait(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      handle.cancel();
      reject(signal?.reason);
    };
    const handle = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

import type { Clock } from '../../common/clock.ts';

/**
 * A platform's clock that a test can move without moving the client's.
 *
 * Two readings, because they serve two purposes: `now` is the age of conversations, quotas and retries; `wireNow` judges the
 * timestamps of requests and the life of tokens. Advancing six hours to see a conversation close must not make every
 * correctly signed request stale, so `advance` moves the wire reading only when asked to.
 */
export interface SimClock extends Clock {
  wireNow(): number;
  /** Moves `now` ahead and runs what became due, oldest first. `wire: true` moves `wireNow` too (a platform whose clock is off). */
  advance(ms: number, options?: { wire?: boolean }): void;
  /** Undisturbed time: for network delays, which nobody wants to skip. */
  readonly base: Clock;
  stop(): void;
}

interface Task {
  at: number;
  run: () => void;
  handle: { cancel(): void };
}

export function createSimClock(base: Clock): SimClock {
  let offset = 0;
  let wireOffset = 0;
  const tasks = new Set<Task>();
  const now = () => base.now() + offset;

  const arm = (task: Task) => {
    task.handle = base.schedule(Math.max(0, task.at - now()), () => {
      if (tasks.delete(task)) task.run();
    });
  };

  return {
    base,
    now,
    wireNow: () => base.now() + wireOffset,
    schedule(delayMs, run) {
      const task: Task = { at: now() + Math.max(0, delayMs), run, handle: { cancel: () => undefined } };
      tasks.add(task);
      arm(task);
      return {
        cancel() {
          tasks.delete(task);
          task.handle.cancel();
        },
      };
    },
    advance(ms, options = {}) {
      offset += ms;
      if (options.wire === true) wireOffset += ms;
      const due = [...tasks].filter((task) => task.at <= now()).sort((a, b) => a.at - b.at);
      for (const task of tasks) task.handle.cancel();
      for (const task of due) if (tasks.delete(task)) task.run();
      for (const task of tasks) {
        task.handle.cancel();
        arm(task);
      }
    },
    stop() {
      for (const task of tasks) task.handle.cancel();
      tasks.clear();
    },
  };
}

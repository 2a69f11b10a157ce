import type { Clock } from '../../src/common/clock.ts';

/** Time that moves only when a test says so. `advance` runs due tasks in order and lets promises settle between them. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
  /** Tasks still waiting; a leak check. */
  waiting(): number;
}

export function createFakeClock(startAt = 1_700_000_000_000): FakeClock {
  let now = startAt;
  let serial = 0;
  const tasks = new Map<number, { at: number; run: () => void }>();
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    schedule(delayMs, task) {
      serial += 1;
      const id = serial;
      tasks.set(id, { at: now + Math.max(0, delayMs), run: task });
      return { cancel: () => tasks.delete(id) };
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const due = [...tasks]
          .filter(([, task]) => task.at <= until)
          .sort(([ai, a], [bi, b]) => a.at - b.at || ai - bi)[0];
        if (due === undefined) break;
        tasks.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].run();
        await settle();
      }
      now = until;
      await settle();
    },
    waiting: () => tasks.size,
  };
}

import type { Clock } from '../common/clock.ts';

/**
 * Lets one line per key through in `everyMs` and says how many were held back since the last one: a forged flood or a store that is
 * down must not fill the disk with one line per request. Keys come from routes and codes, never from what a caller sends.
 */
export function createLogGate(clock: Clock, everyMs = 5_000): (key: string) => { held: number } | undefined {
  const gates = new Map<string, { openAt: number; held: number }>();
  return (key) => {
    const now = clock.now();
    const gate = gates.get(key);
    if (gate !== undefined && now < gate.openAt) {
      gate.held += 1;
      return undefined;
    }
    gates.set(key, { openAt: now + everyMs, held: 0 });
    return { held: gate?.held ?? 0 };
  };
}

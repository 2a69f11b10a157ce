/** Counts calls in a sliding window, by key. A refused call does not count. */
export interface RateWindow {
  /** False when `limit` calls of this key already lie within the window. A limit of 0 lets everything through. */
  take(key: string, nowMs: number): boolean;
}

export function createRateWindow(limit: number, windowMs: number): RateWindow {
  const rings = new Map<string, { times: number[]; next: number }>();
  return {
    take(key, nowMs) {
      if (limit <= 0) return true;
      let ring = rings.get(key);
      if (ring === undefined) {
        // Bounded: keys come from callers. Forgetting the oldest key costs a little strictness, never memory.
        if (rings.size >= 10_000) rings.delete(rings.keys().next().value ?? key);
        ring = { times: [], next: 0 };
        rings.set(key, ring);
      }
      const oldest = ring.times[ring.next];
      if (oldest !== undefined && nowMs - oldest < windowMs) return false;
      ring.times[ring.next] = nowMs;
      ring.next = (ring.next + 1) % limit;
      return true;
    },
  };
}

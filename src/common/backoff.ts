/**
 * Exponential back-off with full jitter, in milliseconds. `attempt` counts from 1.
 * Example: base 500, cap 30000 -> between 0 and 500, 0 and 1000, 0 and 2000 … plus a tenth of the base so that it is never 0.
 */
export function backoffMs(attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(20, Math.max(0, attempt - 1)));
  return Math.round(baseMs / 10 + random() * ceiling);
}

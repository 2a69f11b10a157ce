import type { Random } from './random.ts';

/**
 * Platform-like ids: 19 decimal digits, seconds since 1970 in the upper bits, always growing, never contiguous.
 * Example: `7494560109732334261`. Beyond 2^53 on purpose: whoever reads one as a number gets another conversation.
 */
export interface IdSource {
  next(): string;
}

export function createIdSource(now: () => number, random: Random): IdSource {
  let last = 0n;
  return {
    next() {
      const bySecond = BigInt(Math.floor(now() / 1000)) << 32n;
      const gap = BigInt(3 + Math.floor(random() * 900));
      last = bySecond > last ? bySecond + gap : last + gap;
      return last.toString();
    },
  };
}

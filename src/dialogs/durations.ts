import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `'90s'` -> 90000, `'1.2s'` -> 1200, `'7d'`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

/** A span in a file, as milliseconds, between the two bounds (which are shown in the message). */
export function duration(least: string, most: string) {
  const words = `write a time from ${least} to ${most}, such as 500ms, 90s, 5m, 2h or 7d`;
  return z.string({ error: words }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms < (parseDuration(least) ?? 0) || ms > (parseDuration(most) ?? 0)) {
      context.addIssue({ code: 'custom', message: words });
      return z.NEVER;
    }
    return ms;
  });
}

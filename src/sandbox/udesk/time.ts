const CHINA_OFFSET_MS = 8 * 3_600_000;

/** `2026-01-05 10:00:00` in China time, the zone of every time without one. */
export const chinaTime = (ms: number): string =>
  new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** The seed's other form: `20260105 10:00:00`. */
export const chinaTimeCompact = (ms: number): string => chinaTime(ms).replaceAll('-', '');

/** `2026-01-05T10:00:00.000+08:00`. */
export const chinaIso = (ms: number): string => `${new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 23)}+08:00`;

/** Reads `yyyy-MM-dd HH:mm:ss`, and `yyyy-MM-dd` where days are allowed; `null` for anything else. */
export function readChinaTime(text: string, allowDay: boolean): number | null {
  const full = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text);
  if (!full && !(allowDay && /^\d{4}-\d{2}-\d{2}$/.test(text))) return null;
  const ms = Date.parse(`${full ? text.replace(' ', 'T') : `${text}T00:00:00`}+08:00`);
  return Number.isNaN(ms) ? null : ms;
}

import { z } from 'zod';
import type { OpeningHours } from '../contracts/settings.ts';
import { suggestion } from './nearest.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const INTERVAL = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/;
const HINT = 'write times such as 09:00-18:00, a list of them, or closed';
const END_OF_DAY = 24 * 60;

const interval = z.string().regex(INTERVAL, HINT);
const dayHours = z.union([z.literal('closed'), interval, z.array(interval).min(1, HINT)], { error: HINT });

/** `{time_zone: Asia/Bangkok, mon-fri: 09:00-18:00, sat: closed, holidays: [2026-01-01]}`, or `always`. */
export const hoursSchema = z
  .union(
    [
      z.literal('always'),
      z.looseObject({
        time_zone: z.string({ error: 'write a time zone such as Asia/Bangkok' }),
        holidays: z
          .array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'write a date such as 2026-01-01'), {
            error: 'write a list of dates such as [2026-01-01]',
          })
          .optional(),
      }),
    ],
    { error: 'write always, or time_zone: and the days, such as mon-fri: 09:00-18:00' },
  )
  .transform((value, context): OpeningHours | null => {
    if (value === 'always') return null;
    const { time_zone: timeZone, holidays = [], ...days } = value;
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (!isTimeZone(timeZone))
      complain('time_zone', 'there is no such time zone; write one such as Asia/Bangkok or Europe/London');
    const week: OpeningHours['week'] = DAYS.map(() => []);
    for (const [key, written] of Object.entries(days)) {
      const named = daysOf(key);
      if (named === undefined) {
        complain(
          key,
          `unknown key "${key}"; ${suggestion(key, [...DAYS, 'mon-fri', 'daily', 'time_zone', 'holidays'])}`,
        );
        continue;
      }
      const parsed = dayHours.safeParse(written);
      if (!parsed.success) {
        complain(key, HINT);
        continue;
      }
      const intervals = parsed.data === 'closed' ? [] : [parsed.data].flat();
      for (const text of intervals)
        if (!addInterval(week, named, text)) complain(key, `"${text}" is not a span of time; ${HINT}`);
    }
    return { timeZone, week: week.map((day) => [...day].sort((a, b) => a.from - b.from)), holidays };
  });

/** `mon-fri` -> 1 to 5, `fri-mon` -> 5, 6, 0, 1, `daily` -> all. */
function daysOf(key: string): number[] | undefined {
  const name = key.toLowerCase();
  if (name === 'daily') return DAYS.map((_, i) => i);
  const [from, to, ...rest] = name.split('-');
  const first = DAYS.indexOf(from ?? '');
  const last = to === undefined ? first : DAYS.indexOf(to);
  if (first < 0 || last < 0 || rest.length > 0) return undefined;
  const days: number[] = [];
  for (let day = first; ; day = (day + 1) % 7) {
    days.push(day);
    if (day === last) return days;
  }
}

/** `22:00-02:00` goes on after midnight, in the next day's list. */
function addInterval(week: OpeningHours['week'], days: readonly number[], text: string): boolean {
  const match = INTERVAL.exec(text);
  if (match === null) return false;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= END_OF_DAY || to > END_OF_DAY || from === to) return false;
  for (const day of days) {
    if (from < to) week[day]?.push({ from, to });
    else {
      week[day]?.push({ from, to: END_OF_DAY });
      if (to > 0) week[(day + 1) % 7]?.push({ from: 0, to });
    }
  }
  return true;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

import type { OpeningHours } from '../contracts/settings.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How far ahead an opening is looked for: a shop on a long holiday. */
const LOOK_AHEAD_DAYS = 60;

interface LocalDay {
  year: number;
  month: number;
  day: number;
  /** 0 = Sunday. */
  weekday: number;
}

/**
 * Open at this moment, and if not, when next (milliseconds; `null` when nothing opens within 60 days). Hours `null` = always open.
 * Time zones come from Intl, so a day on which clocks change is as long as it is.
 */
export function openingState(hours: OpeningHours | null, now: number): { open: boolean; opensAt: number | null } {
  if (hours === null) return { open: true, opensAt: null };
  const local = localTime(now, hours.timeZone);
  const minute = local.hour * 60 + local.minute;
  if (intervalsOf(hours, local).some(({ from, to }) => minute >= from && minute < to))
    return { open: true, opensAt: null };
  for (let ahead = 0; ahead <= LOOK_AHEAD_DAYS; ahead++) {
    const day = addDays(local, ahead);
    const starts = intervalsOf(hours, day)
      .map(({ from }) => from)
      .filter((from) => ahead > 0 || from > minute)
      .sort((a, b) => a - b);
    const [first] = starts;
    if (first !== undefined) return { open: false, opensAt: instantOf(day, first, hours.timeZone) };
  }
  return { open: false, opensAt: null };
}

function intervalsOf(hours: OpeningHours, day: LocalDay): readonly { from: number; to: number }[] {
  const date = `${String(day.year).padStart(4, '0')}-${pad(day.month)}-${pad(day.day)}`;
  return hours.holidays.includes(date) ? [] : (hours.week[day.weekday] ?? []);
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** A calendar day, independent of zones. */
function addDays(day: LocalDay, days: number): LocalDay {
  const at = new Date(Date.UTC(day.year, day.month - 1, day.day) + days * DAY);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), weekday: at.getUTCDay() };
}

/** The moment at which clocks in the zone show this; in a gap of the clock the moment after it. */
function instantOf(day: LocalDay, minute: number, timeZone: string): number {
  const asUtc = Date.UTC(day.year, day.month - 1, day.day) + minute * MINUTE;
  let at = asUtc - offsetAt(asUtc, timeZone);
  // The offset may differ between the guess and the true moment: once more settles it.
  at = asUtc - offsetAt(at, timeZone);
  return at;
}

/** Zone's clock minus UTC in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const local = localTime(at, timeZone);
  return Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute) - Math.floor(at / MINUTE) * MINUTE;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: number, timeZone: string): LocalDay & { hour: number; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    });
    // Zones come from settings only; the bound keeps a mistake from growing.
    if (formats.size >= 100) formats.clear();
    formats.set(timeZone, format);
  }
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return { year, month, day, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(), hour, minute };
}

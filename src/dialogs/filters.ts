import type { Liquid } from 'liquidjs';
import { languageChain } from './languages.ts';
import { ORDER_WORDS, PARCEL_WORDS } from './order-words.ts';

/**
 * Filters of ours. They read `language` and `shop.time_zone` from the template's scope; what they cannot make sense of comes out as it is,
 * because half a sentence is worse than a plain value.
 */
export function registerFilters(liquid: Liquid): void {
  liquid.registerFilter('money', function (value: unknown) {
    return formatMoney(value, languageOf(this.context));
  });
  liquid.registerFilter('date', function (value: unknown, style: unknown) {
    const zone: unknown = this.context.getSync(['shop', 'time_zone']);
    return formatDate(value, style, languageOf(this.context), typeof zone === 'string' ? zone : 'UTC');
  });
  liquid.registerFilter('order_status', function (value: unknown) {
    return wordOf(ORDER_WORDS, value, languageOf(this.context));
  });
  liquid.registerFilter('parcel_status', function (value: unknown) {
    return wordOf(PARCEL_WORDS, value, languageOf(this.context));
  });
}

interface FilterContext {
  getSync(path: string[]): unknown;
}
const languageOf = (context: FilterContext): string => {
  const language = context.getSync(['language']);
  return typeof language === 'string' ? language : 'en';
};

// Making an Intl formatter costs about 50 us. Keys come from settings and three-letter currencies, so these stay small; the bound is a belt.
const MAX_FORMATTERS = 500;
const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = formatters.get(key);
  if (known !== undefined) return known as T;
  const made = make();
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(key, made);
  return made;
}

/** Buyers see the years that their marketplace shows, which is the Gregorian calendar in Thailand too. */
const intlLocale = (language: string): string => {
  const usual = language === 'en' ? 'en-GB' : language;
  return Intl.DateTimeFormat.supportedLocalesOf([usual]).length > 0 ? `${usual}-u-ca-gregory-nu-latn` : 'en-GB';
};

/** `{amount: '12.5', currency: 'GBP'}` in English -> `£12.50`. Decimal texts stay exact. */
export function formatMoney(value: unknown, language: string): string {
  if (value === null || typeof value !== 'object' || !('amount' in value) || !('currency' in value))
    return plain(value);
  const amount = String(value.amount);
  const currency = String(value.currency).toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency) || !/^-?\d{1,15}(\.\d{1,6})?$/.test(amount)) return `${amount} ${currency}`.trim();
  const format = cached(
    `m ${language} ${currency}`,
    () => new Intl.NumberFormat(intlLocale(language), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }),
  );
  return format.format(amount as Intl.StringNumericLiteral).replace(/\u00a0|\u202f/g, ' ');
}

const DATE_STYLES: Record<string, Intl.DateTimeFormatOptions> = {
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  day: { day: 'numeric', month: 'short' },
  time: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
};

/** Milliseconds -> `21 Nov 2025`. Styles: `date` (default), `day`, `time`, `weekday`. */
export function formatDate(value: unknown, style: unknown, language: string, timeZone: string): string {
  const at =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return plain(value);
  const name = typeof style === 'string' && Object.hasOwn(DATE_STYLES, style) ? style : 'date';
  const format = cached(`d ${language} ${timeZone} ${name}`, () => {
    const options = DATE_STYLES[name] ?? {};
    try {
      return new Intl.DateTimeFormat(intlLocale(language), { ...options, timeZone });
    } catch {
      return new Intl.DateTimeFormat(intlLocale(language), { ...options, timeZone: 'UTC' });
    }
  });
  return format.format(at);
}

function wordOf(
  words: Readonly<Record<string, Readonly<Record<string, string>>>>,
  value: unknown,
  language: string,
): string {
  const status = typeof value === 'object' && value !== null && 'status' in value ? String(value.status) : plain(value);
  for (const code of languageChain(language, ['en'])) {
    const table = Object.hasOwn(words, code) ? words[code] : undefined;
    if (table === undefined) continue;
    return (Object.hasOwn(table, status) ? table[status] : undefined) ?? table.unknown ?? status;
  }
  return status;
}

const plain = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? '' : String(value);

/**
 * Languages in which to look for words, best first: the language itself, its look-alike script, its family, then the shop's own, then English.
 * Example: `languageChain('zh-Hant', ['th'])` -> `['zh-Hant', 'zh-Hans', 'zh', 'th', 'en']`.
 */
export function languageChain(language: string, shopLanguages: readonly string[]): readonly string[] {
  const key = `${language} ${shopLanguages[0] ?? ''}`;
  const known = chains.get(key);
  if (known !== undefined) return known;
  const chain: string[] = [];
  const add = (code: string) => {
    if (code !== '' && !chain.includes(code)) chain.push(code);
  };
  const parts = language.split('-');
  const family = parts[0] ?? '';
  add(language);
  if (family === 'zh') {
    const traditional = parts.includes('Hant') || ['TW', 'HK', 'MO'].some((region) => parts.includes(region));
    add(traditional ? 'zh-Hant' : 'zh-Hans');
    add(traditional ? 'zh-Hans' : 'zh-Hant');
  }
  add(parts.slice(0, 2).join('-'));
  add(family);
  add(shopLanguages[0] ?? '');
  add('en');
  // Languages come from settings and from the language detector, a few dozen pairs; the bound is for odd activities of /api/messages.
  if (chains.size >= 500) chains.clear();
  chains.set(key, chain);
  return chain;
}

const chains = new Map<string, readonly string[]>();

/** The shop's market decides the time zone of dates when `hours` does not. The busiest zone stands for countries that have several. */
const MARKET_ZONES: Readonly<Record<string, string>> = {
  GB: 'Europe/London',
  IE: 'Europe/Dublin',
  DE: 'Europe/Berlin',
  FR: 'Europe/Paris',
  IT: 'Europe/Rome',
  ES: 'Europe/Madrid',
  US: 'America/New_York',
  MX: 'America/Mexico_City',
  BR: 'America/Sao_Paulo',
  TH: 'Asia/Bangkok',
  VN: 'Asia/Ho_Chi_Minh',
  ID: 'Asia/Jakarta',
  MY: 'Asia/Kuala_Lumpur',
  SG: 'Asia/Singapore',
  PH: 'Asia/Manila',
  TW: 'Asia/Taipei',
  HK: 'Asia/Hong_Kong',
  CN: 'Asia/Shanghai',
  JP: 'Asia/Tokyo',
};

/** `marketTimeZone('TH')` -> `Asia/Bangkok`; `UTC` when unknown. */
export const marketTimeZone = (market: string | null | undefined): string =>
  (market === null || market === undefined ? undefined : MARKET_ZONES[market]) ?? 'UTC';

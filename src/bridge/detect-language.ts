import { detectAll } from 'tinyld';

/** Scripts decide first: they are certain where statistics need three words. */
const SCRIPTS: { pattern: RegExp; language: string }[] = [
  { pattern: /\p{Script=Thai}/u, language: 'th' },
  { pattern: /\p{Script=Hangul}/u, language: 'ko' },
  { pattern: /[\p{Script=Hiragana}\p{Script=Katakana}]/u, language: 'ja' },
  { pattern: /\p{Script=Arabic}/u, language: 'ar' },
  { pattern: /\p{Script=Khmer}/u, language: 'km' },
  { pattern: /\p{Script=Lao}/u, language: 'lo' },
  { pattern: /\p{Script=Myanmar}/u, language: 'my' },
  { pattern: /\p{Script=Cyrillic}/u, language: 'ru' },
];

/** Common characters that only one of the two Chinese scripts uses. */
const SIMPLIFIED = /[这们时发货单订吗请问为还没么样个来说对会过后东买卖钱质评换谢谢讯运费递点钟]/u;
const TRADITIONAL = /[這們時發貨單訂嗎請問為還沒麼樣個來說對會過後東買賣錢質評換謝訊運費遞點鐘]/u;
const VIETNAMESE = /[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/iu;

/** Words that settle Indonesian against Malay, which look alike to statistics. */
const INDONESIAN = /\b(gimana|bagaimana|nggak|gak|kapan|sudah|udah|bisa|uang|kirim|paket|barang|min|kak|gan)\b/iu;
const MALAY = /\b(macam mana|bila|boleh|duit|tak|nak|saya nak|dah|barangan|kenapa tak|bungkusan|wang)\b/iu;

const HANT_MARKETS = new Set(['TW', 'HK', 'MO']);

export interface LanguageHints {
  /** Configured languages, the first is the default. */
  languages: readonly string[];
  /** The shop's market, `ID`. */
  market: string | null;
  /** What the conversation spoke until now. */
  previous: string | null;
}

/**
 * The conversation's language after this text. Script first, then statistics limited to the configured languages, then what was spoken before,
 * then the default. A text that tells nothing ("ok", "123", a link) changes nothing.
 */
export function detectLanguage(text: string, hints: LanguageHints): string {
  const fallback = hints.previous ?? hints.languages[0] ?? 'en';
  const found = guess(text, hints);
  if (found === null) return fallback;
  return nearestConfigured(found, hints.languages) ?? fallback;
}

function guess(text: string, hints: LanguageHints): string | null {
  const words = text
    .replace(/https?:\/\/\S+/gu, ' ')
    .replace(/[\d\p{P}\p{S}]+/gu, ' ')
    .trim();
  if (words === '') return null;
  for (const { pattern, language } of SCRIPTS) if (pattern.test(words)) return language;
  if (/\p{Script=Han}/u.test(words)) {
    const simplified = SIMPLIFIED.test(words);
    const traditional = TRADITIONAL.test(words);
    if (simplified !== traditional) return simplified ? 'zh-Hans' : 'zh-Hant';
    if (hints.previous?.startsWith('zh')) return hints.previous;
    return hints.market !== null && HANT_MARKETS.has(hints.market) ? 'zh-Hant' : 'zh-Hans';
  }
  if (VIETNAMESE.test(words)) return 'vi';
  const indonesian = INDONESIAN.test(words);
  const malay = MALAY.test(words);
  if (indonesian !== malay) return alike(indonesian ? 'id' : 'ms', hints);
  // One short word is noise to statistics: it must not turn a conversation around.
  if (words.length < 8 && hints.previous !== null) return null;
  const only = [...new Set(hints.languages.map((language) => language.split('-')[0] ?? language))];
  const best = detectAll(words, { only })[0];
  if (best === undefined || (best.accuracy < 0.2 && hints.previous !== null)) return null;
  return alike(best.lang, hints);
}

function alike(language: string, hints: LanguageHints): string {
  if (language === 'ms' && hints.market === 'ID') return 'id';
  if (language === 'id' && (hints.market === 'MY' || hints.market === 'BN') && hints.languages.includes('ms'))
    return 'ms';
  return language;
}

function nearestConfigured(language: string, languages: readonly string[]): string | null {
  if (languages.includes(language)) return language;
  const family = language.split('-')[0];
  return languages.find((candidate) => candidate.split('-')[0] === family) ?? null;
}

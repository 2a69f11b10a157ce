import { editDistance } from './nearest.ts';
import { compilePhrase, foldText, phraseFits } from './phrases.ts';

/** TikTok's order ids have 17 to 19 digits. Buyers copy them with blanks or hyphens between groups. */
const ORDER_ID = /(?<!\d)\d{17,19}(?!\d)/;
const GROUPED_DIGITS = /\d(?:[ -]?\d){16,18}(?![ -]?\d)/;

/** `'about 576812345678901234 pls'` -> `'576812345678901234'`; `undefined` when there is none. */
export function orderIdIn(text: string): string | undefined {
  if (text.length < 17) return undefined;
  const digits = asciiDigits(text.slice(0, 2_000));
  const plain = ORDER_ID.exec(digits)?.[0];
  if (plain !== undefined) return plain;
  const grouped = GROUPED_DIGITS.exec(digits);
  if (grouped === null || /\d[ -]?$/.test(digits.slice(0, grouped.index))) return undefined;
  return grouped[0].replace(/[ -]/g, '');
}

/** Full-width, Thai and other decimal digits as 0 to 9. */
function asciiDigits(text: string): string {
  return text
    .replace(/[０-９]/g, (d) => String(d.charCodeAt(0) - 0xff10))
    .replace(/[๐-๙]/g, (d) => String(d.charCodeAt(0) - 0x0e50));
}

/** The one number in a text: `'１２ pieces'` -> 12, `'1,200'` -> 1200, `'2.5'` -> 2.5. `undefined` for none or several. */
export function numberIn(text: string): number | undefined {
  const found = asciiDigits(text.slice(0, 200)).match(/-?\d+(?:[.,]\d+)*/g);
  if (found === null || found.length !== 1) return undefined;
  const written = found[0];
  const grouped = /^-?\d{1,3}([.,]\d{3})+$/.test(written);
  const value = Number(grouped ? written.replace(/[.,]/g, '') : written.replace(',', '.'));
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

// Thai and Chinese refusals begin with the same letters as some consents, so they are looked at first.
const NO_STARTS = ['ไม่', '不', '没', '沒', '否', '别', '別', 'ยังไม่'];
const YES_STARTS = [
  'ใช่',
  'ได้',
  'ตกลง',
  'ครับ',
  'ค่ะ',
  'โอเค',
  'ถูก',
  '是',
  '对',
  '對',
  '好',
  '要',
  '可以',
  '嗯',
  '行',
  '确认',
  '確認',
];
const NO_WORDS = new Set(
  'no n nope nah not khong ko k hong tidak tak nggak ngga gak ga enggak bukan jangan belum xau chua'.split(' '),
);
const YES_WORDS = new Set(
  'yes y yeah yep yup ok okay oke okey sure correct right please co vang da dung u uh ya iya iyah betul benar boleh baik setuju'.split(
    ' ',
  ),
);

/** `'Yes please'` -> true, `'ไม่ใช่ค่ะ'` -> false, `undefined` when it says neither (or both). */
export function yesNoIn(text: string): boolean | undefined {
  if (/^\s*(👍|👌|✅)/u.test(text)) return true;
  if (/^\s*(👎|❌)/u.test(text)) return false;
  const folded = foldText(text);
  if (NO_STARTS.some((word) => folded.startsWith(foldText(word)))) return false;
  if (YES_STARTS.some((word) => folded.startsWith(foldText(word)))) return true;
  const words = folded.split(' ');
  // A long sentence that happens to hold "no" is not an answer.
  if (words.length > 6) return undefined;
  const no = words.some((word) => NO_WORDS.has(word));
  const yes = YES_WORDS.has(words[0] ?? '');
  if (no && words.some((word) => YES_WORDS.has(word)) && yes) return undefined;
  if (no) return false;
  return yes ? true : undefined;
}

export interface MenuEntry {
  label: string;
  /** Further words that mean this entry. */
  words: readonly string[];
}

/**
 * Which entry of a numbered menu an answer means, from 0. Accepts the number (`2`, `２`, `๒`, `2.`, `2️⃣`), the label, nearly the label, one of the
 * words, or a sentence that names exactly one entry. `undefined` when none or several fit.
 */
export function menuChoice(text: string, entries: readonly MenuEntry[]): number | undefined {
  const folded = foldText(text);
  if (folded === '') return undefined;
  if (/^\d{1,2}$/.test(folded)) {
    const number = Number(folded);
    if (number >= 1 && number <= entries.length) return number - 1;
  }
  const names = entries.map((entry) => [entry.label, ...entry.words].map(foldText).filter((name) => name !== ''));
  const exact = only(names, (name) => name === folded);
  if (exact !== undefined) return exact;
  const allowed = folded.length >= 9 ? 2 : folded.length >= 5 ? 1 : 0;
  if (allowed > 0 && folded.length <= 100) {
    const near = only(names, (name) => editDistance(folded, name, allowed) <= allowed);
    if (near !== undefined) return near;
  }
  return only(names, (name) => {
    const phrase = name.length < 2 ? undefined : compilePhrase(name);
    return phrase !== undefined && phraseFits(folded, phrase);
  });
}

/** The one entry for which a name passes; `undefined` when none or several do. */
function only(names: readonly (readonly string[])[], passes: (name: string) => boolean): number | undefined {
  let found: number | undefined;
  for (let i = 0; i < names.length; i++) {
    if (!(names[i] ?? []).some(passes)) continue;
    if (found !== undefined) return undefined;
    found = i;
  }
  return found;
}

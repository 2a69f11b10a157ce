/**
 * Finding the phrases of triggers in what a buyer wrote. No regular expressions: nothing here can run away on a hostile text, and a
 * thousand phrases cost about as much as ten, because candidates are found by their first two letters.
 */

/** Longer texts are judged by their beginning. Marketplaces allow 2,000. */
const MAX_CODE_UNITS = 2_000;

const MARKS = /[\u0300-\u036f]/g;
const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|\ufe0e|\ufe0f|\u20e3/g;
const SEPARATORS = /[\p{P}\p{Z}\p{C}\s]+/gu;
const HAN_GAP = /(?<=\p{sc=Han}) (?=\p{sc=Han})/gu;
const THAI_DIGITS = /[๐-๙]/g;
const PLAIN = /^[a-z0-9 ]*$/;

/**
 * What two texts are compared by: case, width, accents, digits of other scripts, punctuation and runs of spaces do not count.
 * Example: `foldText('Where’s　MY ＯＲＤＥＲ?')` -> `where s my order`; `foldText('hoàn tiền')` -> `hoan tien`.
 */
export function foldText(text: string): string {
  const short = (text.length > MAX_CODE_UNITS ? text.slice(0, MAX_CODE_UNITS) : text).toLowerCase();
  if (PLAIN.test(short)) return short.replace(/ +/g, ' ').trim();
  return short
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(HIDDEN, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .replace(THAI_DIGITS, (digit) => String(digit.charCodeAt(0) - 0x0e50))
    .replace(SEPARATORS, ' ')
    .replace(HAN_GAP, '')
    .trim();
}

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;

/** Is this character part of a word that spaces separate from the next? Chinese and Thai are written without. */
function isSpacedWord(char: string | undefined): boolean {
  if (char === undefined || char === ' ') return false;
  const code = char.charCodeAt(0);
  if (code < 0x80) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return WORD.test(char) && !UNSPACED.test(char);
}

interface Chunk {
  text: string;
  /** The word must begin (end) here. False beside a `*`. */
  leftBorder: boolean;
  rightBorder: boolean;
}

export interface Phrase {
  chunks: readonly Chunk[];
  /** Letters that must be there: the longer phrase wins. */
  length: number;
  /** Folded, for finding duplicates. */
  key: string;
}

/** `undefined` when nothing is left to look for (only `*` or punctuation). */
export function compilePhrase(written: string): Phrase | undefined {
  const pieces = written.split('*');
  const chunks: Chunk[] = [];
  pieces.forEach((piece, i) => {
    const text = foldText(piece);
    if (text === '') return;
    const openLeft = i > 0 && !/^\s/.test(piece);
    const openRight = i < pieces.length - 1 && !/\s$/.test(piece);
    chunks.push({
      text,
      leftBorder: !openLeft && isSpacedWord(text[0]),
      rightBorder: !openRight && isSpacedWord(text.at(-1)),
    });
  });
  if (chunks.length === 0) return undefined;
  const length = chunks.reduce((sum, chunk) => sum + chunk.text.length, 0);
  const key = chunks.map((c) => `${c.leftBorder ? '|' : ''}${c.text}${c.rightBorder ? '|' : ''}`).join('*');
  return { chunks, length, key };
}

function fits(text: string, chunk: Chunk, at: number): boolean {
  if (!text.startsWith(chunk.text, at)) return false;
  if (chunk.leftBorder && isSpacedWord(text[at - 1])) return false;
  return !(chunk.rightBorder && isSpacedWord(text[at + chunk.text.length]));
}

/** Taking the earliest place of each chunk is enough, since `*` may be any length. */
function restFits(text: string, chunks: readonly Chunk[], from: number): boolean {
  let at = from;
  for (let i = 1; i < chunks.length; i++) {
    const chunk = chunks[i];
    if (chunk === undefined) return false;
    let place = text.indexOf(chunk.text, at);
    while (place !== -1 && !fits(text, chunk, place)) place = text.indexOf(chunk.text, place + 1);
    if (place === -1) return false;
    at = place + chunk.text.length;
  }
  return true;
}

/** Is the phrase in this folded text? */
export function phraseFits(folded: string, phrase: Phrase): boolean {
  const first = phrase.chunks[0];
  if (first === undefined) return false;
  let at = folded.indexOf(first.text);
  while (at !== -1) {
    if (fits(folded, first, at)) return restFits(folded, phrase.chunks, at + first.text.length);
    at = folded.indexOf(first.text, at + 1);
  }
  return false;
}

/** Many phrases at once, each with what it stands for. */
export class PhraseIndex<T> {
  private readonly byStart = new Map<string, { phrase: Phrase; owner: T }[]>();
  /** Phrases of one letter. */
  private readonly short: { phrase: Phrase; owner: T }[] = [];

  add(phrase: Phrase, owner: T): void {
    const start = phrase.chunks[0]?.text.slice(0, 2) ?? '';
    if (start.length < 2) {
      this.short.push({ phrase, owner });
      return;
    }
    const list = this.byStart.get(start);
    if (list === undefined) this.byStart.set(start, [{ phrase, owner }]);
    else list.push({ phrase, owner });
  }

  /** Owners whose phrases are in the folded text, each with the length of its longest phrase found. */
  match(folded: string): Map<T, number> {
    const found = new Map<T, number>();
    const keep = (owner: T, length: number) => {
      if (length > (found.get(owner) ?? 0)) found.set(owner, length);
    };
    for (let i = 0; i + 1 < folded.length; i++) {
      const candidates = this.byStart.get(folded.slice(i, i + 2));
      if (candidates === undefined) continue;
      for (const { phrase, owner } of candidates) {
        if (phrase.length <= (found.get(owner) ?? 0)) continue;
        const first = phrase.chunks[0];
        if (first !== undefined && fits(folded, first, i) && restFits(folded, phrase.chunks, i + first.text.length))
          keep(owner, phrase.length);
      }
    }
    for (const { phrase, owner } of this.short) if (phraseFits(folded, phrase)) keep(owner, phrase.length);
    return found;
  }
}

/** Length as marketplaces count it: one per code point, so an emoji of one code point is one. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** Replaces lone surrogates, which no platform accepts and which break hashing, by U+FFFD. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/** What two texts are compared by when we ask "did we send this?": Unicode form and runs of white space do not count. */
export const comparable = (text: string): string => wellFormed(text).normalize('NFC').replace(/\s+/gu, ' ').trim();

const SENTENCE_END = /[.!?。！？…\n]['"”’）)]*\s*$/u;

/**
 * Splits at sentence ends, then at spaces, else hard, so that every piece has at most `limit` code points.
 * Example: `splitText('One. Two.', 5)` -> `['One.', 'Two.']`. An empty text yields no piece.
 */
export function splitText(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = [...text.trim()];
  while (rest.length > limit) {
    const window = rest.slice(0, limit + 1);
    let cut = 0;
    for (let i = limit; i > limit / 2 && cut === 0; i--) {
      const head = window.slice(0, i).join('');
      if (SENTENCE_END.test(head) || (/[.!?]$/u.test(head) && /\s/u.test(window[i] ?? ''))) cut = i;
    }
    for (let i = limit; i > limit / 2 && cut === 0; i--) if (/\s/u.test(window[i] ?? '')) cut = i;
    if (cut === 0) cut = limit;
    pieces.push(rest.slice(0, cut).join('').trim());
    rest = [...rest.slice(cut).join('').trim()];
  }
  if (rest.length > 0) pieces.push(rest.join(''));
  return pieces.filter((piece) => piece !== '');
}

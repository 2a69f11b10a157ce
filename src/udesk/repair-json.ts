/**
 * Makes almost-JSON strict: drops comments (`//`, `#`, block) and trailing commas, adds a comma that is missing between two members.
 * Those are the faults of the bodies printed on the vendor's IM page (reference section 10, 6). Strings are never touched, so a text
 * with `//` in it stays whole. One pass; what is still broken is for the parser to refuse.
 *
 *     {"a":1, // one
 *      "b":"x" "c":[2,],}   ->   {"a":1,"b":"x","c":[2]}
 */
export function repairJson(text: string): string {
  const out: string[] = [];
  let last = '';
  let i = 0;
  while (i < text.length) {
    const char = text.charAt(i);
    if (char === '"') {
      const end = stringEnd(text, i);
      if (endsValue(last)) out.push(',');
      out.push(text.slice(i, end));
      last = '"';
      i = end;
    } else if (char === '#' || text.startsWith('//', i)) {
      i = until(text, '\n', i);
    } else if (text.startsWith('/*', i)) {
      i = until(text, '*/', i) + 2;
    } else if (char === '}' || char === ']') {
      if (last === ',') out.pop();
      out.push(char);
      last = char;
      i += 1;
    } else {
      // White space is dropped, so that the comma before a bracket is the last thing pushed.
      if (!/\s/.test(char)) {
        out.push(char);
        last = char;
      }
      i += 1;
    }
  }
  return out.join('');
}

/** A string that follows one of these without a comma or colon begins a new member. */
const endsValue = (last: string): boolean => last !== '' && /["}\]0-9a-z]/.test(last);

function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i += 1;
    else if (char === '"') return i + 1;
  }
  return text.length;
}

function until(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

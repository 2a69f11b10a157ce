import { z } from 'zod';

/**
 * How a variable's text is read. Each reader says in words what to write instead and never repeats what was written: it may be a secret.
 * None turns a wrong text into a default.
 */
type Reading<T> = { value: T } | { problem: string };

const reader = <T>(read: (text: string) => Reading<T>) =>
  z.string().transform((text, context): T => {
    const reading = read(text.trim());
    if ('value' in reading) return reading.value;
    context.addIssue({ code: 'custom', message: reading.problem });
    return z.NEVER;
  });

export const text = () => reader((value): Reading<string> => ({ value }));

export const integer = (min: number, max: number) =>
  reader((value): Reading<number> => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return { value: number };
    return { problem: `is not a whole number: write digits only, from ${min} to ${max}` };
  });

export const choice = <const T extends string>(...values: readonly T[]) =>
  reader((value): Reading<T> => {
    const found = values.find((one) => one === value);
    return found === undefined
      ? { problem: `is none of the known words: write ${listWords(values)}` }
      : { value: found };
  });

/** Digits as text, because platform ids may exceed what a JavaScript number holds. */
export const digits = () =>
  reader(
    (value): Reading<string> =>
      /^\d{1,30}$/.test(value) ? { value } : { problem: 'is not an id: write its digits only, for example 12345' },
  );

/** Something that ends up in an HTTP header or a signed text: no white space, nothing invisible. */
export const credential = () =>
  reader(
    (value): Reading<string> =>
      /^[\x21-\x7e]+$/.test(value)
        ? { value }
        : { problem: 'holds a space or an unusual character: copy it again, without quotes and line breaks' },
  );

export const email = () =>
  reader(
    (value): Reading<string> =>
      /^[^\s@]+@[^\s@]+$/.test(value)
        ? { value }
        : { problem: 'is not an e-mail address: write it like admin@example.com' },
  );

/** A base address without a slash at its end. `endsWith` names the path that it must have. */
export const baseUrl = (rules: { example: string; endsWith?: string }) =>
  reader((value): Reading<string> => {
    const written = `write a whole address like ${rules.example}`;
    if (!URL.canParse(value)) return { problem: `is not a URL: ${written}` };
    const url = new URL(value);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      return { problem: `does not begin with https:// or http://: ${written}` };
    }
    if (url.username !== '' || url.password !== '') return { problem: `holds a user name or password: ${written}` };
    if (url.search !== '' || url.hash !== '') return { problem: `holds a "?" or "#": ${written}` };
    const base = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
    if (rules.endsWith !== undefined && !base.endsWith(rules.endsWith)) {
      return { problem: `does not end in ${rules.endsWith}: ${written}` };
    }
    return { value: base };
  });

export const databaseUrl = () =>
  reader((value): Reading<string> => {
    if (/^postgres(?:ql)?:\/\/./.test(value)) return { value };
    if (/^sqlite:./.test(value)) return { value };
    return { problem: 'is not a database address: write sqlite:./data/buyerline.db or sqlite::memory:' };
  });

/** Part of an address: what would have to be escaped there is refused, because every console escapes differently. */
export const pathSecret = () =>
  reader(
    (value): Reading<string> =>
      /^[\w.~-]+$/.test(value)
        ? { value }
        : { problem: 'holds characters that an address cannot carry: write letters, digits, "-" and "_" only' },
  );

/** 64 hexadecimal digits, or base64 (also the URL alphabet, with or without "="). */
export const masterKey = () =>
  reader((value): Reading<Buffer> => {
    if (/^[\da-f]{64}$/i.test(value)) return { value: Buffer.from(value, 'hex') };
    if (/^[\w+/-]{43}=?$/.test(value)) {
      const bytes = Buffer.from(value, 'base64');
      if (bytes.length === 32) return { value: bytes };
    }
    return {
      problem:
        'is not a key of 32 bytes: write 64 hexadecimal digits or base64, for example from "openssl rand -hex 32"',
    };
  });

export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

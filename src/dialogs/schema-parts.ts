import { z } from 'zod';
import { suggestion } from './nearest.ts';

/**
 * The pieces that schemas of dialog files and of `bridge.yaml` are made of. Their messages are read by people who do not program.
 */

/** An object that refuses unknown keys and names the one that was probably meant. */
export function closed<Shape extends z.ZodRawShape>(
  shape: Shape,
  what = 'keys and values',
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `write ${what} here (${known.join(', ')})`;
      // One line per key, in the order of `keys`: see problems.ts.
      const keys = (issue as { keys?: string[] }).keys ?? [];
      return keys.map((key) => `unknown key "${key}"; ${suggestion(key, known)}`).join('\n');
    },
  });
}

export const LANGUAGE_PATTERN = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/;

export const languageCode = z
  .string({ error: 'write a language code such as en, zh-Hant or th' })
  .regex(LANGUAGE_PATTERN, 'write a language code such as en, zh-Hans, zh-Hant, th, vi, id or ms');

const line = z
  .string({ error: 'write a text (in quotes when it is a number)' })
  .min(1, 'the text is empty; write one or leave the key out');
const variants = z.union([line, z.array(line).min(1, 'write at least one variant')], {
  error: 'write a text or a list of variants; put it in quotes when it holds ": " or begins with { [ * ! @',
});

/** `Hello`, `[Hello, Hi]`, `{en: Hello, th: [สวัสดี, หวัดดี]}`. */
export const textSchema = z
  .union([line, z.array(line).min(1, 'write at least one variant'), z.record(languageCode, variants)], {
    error:
      'write one text, a list of variants, or a text per language (en: …, th: …); put a text in quotes when it holds ": " or begins with { [ * ! @',
  })
  .meta({ id: 'Text', description: 'One text, a list of variants, or either per language' });
export type RawText = z.infer<typeof textSchema>;

export const templateSchema = line.meta({ id: 'Template', description: 'A text that may hold {{ variable }}' });

/** A CEL expression; a YAML number or boolean stands for itself. */
export const expressionSchema = z
  .union([z.string().min(1, "write a condition such as order.status == 'delivered'"), z.number(), z.boolean()], {
    error: 'write an expression such as fallback_count >= 2; put it in quotes when it begins with ! or { or holds ": "',
  })
  .meta({ id: 'Expression', description: 'A CEL expression' });
export type RawExpression = z.infer<typeof expressionSchema>;

export const VARIABLE_PATTERN = /^[a-z][a-z0-9_]{0,63}$/;
export const variableSchema = z
  .string({ error: 'write a variable name such as order_id' })
  .regex(VARIABLE_PATTERN, 'write a variable name in small letters, digits and _ (such as pieces or return_reason)')
  .meta({ id: 'Variable' });

export const NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;
export const nameSchema = z
  .string({ error: 'write the name of a dialog or the id of a step in this file' })
  .regex(NAME_PATTERN, 'write a name in small letters, digits, - and _')
  .meta({ id: 'Name' });

/** Ids of Udesk and of the marketplaces: texts, because a number of more than 15 digits loses its end. */
export const externalId = z.union(
  [
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'write the id as it stands in Udesk, in quotes'),
    z
      .number()
      .int()
      .positive()
      .max(999_999_999_999_999, 'put this id in quotes: it is too long for a number')
      .transform(String),
  ],
  { error: 'write the id in quotes' },
);

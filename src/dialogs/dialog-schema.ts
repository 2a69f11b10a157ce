import { z } from 'zod';
import { closed, expressionSchema, languageCode } from './schema-parts.ts';

/** Kinds of message that can start a dialog. */
export const MESSAGE_TYPES = [
  'image',
  'video',
  'audio',
  'file',
  'sticker',
  'product',
  'order',
  'return',
  'coupon',
  'logistics',
  'unknown',
] as const;

const phrase = z
  .string({ error: 'write a phrase; put it in quotes when it is a number or begins with *' })
  .min(1, 'the phrase is empty');
const phraseList = z.union([phrase, z.array(phrase).min(1, 'write at least one phrase')], {
  error: 'write a phrase or a list of phrases; put one in quotes when it begins with *',
});
const phrases = z
  .union([phrase, z.array(phrase).min(1, 'write at least one phrase'), z.record(languageCode, phraseList)], {
    error:
      'write a phrase, a list of phrases, or a list per language (en: [...], th: [...]); put a phrase in quotes when it begins with *',
  })
  .meta({ id: 'Phrases' });
export type RawPhrases = z.infer<typeof phrases>;

const messageType = z.enum(MESSAGE_TYPES, { error: `write one of ${MESSAGE_TYPES.join(', ')}` });

export const TRIGGER_KINDS = ['phrases', 'message', 'start', 'fallback', 'event'] as const;

export const triggerSchema = closed({
  phrases: phrases.optional(),
  message: z
    .union([messageType, z.array(messageType).min(1)], {
      error: `write one of ${MESSAGE_TYPES.join(', ')}, or a list of them`,
    })
    .optional(),
  start: z.union([z.literal(true), phrases], { error: 'write true, or phrases as under "phrases"' }).optional(),
  fallback: z.literal(true, { error: 'write true' }).optional(),
  event: z.enum(['returned'], { error: 'write returned' }).optional(),
  priority: z.number({ error: 'write a number; higher wins' }).min(-1000).max(1000).optional(),
  when: expressionSchema.optional(),
  urgent: z.boolean({ error: 'write true or false' }).optional(),
}).meta({ id: 'Trigger', description: `Exactly one of ${TRIGGER_KINDS.join(', ')}, and options` });
export type RawTrigger = z.infer<typeof triggerSchema>;

/** The whole file. `steps` differs: plain for checking (each is checked when it is compiled), complete for the JSON Schema. */
export function dialogFileSchema<Steps extends z.ZodType>(steps: Steps) {
  return closed({
    description: z.string({ error: 'write one line of text' }).optional(),
    on: z
      .union([triggerSchema, z.array(triggerSchema)], {
        error: 'write a trigger such as "phrases: [...]", or a list of them',
      })
      .optional(),
    steps,
  });
}

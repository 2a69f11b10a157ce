import { z } from 'zod';
import { TEXT_KEYS } from '../contracts/settings.ts';
import { duration } from './durations.ts';
import { hoursSchema } from './hours-schema.ts';
import { suggestion } from './nearest.ts';
import { closed, externalId, languageCode, textSchema } from './schema-parts.ts';

const flag = z.boolean({ error: 'write true or false' });
const market = z
  .string({ error: 'write the two letters of a country, such as GB' })
  .regex(/^[A-Z]{2}$/, 'write the two letters of a country, such as GB');

/** What can be said for all shops, for a region and for one shop. */
const layer = {
  languages: z
    .array(languageCode, { error: 'write a list such as [en, th]' })
    .min(1, 'write at least one language')
    .optional(),
  agent_language: languageCode.optional(),
  market: market.optional(),
  reply_mode: z.enum(['auto', 'assist', 'off'], { error: 'write auto, assist or off' }).optional(),
  first_line: z.enum(['dialogs', 'urobot'], { error: 'write dialogs or urobot' }).optional(),
  coalescing: closed({ window: duration('0s', '1m').optional(), max: duration('0s', '5m').optional() }).optional(),
  hours: hoursSchema.optional(),
  handoff: closed({ group: externalId.optional(), agent: externalId.optional() }).optional(),
  budgets: closed({
    queue_poll: duration('1s', '10m').optional(),
    queue: duration('10s', '7d').optional(),
    agent_silent: duration('10s', '7d').optional(),
    buyer_idle: duration('10s', '30d').optional(),
    survey: duration('10s', '7d').optional(),
    takeover_idle: duration('10s', '30d').optional(),
    transfer: duration('5s', '1d').optional(),
    episode_idle: duration('1m', '90d').optional(),
  }).optional(),
  survey: closed({ enabled: flag.optional() }).optional(),
  recover_max_age: duration('1m', '90d').optional(),
  mark_read: flag.optional(),
};
const layerSchema = closed(layer);
export type BridgeLayer = z.output<typeof layerSchema>;

const textKey = z.string().superRefine((key, context) => {
  if (!TEXT_KEYS.some((known) => known === key))
    context.addIssue({ code: 'custom', message: `unknown text "${key}"; ${suggestion(key, TEXT_KEYS)}` });
});

/** `bridge.yaml`. */
export const bridgeSchema = closed({
  ...layer,
  texts: z.record(textKey, textSchema, { error: 'write "handoff.queued: {en: …}" and so on below' }).optional(),
  regions: z.record(market, layerSchema, { error: 'write regions such as GB: and their settings below' }).optional(),
  shops: z
    .record(
      z.string().regex(/^([a-z0-9_-]+:)?[A-Za-z0-9_-]+$/, 'write the id of the shop, "7494…" or "tiktok:7494…"'),
      layerSchema,
      { error: 'write shops such as "tiktok:7494…": and their settings below' },
    )
    .optional(),
});
export type BridgeFile = z.output<typeof bridgeSchema>;

/** Languages that every text must have: those of all shops together. Without a setting, English. */
export function languagesOf(bridge: BridgeFile): string[] {
  const layers = [bridge, ...Object.values(bridge.regions ?? {}), ...Object.values(bridge.shops ?? {})];
  const named = layers.flatMap((one) => one.languages ?? []);
  return named.length === 0 ? ['en'] : [...new Set(named)];
}

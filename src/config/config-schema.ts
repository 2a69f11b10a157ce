import { z } from 'zod';
import { type SettingFacts, settingFacts } from './setting.ts';
import { baseSettings } from './settings/base.ts';
import { serviceSettings } from './settings/services.ts';
import { shopeeSettings } from './settings/shopee.ts';
import { tiktokSettings } from './settings/tiktok.ts';
import { udeskSettings } from './settings/udesk.ts';

/**
 * Every variable there is, in the order of `.env.example`. Input: texts as they stand in the environment, empty ones left out.
 * The rules between variables are in `rules.ts`.
 */
export const configSchema = z.object({
  ...baseSettings,
  ...tiktokSettings,
  ...udeskSettings,
  ...shopeeSettings,
  ...serviceSettings,
});

export type Values = z.output<typeof configSchema>;
export type VariableName = keyof Values;

/** Example: `factsOf('PORT').default` -> `'3978'`. */
export function factsOf(name: VariableName): SettingFacts {
  const facts = settingFacts.get(configSchema.shape[name]);
  // Each entry is made by setting.ts, which registers it.
  if (facts === undefined) throw new Error(`${name} has no description`);
  return facts;
}

export const VARIABLES = Object.keys(configSchema.shape) as VariableName[];

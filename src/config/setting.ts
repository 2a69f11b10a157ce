import { z } from 'zod';

export const GROUPS = {
  http: 'Listening',
  operations: 'Operations',
  store: 'Store',
  dialogs: 'Dialogs and answers',
  tiktok: 'TikTok Shop',
  udesk: 'Udesk',
  shopee: 'Shopee Open Platform',
  webchat: 'Shopee Seller Centre webchat',
  model: 'Language model',
  microsoft: 'Microsoft Bot Framework (/api/messages)',
} as const;

export type SettingGroup = keyof typeof GROUPS;

/** Everything about a variable that its reader does not say; `.env.example` and the README's table are made of it. */
export interface SettingFacts {
  group: SettingGroup;
  /** One or two sentences for whoever fills in the file. */
  description: string;
  /** `bytes`, `seconds`, `calls a minute`… */
  unit?: string;
  /** As it would be written in the file. */
  default?: string;
  /** Never shown, never logged. */
  secret?: boolean;
  /** For an optional variable: what a value looks like. */
  example?: string;
}

export const settingFacts = z.registry<SettingFacts>();

/** May be missing. */
export function optional<T extends z.ZodType>(schema: T, facts: Omit<SettingFacts, 'default'>): z.ZodOptional<T> {
  const setting = schema.optional();
  settingFacts.add(setting as z.ZodType, facts);
  return setting;
}

/** The default is a text like any other and is read like one. */
export function withDefault<T extends z.ZodType<unknown, string>>(
  schema: T,
  facts: SettingFacts & { default: string },
): z.ZodPrefault<T> {
  const setting = schema.prefault(facts.default as z.input<T>);
  settingFacts.add(setting as z.ZodType, facts);
  return setting;
}

import { z } from 'zod';

/** Settings of the Bot Framework entrance. Without `appId` nobody but this machine is served, so an empty object is a valid setting. */
export const botframeworkConfigSchema = z
  .strictObject({
    /** App id of the bot's registration, `00000000-0000-0000-0000-000000000000`. */
    appId: z.string().min(1).nullish(),
    /** Its client secret; answers are sent with tokens that it buys. */
    appPassword: z.string().min(1).nullish(),
    /** Tenant of a single-tenant registration; without it the registration is multi-tenant. */
    appTenantId: z.string().min(1).nullish(),
  })
  .superRefine((config, context) => {
    const needs = (name: 'appId' | 'appPassword', because: string) => {
      if (config[name] == null)
        context.addIssue({ code: 'custom', path: [name], message: `is needed with ${because}` });
    };
    if (config.appId != null) needs('appPassword', 'appId');
    else if (config.appPassword != null) needs('appId', 'appPassword');
    else if (config.appTenantId != null) needs('appId', 'appTenantId');
  });

export type BotFrameworkConfig = z.input<typeof botframeworkConfigSchema>;

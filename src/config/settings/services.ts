import { baseUrl, credential, text } from '../fields.ts';
import { optional, withDefault } from '../setting.ts';

export const serviceSettings = {
  OPENAI_API_KEY: optional(credential(), {
    group: 'model',
    description: 'Key of any OpenAI-compatible server; without it answers come from the knowledge files alone.',
    secret: true,
  }),
  OPENAI_BASE_URL: withDefault(baseUrl({ example: 'https://api.openai.com/v1' }), {
    group: 'model',
    description: 'Address of that server.',
    default: 'https://api.openai.com/v1',
  }),
  OPENAI_MODEL: withDefault(text(), { group: 'model', description: 'Name of the model.', default: 'gpt-4.1-mini' }),
  MICROSOFT_APP_ID: optional(credential(), {
    group: 'microsoft',
    description: 'App id of the bot registration; without it /api/messages accepts local callers only.',
    example: '00000000-0000-0000-0000-000000000000',
  }),
  MICROSOFT_APP_PASSWORD: optional(credential(), {
    group: 'microsoft',
    description: 'Password (client secret) of the registration.',
    secret: true,
  }),
  MICROSOFT_APP_TENANT_ID: optional(credential(), {
    group: 'microsoft',
    description: 'Tenant of a single-tenant registration.',
    example: '00000000-0000-0000-0000-000000000000',
  }),
};

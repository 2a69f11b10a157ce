import { baseUrl, choice, credential, digits, email, integer, pathSecret, text } from '../fields.ts';
import { optional, withDefault } from '../setting.ts';

export const udeskSettings = {
  UDESK_API_URL: optional(baseUrl({ example: 'https://your-company.udesk.cn/open_api_v1', endsWith: '/open_api_v1' }), {
    group: 'udesk',
    description: "Your tenant's API address, with its numbered host if it has one; ends in /open_api_v1.",
    example: 'https://your-company.udesk.cn/open_api_v1',
  }),
  UDESK_EMAIL: optional(email(), {
    group: 'udesk',
    description: 'E-mail address of the administrator whose API token is used.',
    example: 'admin@example.com',
  }),
  UDESK_API_TOKEN: optional(credential(), {
    group: 'udesk',
    description: "That administrator's API token (open_api_auth_token).",
    secret: true,
  }),
  UDESK_PUSH_SECRET: optional(pathSecret(), {
    group: 'udesk',
    description: 'Long random word; Udesk pushes to {PUBLIC_URL}/webhooks/udesk/{this word}.',
    secret: true,
  }),
  UDESK_SIGN_HASH: withDefault(choice('sha256', 'sha1'), {
    group: 'udesk',
    description: 'Hash of the request signature: sha256, or sha1 for a tenant that refuses sha256.',
    default: 'sha256',
  }),
  UDESK_CALLS_PER_MINUTE: withDefault(integer(1, 100_000), {
    group: 'udesk',
    description: 'Calls that your tenant allows.',
    unit: 'calls a minute',
    default: '60',
  }),
  UDESK_STRUCT_KEY: optional(credential(), {
    group: 'udesk',
    description: 'Key of structured messages, from the admin pages.',
    secret: true,
  }),
  UDESK_GROUP_ID: optional(digits(), {
    group: 'udesk',
    description: 'Agent group of a handoff that names none.',
    example: '12345',
  }),
  UDESK_CHANNEL: optional(text(), {
    group: 'udesk',
    description: 'Custom channel that sessions carry.',
    example: 'tiktok',
  }),
  UDESK_ROBOT_ID: optional(digits(), { group: 'udesk', description: 'urobot that answers.', example: '12' }),
  UDESK_SCENE_ID: optional(digits(), { group: 'udesk', description: 'Scene of that urobot.', example: '34' }),
};

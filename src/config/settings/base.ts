import { baseUrl, choice, credential, databaseUrl, integer, masterKey, text } from '../fields.ts';
import { optional, withDefault } from '../setting.ts';

/** Everything that does not belong to one platform. */
export const baseSettings = {
  PORT: withDefault(integer(0, 65_535), {
    group: 'http',
    description: 'Port to listen on; 0 takes a free one.',
    default: '3978',
  }),
  HOST: optional(text(), {
    group: 'http',
    description:
      'Address to listen on. Without it every address (0.0.0.0), under "demo" this machine only (127.0.0.1).',
    example: '127.0.0.1',
  }),
  PUBLIC_URL: optional(baseUrl({ example: 'https://bridge.example.com' }), {
    group: 'http',
    description: 'The https address under which platforms reach this server, used for authorisation and media links.',
    example: 'https://bridge.example.com',
  }),
  MAX_BODY_BYTES: withDefault(integer(1, 67_108_864), {
    group: 'http',
    description: 'Largest body that is read; more is answered 413.',
    unit: 'bytes',
    default: '1048576',
  }),
  LOG_LEVEL: withDefault(choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    group: 'operations',
    description: 'Least important line that is logged: trace, debug, info, warn, error, fatal or silent.',
    default: 'info',
  }),
  BUYERLINE_ROLE: withDefault(choice('all', 'web', 'worker'), {
    group: 'operations',
    description: 'What this process does: all, web (takes events) or worker (answers them).',
    default: 'all',
  }),
  CONSOLE_TOKEN: optional(credential(), {
    group: 'operations',
    description: 'Opens the console and its API; without it both are off.',
    secret: true,
  }),
  DATABASE_URL: withDefault(databaseUrl(), {
    group: 'store',
    description: 'sqlite:path, sqlite::memory: or postgres://user:password@host/name.',
    default: 'sqlite:./data/buyerline.db',
    secret: true,
  }),
  BUYERLINE_MASTER_KEY: optional(masterKey(), {
    group: 'store',
    description:
      'Encrypts tokens at rest: 32 bytes as hex or base64. Without it a key file is made beside the SQLite database.',
    secret: true,
  }),
  DIALOGS_DIR: withDefault(text(), {
    group: 'dialogs',
    description: 'Folder of the dialog files.',
    default: './dialogs',
  }),
  BUYERLINE_FIRST_LINE: withDefault(choice('dialogs', 'urobot'), {
    group: 'dialogs',
    description: "Who answers a new conversation: dialogs, or Udesk's urobot. Per shop in bridge.yaml.",
    default: 'dialogs',
  }),
};

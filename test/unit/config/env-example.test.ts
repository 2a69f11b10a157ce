import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { factsOf, VARIABLES } from '../../../src/config/config-schema.ts';
import { envExample } from '../../../src/config/env-example.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { settingsTable } from '../../../src/config/settings-table.ts';

/** The table of the design: names that people and tests rely on. */
const PROMISED =
  `PORT HOST PUBLIC_URL LOG_LEVEL DATABASE_URL BUYERLINE_ROLE DIALOGS_DIR BUYERLINE_FIRST_LINE TIKTOK_REPLY_MODE
  SHOPEE_REPLY_MODE MAX_BODY_BYTES CONSOLE_TOKEN TIKTOK_APP_KEY TIKTOK_APP_SECRET TIKTOK_APP_SECRET_PREVIOUS TIKTOK_API_URL
  TIKTOK_AUTH_URL TIKTOK_SHOP_ID TIKTOK_SHOP_CIPHER TIKTOK_ACCESS_TOKEN TIKTOK_REFRESH_TOKEN SHOPEE_PARTNER_ID SHOPEE_PARTNER_KEY
  SHOPEE_PUSH_KEY SHOPEE_PUSH_KEY_PREVIOUS SHOPEE_API_URL SHOPEE_SHOP_ID SHOPEE_ACCESS_TOKEN SHOPEE_REFRESH_TOKEN SHOPEE_WEBCHAT_URL
  SHOPEE_WEBCHAT_SHOP_ID SHOPEE_WEBCHAT_UID SHOPEE_WEBCHAT_AUTHORIZATION SHOPEE_WEBCHAT_COOKIE SHOPEE_WEBCHAT_X_S SHOPEE_WEBCHAT_X_V
  SHOPEE_WEBCHAT_USER_AGENT SHOPEE_WEBCHAT_POLL_SECONDS SHOPEE_WEBCHAT_SEND UDESK_API_URL UDESK_EMAIL UDESK_API_TOKEN UDESK_SIGN_HASH
  UDESK_PUSH_SECRET UDESK_STRUCT_KEY UDESK_CALLS_PER_MINUTE UDESK_ROBOT_ID UDESK_SCENE_ID UDESK_GROUP_ID UDESK_CHANNEL OPENAI_API_KEY
  OPENAI_BASE_URL OPENAI_MODEL MICROSOFT_APP_ID MICROSOFT_APP_PASSWORD MICROSOFT_APP_TENANT_ID BUYERLINE_MASTER_KEY`.split(
    /\s+/,
  );

describe('the schema', () => {
  it('knows every promised variable', () => {
    expect(PROMISED.filter((name) => !(VARIABLES as string[]).includes(name))).toEqual([]);
  });

  it('marks every variable that looks like a secret, and shows no example of one', () => {
    const suspicious = VARIABLES.filter((name) =>
      /SECRET|TOKEN|PASSWORD|CIPHER|COOKIE|AUTHORIZATION|(?<!APP)_KEY/.test(name),
    );
    expect(suspicious.length).toBeGreaterThan(15);
    expect(suspicious.filter((name) => factsOf(name).secret !== true)).toEqual([]);
    expect(VARIABLES.filter((name) => factsOf(name).secret === true && factsOf(name).example !== undefined)).toEqual(
      [],
    );
  });
});

describe('.env.example', () => {
  it('is the generated text', async () => {
    await expect(envExample()).toMatchFileSnapshot('../../../.env.example');
  });

  it('means the same as no file when it is copied as it is', () => {
    const copied = parseEnv(envExample());
    expect(Object.keys(copied).length).toBeGreaterThan(20);
    expect(loadConfig(copied, 'tools')).toEqual(loadConfig({}, 'tools'));
  });

  it('holds defaults that the readers accept when their lines are uncommented', () => {
    const uncommented = parseEnv(envExample().replace(/^#(?=[A-Z_]+=)/gm, ''));
    expect(uncommented.PORT).toBe('3978');
    const config = loadConfig(uncommented, 'tools');
    expect({ ...config, store: null }).toEqual({ ...loadConfig({}, 'tools'), store: null });
  });
});

describe('settingsTable', () => {
  it('has one row per variable', () => {
    const rows = settingsTable().match(/^\| `[A-Z_]+` \|/gm) ?? [];
    expect(rows.map((row) => row.slice(3, -3))).toEqual(VARIABLES);
    expect(settingsTable()).toContain('| `PORT` | Port to listen on; 0 takes a free one. | `3978` |');
  });
});

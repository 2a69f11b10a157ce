import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/common/errors.ts';
import { loadConfig, type Purpose } from '../../../src/config/load-config.ts';
import type { Environment } from '../../../src/config/read-environment.ts';

const UDESK: Environment = {
  UDESK_API_URL: 'https://acme.udesk.cn/open_api_v1',
  UDESK_EMAIL: 'ops+shop@example.com',
  UDESK_API_TOKEN: 'tok-0000-1111',
  UDESK_PUSH_SECRET: 'f3c1d0a9b8e7f6a5',
};
const TIKTOK: Environment = { TIKTOK_APP_KEY: '6abcdef', TIKTOK_APP_SECRET: 'app-secret-1' };
const COMPLETE: Environment = { ...UDESK, ...TIKTOK };

function problemsOf(environment: Environment, purpose: Purpose = 'serve'): Record<string, string> {
  try {
    loadConfig(environment, purpose);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return Object.fromEntries(thrown.problems.map((p) => [p.where, p.what]));
    throw thrown;
  }
  return {};
}

const warningsOf = (environment: Environment): Record<string, string> =>
  Object.fromEntries(loadConfig(environment, 'serve').warnings.map((p) => [p.where, p.what]));

describe('loadConfig for serve', () => {
  it('reads a complete environment with the defaults of the reference', () => {
    const config = loadConfig(COMPLETE, 'serve');
    expect(config).toMatchObject({
      http: { port: 3978, host: '0.0.0.0', publicUrl: null, maxBodyBytes: 1024 * 1024 },
      log: { level: 'info' },
      store: { databaseUrl: 'sqlite:./data/buyerline.db', databaseUrlSet: false, masterKey: null },
      role: 'all',
      dialogs: { dir: './dialogs', firstLine: 'dialogs', replyMode: { tiktok: 'auto', shopee: 'auto' } },
      console: { token: null },
      shopee: null,
      model: null,
      microsoft: null,
      warnings: [],
    });
    expect(config.tiktok).toEqual({
      appKey: '6abcdef',
      appSecret: 'app-secret-1',
      appSecretPrevious: null,
      apiUrl: 'https://open-api.tiktokglobalshop.com',
      authUrl: 'https://auth.tiktok-shops.com',
      authorizeUrl: 'https://services.tiktokshop.com/open/authorize',
      serviceId: null,
      senderRole: null,
      limits: { requestsPerSecond: 50, requestsPerDay: 10_000 },
      firstShop: null,
    });
    expect(config.udesk).toMatchObject({ signHash: 'sha256', callsPerMinute: 60, email: 'ops+shop@example.com' });
  });

  it('lists everything that an empty environment lacks, at once', () => {
    expect(Object.keys(problemsOf({}))).toEqual([
      'TIKTOK_APP_KEY',
      'TIKTOK_APP_SECRET',
      'UDESK_API_URL',
      'UDESK_EMAIL',
      'UDESK_API_TOKEN',
      'UDESK_PUSH_SECRET',
    ]);
  });

  it('names wrong, missing and unavailable variables together, each once', () => {
    const problems = problemsOf({
      ...UDESK,
      TIKTOK_APP_KEY: 'k',
      PORT: '39x8',
      UDESK_API_URL: 'https://acme.udesk.cn',
      BUYERLINE_ROLE: 'worker',
    });
    expect(problems).toEqual({
      PORT: 'is not a whole number: write digits only, from 0 to 65535',
      BUYERLINE_ROLE: 'not available in this version: web and worker processes of their own: write all',
      TIKTOK_APP_SECRET: expect.stringContaining('is not set, but TIKTOK_APP_KEY is'),
      UDESK_API_URL: expect.stringContaining('does not end in /open_api_v1'),
    });
  });

  it('starts with the Microsoft entrance alone', () => {
    const config = loadConfig({ ...UDESK, MICROSOFT_APP_ID: 'id', MICROSOFT_APP_PASSWORD: 'pw' }, 'serve');
    expect(config.tiktok).toBeNull();
    expect(config.microsoft).toEqual({ appId: 'id', appPassword: 'pw', tenantId: null });
  });

  it('never repeats a value, which may be a secret', () => {
    const value = 'sec ret-Value-9';
    const environment = Object.fromEntries(
      ['TIKTOK_APP_SECRET', 'UDESK_API_TOKEN', 'UDESK_PUSH_SECRET', 'BUYERLINE_MASTER_KEY', 'DATABASE_URL', 'PORT'].map(
        (name) => [name, value],
      ),
    );
    const problems = problemsOf(environment);
    expect(Object.keys(problems)).toContain('BUYERLINE_MASTER_KEY');
    expect(JSON.stringify(problems)).not.toContain('Value-9');
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '1e3'],
    ['PORT', '3978.0'],
    ['MAX_BODY_BYTES', '1 MiB'],
    ['MAX_BODY_BYTES', '0'],
    ['UDESK_CALLS_PER_MINUTE', '60/min'],
    ['LOG_LEVEL', 'verbose'],
    ['PUBLIC_URL', 'bridge.example.com'],
    ['PUBLIC_URL', 'ftp://bridge.example.com'],
    ['TIKTOK_API_URL', 'https://user:pw@host'],
    ['UDESK_API_URL', 'https://acme.udesk.cn/open_api_v1?x=1'],
    ['UDESK_EMAIL', 'nobody'],
    ['UDESK_SIGN_HASH', 'md5'],
    ['UDESK_PUSH_SECRET', 'a/b'],
    ['DATABASE_URL', 'mysql://x'],
    ['DATABASE_URL', 'sqlite:'],
    ['TIKTOK_SENDER_ROLE', 'robot'],
    ['BUYERLINE_MASTER_KEY', 'abc'],
    ['BUYERLINE_MASTER_KEY', 'a'.repeat(63)],
    ['BUYERLINE_MASTER_KEY', Buffer.alloc(31, 1).toString('base64')],
  ])('refuses %s=%s and says what to write', (name, value) => {
    const problems = problemsOf({ ...COMPLETE, [name]: value });
    expect(Object.keys(problems)).toEqual([name]);
    expect(problems[name]).toMatch(/write /);
  });

  it.each([
    ['hex', Buffer.alloc(32, 0xab).toString('hex')],
    ['base64', Buffer.alloc(32, 0xfb).toString('base64')],
    ['base64 without its end', Buffer.alloc(32, 0xfb).toString('base64url')],
  ])('reads a master key in %s', (_, written) => {
    const key = loadConfig({ ...COMPLETE, BUYERLINE_MASTER_KEY: written }, 'serve').store.masterKey;
    expect(key?.length).toBe(32);
    expect(new Set(key)).toEqual(new Set([written.startsWith('ab') ? 0xab : 0xfb]));
  });

  it('treats an empty text as not set', () => {
    expect(problemsOf({ ...COMPLETE, UDESK_EMAIL: ' ' })).toEqual({ UDESK_EMAIL: expect.any(String) });
    expect(loadConfig({ ...COMPLETE, PORT: '' }, 'serve').http.port).toBe(3978);
  });

  it('takes the slash off the end of addresses', () => {
    const config = loadConfig({ ...COMPLETE, UDESK_API_URL: 'https://acme.udesk.cn/open_api_v1/' }, 'serve');
    expect(config.udesk?.apiUrl).toBe('https://acme.udesk.cn/open_api_v1');
  });
});

describe('half groups', () => {
  it.each([
    [{ TIKTOK_SHOP_ID: '1' }, ['TIKTOK_ACCESS_TOKEN']],
    [{ TIKTOK_ACCESS_TOKEN: 't' }, ['TIKTOK_SHOP_ID']],
    [{ TIKTOK_REFRESH_TOKEN: 't' }, ['TIKTOK_SHOP_ID', 'TIKTOK_ACCESS_TOKEN']],
    [{ UDESK_ROBOT_ID: '3' }, ['UDESK_SCENE_ID']],
    [{ MICROSOFT_APP_TENANT_ID: 't' }, ['MICROSOFT_APP_ID', 'MICROSOFT_APP_PASSWORD']],
  ])('%o alone asks for the rest', (added, missing) => {
    expect(Object.keys(problemsOf({ ...COMPLETE, ...added }))).toEqual(missing);
  });

  it('asks for the whole of Udesk in tools when a part is there, and for nothing when none is', () => {
    expect(Object.keys(problemsOf({ UDESK_EMAIL: 'a@b.c' }, 'tools'))).toEqual([
      'UDESK_API_URL',
      'UDESK_API_TOKEN',
      'UDESK_PUSH_SECRET',
    ]);
    expect(loadConfig({}, 'tools').udesk).toBeNull();
  });

  it('joins the first shop', () => {
    const config = loadConfig(
      { ...COMPLETE, TIKTOK_SHOP_ID: '7494049642642441621', TIKTOK_ACCESS_TOKEN: 't', TIKTOK_SHOP_CIPHER: 'c' },
      'serve',
    );
    expect(config.tiktok?.firstShop).toEqual({
      shopId: '7494049642642441621',
      cipher: 'c',
      accessToken: 't',
      refreshToken: null,
    });
  });
});

describe('what this version does not carry', () => {
  it.each([
    ['DATABASE_URL', 'postgres://u:pw@db/buyerline'],
    ['BUYERLINE_ROLE', 'web'],
    ['BUYERLINE_FIRST_LINE', 'urobot'],
    ['TIKTOK_REPLY_MODE', 'assist'],
    ['SHOPEE_REPLY_MODE', 'assist'],
  ])('%s=%s is a clear problem', (name, value) => {
    const problems = problemsOf({ ...COMPLETE, [name]: value });
    expect(problems).toEqual({ [name]: expect.stringContaining('not available in this version') });
    expect(problems[name]).not.toContain('pw@');
  });

  it('says so for each Shopee variable', () => {
    const problems = problemsOf({
      ...COMPLETE,
      SHOPEE_PARTNER_ID: '2001234',
      SHOPEE_PARTNER_KEY: 'k',
      SHOPEE_PUSH_KEY: 'p',
    });
    expect(Object.keys(problems)).toEqual(['SHOPEE_PARTNER_ID', 'SHOPEE_PARTNER_KEY', 'SHOPEE_PUSH_KEY']);
    expect(Object.values(problems).every((what) => what.includes('not available in this version'))).toBe(true);
  });

  it('still says it when another variable is wrong', () => {
    expect(Object.keys(problemsOf({ ...COMPLETE, PORT: 'x', DATABASE_URL: 'postgres://db/b' }))).toEqual([
      'PORT',
      'DATABASE_URL',
    ]);
  });

  it('lets the modes through that it does carry', () => {
    const config = loadConfig({ ...COMPLETE, TIKTOK_REPLY_MODE: 'off', SHOPEE_REPLY_MODE: 'off' }, 'serve');
    expect(config.dialogs.replyMode).toEqual({ tiktok: 'off', shopee: 'off' });
  });
});

describe('demo', () => {
  it('starts beside a half-finished file and stays on this machine', () => {
    const config = loadConfig(
      { TIKTOK_APP_KEY: 'real', UDESK_API_URL: 'nonsense', SHOPEE_PARTNER_ID: 'x', OPENAI_API_KEY: 'sk-1' },
      'demo',
    );
    expect(config).toMatchObject({ tiktok: null, udesk: null, shopee: null, model: null });
    expect(config.http.host).toBe('127.0.0.1');
    expect(config.store.databaseUrlSet).toBe(false);
  });

  it('obeys PORT, HOST and DATABASE_URL, and refuses them when wrong', () => {
    const config = loadConfig({ PORT: '0', HOST: '0.0.0.0', DATABASE_URL: 'sqlite:./x.db' }, 'demo');
    expect(config).toMatchObject({
      http: { port: 0, host: '0.0.0.0' },
      store: { databaseUrl: 'sqlite:./x.db', databaseUrlSet: true },
    });
    expect(Object.keys(problemsOf({ PORT: 'x', DATABASE_URL: 'postgres://db/b' }, 'demo'))).toEqual([
      'PORT',
      'DATABASE_URL',
    ]);
  });
});

describe('warnings', () => {
  it('names the nearest setting for an unknown variable of ours, and leaves foreign ones alone', () => {
    expect(
      warningsOf({ ...COMPLETE, TIKTOK_APP_SECRT: 's', UDESK_ZZZZZZZZZZZZZZZZ: '1', PATH: '/bin', SHOP: 'x' }),
    ).toEqual({
      TIKTOK_APP_SECRT: 'is not a setting: did you mean TIKTOK_APP_SECRET?',
      UDESK_ZZZZZZZZZZZZZZZZ: 'is not a setting: remove it',
    });
  });

  it('warns of plain http outside this machine only', () => {
    expect(warningsOf({ ...COMPLETE, PUBLIC_URL: 'http://bridge.example.com' })).toEqual({
      PUBLIC_URL: expect.stringContaining('not https'),
    });
    for (const host of ['localhost:3978', '127.0.0.1:3978', '[::1]:3978']) {
      expect(warningsOf({ ...COMPLETE, PUBLIC_URL: `http://${host}`, TIKTOK_API_URL: `http://${host}` })).toEqual({});
    }
    expect(Object.keys(warningsOf({ ...COMPLETE, TIKTOK_API_URL: 'http://10.0.0.5:9000' }))).toEqual([
      'TIKTOK_API_URL',
    ]);
  });

  it('warns of secrets that can be guessed and of a key without effect', () => {
    expect(
      Object.keys(warningsOf({ ...COMPLETE, UDESK_PUSH_SECRET: 'short', CONSOLE_TOKEN: 'x', OPENAI_API_KEY: 'sk-1' })),
    ).toEqual(['UDESK_PUSH_SECRET', 'CONSOLE_TOKEN', 'OPENAI_API_KEY']);
  });
});

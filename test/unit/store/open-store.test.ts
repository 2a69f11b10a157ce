import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/contracts/logger.ts';
import { openStore } from '../../../src/store/open-store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const logger = silentLogger;

describe('openStore', () => {
  it('makes folder, database and key file, readable by their owner only', async () => {
    const file = path.join(folder, 'deep', 'er', 'buyerline.db');
    const store = await openStore({ databaseUrl: `sqlite:${file}`, logger });
    await store.saveCredentials('tiktok', '1', { accessToken: 'secret' }, 0);
    await store.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}.key`).mode & 0o777).toBe(0o600);
    const again = await openStore({ databaseUrl: `sqlite://${file}`, logger });
    expect(await again.getCredentials('tiktok', '1')).toEqual({ values: { accessToken: 'secret' }, revision: 1 });
    await again.close();
  });

  it('uses a configured key and makes no file then; another key cannot read what it stored', async () => {
    const file = path.join(folder, 'configured.db');
    const open = (masterKey: string) => openStore({ databaseUrl: `sqlite:${file}`, masterKey, logger });
    const store = await open('ab'.repeat(32));
    await store.saveCredentials('tiktok', '1', { accessToken: 'secret' }, 0);
    await store.close();
    expect(existsSync(`${file}.key`)).toBe(false);
    const other = await open('cd'.repeat(32));
    await expect(other.getCredentials('tiktok', '1')).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await other.close();
  });

  it('works in memory, without a trace', async () => {
    const store = await openStore({ databaseUrl: 'sqlite::memory:', logger });
    await store.probe();
    await store.close();
    expect(existsSync(':memory:.key')).toBe(false);
  });

  it('names DATABASE_URL for an address it cannot use, without repeating a password', async () => {
    writeFileSync(path.join(folder, 'plain'), '');
    for (const databaseUrl of [
      'postgres://user:hunter2@db/x',
      'postgresql://user:hunter2@db/x',
      'mysql://user:hunter2@db/x',
      'sqlite:',
      '',
      `sqlite:${path.join(folder, 'plain', 'x.db')}`,
    ]) {
      const refusal = expect(openStore({ databaseUrl, logger })).rejects;
      await refusal.toMatchObject({ code: 'CONFIG_INVALID', problems: [{ where: 'DATABASE_URL' }] });
      await expect(openStore({ databaseUrl, logger })).rejects.not.toThrow(/hunter2/);
    }
    await expect(openStore({ databaseUrl: 'postgres://db/x', logger })).rejects.toThrow(/not part of this version/);
  });

  it('says what is wrong with a file that is no database', async () => {
    const file = path.join(folder, 'junk.db');
    writeFileSync(file, 'this is not a database, but long enough to be taken for one '.repeat(50));
    await expect(openStore({ databaseUrl: `sqlite:${file}`, logger })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/not a database/),
    });
  });
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSecretBox, credentialsContext, loadMasterKey } from '../../../src/store/secret-box.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-key-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const unreadable = expect.objectContaining({ code: 'SECRET_UNREADABLE' });
const invalid = expect.objectContaining({ code: 'CONFIG_INVALID' });

describe('createSecretBox', () => {
  const box = createSecretBox(key);

  it('opens what it sealed, differently each time', () => {
    const one = box.seal('tökén', 'ctx');
    expect(one).not.toBe(box.seal('tökén', 'ctx'));
    expect(one).not.toContain('tökén');
    expect([box.open(one, 'ctx'), box.open(box.seal('', 'ctx'), 'ctx')]).toEqual(['tökén', '']);
  });

  it('opens for the shop it was sealed for only', () => {
    const sealed = box.seal('token', credentialsContext('tiktok', '1'));
    expect(() => box.open(sealed, credentialsContext('tiktok', '2'))).toThrow(unreadable);
    expect(credentialsContext('a', 'b:c')).not.toBe(credentialsContext('a:b', 'c'));
  });

  it('refuses another key and any changed or cut text', () => {
    const sealed = box.seal('token', 'ctx');
    expect(() => createSecretBox(Buffer.alloc(32)).open(sealed, 'ctx')).toThrow(unreadable);
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => box.open(`v1.${changed.toString('base64url')}`, 'ctx'), `byte ${i}`).toThrow(unreadable);
    }
    for (const text of ['', 'v1.', 'v2.abc', sealed.slice(0, 20), 'token'])
      expect(() => box.open(text, 'ctx')).toThrow(unreadable);
  });
});

describe('loadMasterKey', () => {
  it('reads 32 bytes as hex or base64, padded or not', () => {
    const base64 = key.toString('base64');
    for (const configured of [
      key.toString('hex'),
      key.toString('hex').toUpperCase(),
      base64,
      base64.replace('=', ''),
      ` ${base64}\n`,
    ])
      expect(loadMasterKey({ configured })).toEqual(key);
  });

  it('names the variable when the size is wrong or nothing is given, and never repeats the value', () => {
    for (const configured of ['abcd', 'a'.repeat(63), Buffer.alloc(16, 9).toString('base64'), `${'a'.repeat(63)}g`]) {
      expect(() => loadMasterKey({ configured })).toThrow(invalid);
      expect(() => loadMasterKey({ configured })).toThrow(/BUYERLINE_MASTER_KEY/);
      expect(() => loadMasterKey({ configured })).not.toThrow(new RegExp(configured));
    }
    expect(() => loadMasterKey({})).toThrow(invalid);
  });

  it('makes a key file of mode 0600 once and reads it afterwards', () => {
    const keyFile = path.join(folder, 'a.db.key');
    const made = loadMasterKey({ keyFile });
    expect(made).toHaveLength(32);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(loadMasterKey({ keyFile })).toEqual(made);
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(made.toString('hex'));
    expect(loadMasterKey({ configured: key.toString('hex'), keyFile })).toEqual(key);
  });

  it('names a key file that cannot be used instead of replacing it', () => {
    const keyFile = path.join(folder, 'broken.key');
    writeFileSync(keyFile, 'half a k');
    chmodSync(keyFile, 0o600);
    expect(() => loadMasterKey({ keyFile })).toThrow(invalid);
    expect(readFileSync(keyFile, 'utf8')).toBe('half a k');
    expect(() => loadMasterKey({ keyFile: path.join(folder, 'no', 'such', 'folder.key') })).toThrow(invalid);
  });
});

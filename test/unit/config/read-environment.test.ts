import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/read-environment.ts';

describe('readEnvironment', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'buyerline-env-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));
  const file = (content: string | Buffer) => writeFileSync(join(cwd, '.env'), content);

  it('lets the process environment win over the file, except with an empty text', () => {
    file('PORT=1\nHOST=file\nUDESK_EMAIL=a@b.c\nTIKTOK_APP_KEY=\n');
    expect(readEnvironment({ cwd, env: { PORT: '2', HOST: '', OTHER: 'x' } })).toEqual({
      PORT: '2',
      HOST: 'file',
      UDESK_EMAIL: 'a@b.c',
      OTHER: 'x',
    });
  });

  it('does without a file', () => {
    expect(readEnvironment({ cwd, env: { PORT: '2' } })).toEqual({ PORT: '2' });
  });

  it('reads a file with a byte order mark, Windows line ends, quotes and comments', () => {
    file('\uFEFFPORT=1\r\n# a comment\r\nUDESK_CHANNEL="two words" # why\r\nHOST=\'h\'\r\n');
    expect(readEnvironment({ cwd, env: {} })).toEqual({ PORT: '1', UDESK_CHANNEL: 'two words', HOST: 'h' });
  });

  it('refuses a file that it cannot read instead of starting without it', () => {
    file(Buffer.from('PORT=1', 'utf16le'));
    expect(() => readEnvironment({ cwd, env: {} })).toThrow(/\.env: is not plain text/);
    rmSync(join(cwd, '.env'));
    mkdirSync(join(cwd, '.env'));
    expect(() => readEnvironment({ cwd, env: {} })).toThrow(/\.env: cannot be read \(EISDIR\)/);
  });
});

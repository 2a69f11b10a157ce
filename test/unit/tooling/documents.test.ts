import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkErrorTable, checkSettingsTable, errorTable } from '../../../scripts/check/documents.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'buyerline-documents-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});
const readme = (text: string) => writeFileSync(join(root, 'README.md'), text);

describe('the settings table', () => {
  beforeEach(() => writeFileSync(join(root, '.env.example'), '# Where to listen\nPORT=3978\n# HOST=0.0.0.0\n'));

  it('agrees with .env.example, whether a variable is set there or only shown', () => {
    readme(
      '<!-- settings -->\n| variable | meaning |\n| --- | --- |\n| `PORT`, `HOST` | like `NOTHING` |\n<!-- /settings -->',
    );
    expect(checkSettingsTable(root)).toEqual([]);
  });

  it('names what is lacking and what does not exist', () => {
    readme(
      '<!-- settings -->\n| variable | meaning |\n| --- | --- |\n| `PROT` | typo |\n| `HOST` | |\n<!-- /settings -->',
    );
    expect(checkSettingsTable(root)).toEqual(['the table lacks PORT', 'the table names what does not exist: PROT']);
  });

  it('fails when the README has no such table', () => {
    expect(checkSettingsTable(root)).toEqual([
      'README.md has no table between <!-- settings --> and <!-- /settings -->',
    ]);
  });
});

describe('the error table', () => {
  it('is written between its markers even when what stands there now also stands earlier', () => {
    readme('one\ntwo\n<!-- error-codes -->\n<!-- /error-codes -->\n');
    checkErrorTable(root, true);
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toMatch(/^one\ntwo\n<!-- error-codes -->\n\n\| code/);
    expect(checkErrorTable(root, false)).toEqual([]);
  });

  it('is written on request and then agrees, with the text around it untouched', () => {
    readme('before\n<!-- error-codes -->\n| code | meaning |\n<!-- /error-codes -->\nafter\n');
    expect(checkErrorTable(root, false)[0]).toMatch(/^the table lacks CONFIG_INVALID, /);
    expect(checkErrorTable(root, true)).toEqual([]);
    expect(checkErrorTable(root, false)).toEqual([]);
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    expect(text).toMatch(/^before\n<!-- error-codes -->\n\n\| code \| meaning \|/);
    expect(text).toMatch(/\n\n<!-- \/error-codes -->\nafter\n$/);
  });

  it('notices a changed meaning', () => {
    readme('<!-- error-codes -->x<!-- /error-codes -->');
    checkErrorTable(root, true);
    readme(readFileSync(join(root, 'README.md'), 'utf8').replace('answered 413', 'answered 500'));
    expect(checkErrorTable(root, false)).toEqual(['the table is not current: npm run check -- --write']);
  });

  it('keeps a bar inside a meaning from opening a cell', () => {
    expect(errorTable({ A_B: 'one | two' })).toContain('| `A_B` | one \\| two |');
  });
});

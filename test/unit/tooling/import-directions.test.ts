import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { findDirectionProblems } from '../../../scripts/check/import-directions.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A folder under our own rules. The allowed import beside every case shows that the rules let something through. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'buyerline-directions-'));
  roots.push(root);
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    copyFileSync(join(repository, name), join(root, name));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'dir');
  mkdirSync(join(root, 'src'));
  const allowed = {
    'src/common/clock.ts': 'export const now = 1;\n',
    'src/bridge/owner.ts': "export { now } from '../common/clock.ts';\n",
  };
  for (const [path, text] of Object.entries({ ...allowed, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('the import directions', () => {
  it('let an area use common', async () => {
    expect(await findDirectionProblems(project({}))).toEqual([]);
  });

  it.each([
    [
      'src/udesk/client.ts',
      "export { now } from '../bridge/owner.ts';\n",
      'src/udesk/client.ts must not import src/bridge/owner.ts (areas-meet-in-app)',
    ],
    [
      'src/udesk/client.ts',
      "import type { now } from '../bridge/owner.ts';\nexport type Now = typeof now;\n",
      'src/udesk/client.ts must not import src/bridge/owner.ts (areas-meet-in-app)',
    ],
    [
      'src/contracts/store.ts',
      "export { now } from '../bridge/owner.ts';\n",
      'src/contracts/store.ts must not import src/bridge/owner.ts (contracts-below-areas)',
    ],
    [
      'src/common/text.ts',
      "export { now } from '../bridge/owner.ts';\n",
      'src/common/text.ts must not import src/bridge/owner.ts (common-is-the-floor)',
    ],
  ])('catch a wrong arrow from %s', async (path, text, problem) => {
    expect(await findDirectionProblems(project({ [path]: text }))).toEqual([problem]);
  });

  it('keep the framework and restify behind their folders', async () => {
    const problems = await findDirectionProblems(
      project({ 'src/store/a.ts': "import 'restify';\n", 'src/udesk/b.ts': "import 'botbuilder';\n" }),
    );
    expect(problems.map((problem) => problem.replace(/import \S+ /, 'import it ')).sort()).toEqual([
      'src/store/a.ts must not import it (restify-only-in-http)',
      'src/udesk/b.ts must not import it (bot-framework-behind-bridge-and-dialogs)',
    ]);
  });

  it('fail when nothing was read', async () => {
    // The file outside src keeps the tsconfig from being the one to complain.
    const root = project({ 'test/a.ts': 'export const a = 1;\n' });
    rmSync(join(root, 'src'), { recursive: true });
    mkdirSync(join(root, 'src'));
    expect(await findDirectionProblems(root)).toContain('0 modules were read, so nothing was checked');
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkEnvExample, checkErrorTable, checkSettingsTable } from './documents.ts';
import { findDirectionProblems } from './import-directions.ts';
import { readLockProblems } from './lock-file.ts';
import { checkPageTypes } from './page-types.ts';
import { packageScript, problemsOf } from './run-tool.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Check {
  name: string;
  /** Resolves with what is wrong, one line or block each; empty is fine. */
  run: () => Promise<string[]> | string[];
}

/** Longest first: they share two cores. */
function listChecks(write: boolean): Check[] {
  const tool = (path: string, ...args: string[]) => problemsOf(root, [packageScript(root, path), ...args]);
  return [
    { name: 'types', run: () => tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit', '--pretty', 'false') },
    { name: 'unused files, exports, packages (knip)', run: () => tool('knip/bin/knip.js', '--no-progress') },
    { name: 'types of pages', run: () => checkPageTypes(root) },
    { name: 'import directions', run: () => findDirectionProblems(root) },
    {
      name: 'lint and format (biome)',
      run: () => tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--colors=off', '.'),
    },
    {
      name: 'dialog files',
      run: () => problemsOf(root, [join(root, 'bin/buyerline.mjs'), 'dialogs', 'check']),
    },
    { name: 'lock file', run: () => readLockProblems(root) },
    { name: '.env.example', run: () => checkEnvExample(root, write) },
    { name: 'README: settings', run: () => checkSettingsTable(root) },
    { name: 'README: error codes', run: () => checkErrorTable(root, write) },
  ];
}

/** Runs every check whatever the others find, prints one summary, resolves with the exit code: 0 fine, 1 found problems. */
export async function runChecks(write: boolean): Promise<number> {
  if (!existsSync(join(root, 'node_modules'))) throw new Error('node_modules is missing: run npm ci');
  const waiting = listChecks(write);
  const lines: string[] = [];
  let failed = 0;
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedAt = performance.now();
      const problems = await attempt(check);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (problems.length > 0) failed += 1;
      process.stdout.write(problems.map((problem) => `${check.name}: ${problem}\n`).join(''));
      lines.push(`  ${problems.length === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
    }
  };
  const total = waiting.length;
  await Promise.all([worker(), worker()]);
  process.stdout.write(
    `${lines.join('\n')}\n${failed === 0 ? `All ${total} checks passed` : `${failed} of ${total} checks FAILED`}\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function attempt(check: Check): Promise<string[]> {
  try {
    return await check.run();
  } catch (thrown) {
    return [`could not be run: ${thrown instanceof Error ? thrown.stack : String(thrown)}`];
  }
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageScript, problemsOf } from './run-tool.ts';

/** Pages run in a browser, so the root tsconfig, which has no DOM, leaves them out. A page with a tsconfig.json of its own uses it. */
const PAGE_OPTIONS = [
  ['--ignoreConfig', '--noEmit', '--pretty', 'false', '--strict', '--noUncheckedIndexedAccess', '--skipLibCheck'],
  ['--target', 'es2023', '--lib', 'es2023,dom,dom.iterable', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ['--jsx', 'react-jsx', '--jsxImportSource', 'preact', '--types', 'vite/client'],
  ['--verbatimModuleSyntax', '--isolatedModules', '--allowImportingTsExtensions'],
].flat();

export async function checkPageTypes(root: string): Promise<string[]> {
  const compiler = packageScript(root, 'typescript/bin/tsc');
  const problems: string[] = [];
  for (const area of readdirSync(join(root, 'src'), { withFileTypes: true })) {
    const page = join('src', area.name, 'page');
    if (!existsSync(join(root, page))) continue;
    const own = existsSync(join(root, page, 'tsconfig.json'));
    const files = readdirSync(join(root, page), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('vite.config.'))
      .map((name) => join(page, name));
    if (files.length === 0) continue;
    const args = own ? ['-p', page, '--noEmit', '--pretty', 'false'] : [...PAGE_OPTIONS, ...files];
    problems.push(...(await problemsOf(root, [compiler, ...args])));
  }
  return problems;
}

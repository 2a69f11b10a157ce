import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ERROR_CODES } from '../../src/common/errors.ts';

const MEND = 'npm run check -- --write';

/** `.env.example` is what src/config/env-example.ts generates, letter for letter. `write` mends it. */
export async function checkEnvExample(root: string, write: boolean): Promise<string[]> {
  const generator = join(root, 'src/config/env-example.ts');
  const exported: Record<string, unknown> = await import(pathToFileURL(generator).href);
  const generate = exported.envExample;
  if (typeof generate !== 'function') return ['src/config/env-example.ts must export envExample(): string'];
  const expected: unknown = generate();
  if (typeof expected !== 'string') return ['envExample() must return the text of .env.example'];
  const file = join(root, '.env.example');
  if (existsSync(file) && readFileSync(file, 'utf8') === expected) return [];
  if (!write) return [`.env.example is not what src/config generates: ${MEND}`];
  writeFileSync(file, expected);
  return [];
}

/** The README's error table says what common/errors.ts says. `write` mends it. */
export function checkErrorTable(root: string, write: boolean): string[] {
  const readme = readReadme(root);
  const found = between(readme, 'error-codes');
  if (found === undefined) return [missing('error-codes')];
  const expected = errorTable(ERROR_CODES);
  if (found.trim() === expected) return [];
  if (!write) return [...differences(tableNames(found), Object.keys(ERROR_CODES)), `the table is not current: ${MEND}`];
  writeFileSync(join(root, 'README.md'), replaceBetween(readme, 'error-codes', `\n\n${expected}\n\n`));
  return [];
}

/** The README's settings table names exactly the variables of `.env.example`; its words are its own. */
export function checkSettingsTable(root: string): string[] {
  const found = between(readReadme(root), 'settings');
  if (found === undefined) return [missing('settings')];
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  const variables = [...example.matchAll(/^(?:#\s*)?([A-Z][A-Z0-9_]*)=/gm)].flatMap((match) => match.slice(1));
  if (variables.length === 0) return ['.env.example names no variable'];
  return differences(tableNames(found), variables);
}

/** Example row: `` | `CONFIG_INVALID` | A setting is missing or wrong | ``. */
export function errorTable(codes: Readonly<Record<string, string>>): string {
  const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`);
  return ['| code | meaning |', '| --- | --- |', ...rows].join('\n');
}

/** The names in backquotes of each row's first cell; one cell may hold several. */
export function tableNames(table: string): string[] {
  return table
    .split('\n')
    .flatMap((line) => [...(/^\s*\|([^|]*)\|/.exec(line)?.[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]*)`/g)])
    .flatMap((match) => match.slice(1));
}

/** Puts other text between the markers; what stands elsewhere is not touched, even when it is the same text. */
export function replaceBetween(text: string, name: string, inner: string): string {
  const opening = `<!-- ${name} -->`;
  const start = text.indexOf(opening) + opening.length;
  return text.slice(0, start) + inner + text.slice(text.indexOf(`<!-- /${name} -->`, start));
}

/** The text between `<!-- name -->` and `<!-- /name -->`. */
export function between(text: string, name: string): string | undefined {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  return from === -1 || to === -1 ? undefined : text.slice(from + open.length, to);
}

export function differences(documented: readonly string[], real: readonly string[]): string[] {
  const problems: string[] = [];
  const lacking = real.filter((name) => !documented.includes(name));
  const invented = documented.filter((name) => !real.includes(name));
  if (lacking.length > 0) problems.push(`the table lacks ${lacking.join(', ')}`);
  if (invented.length > 0) problems.push(`the table names what does not exist: ${invented.join(', ')}`);
  return problems;
}

function readReadme(root: string): string {
  const file = join(root, 'README.md');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const missing = (name: string) => `README.md has no table between <!-- ${name} --> and <!-- /${name} -->`;

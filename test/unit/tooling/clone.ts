import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

export interface Run {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A miniature clone: our bin/ and scripts/ over sources of a few lines, so that a build takes about a second. */
export interface Clone {
  root: string;
  write(path: string, text: string): void;
  remove(path: string): void;
  has(path: string): boolean;
  read(path: string): string;
  /** Names in the clone's root: shows what a build left behind. */
  names(): string[];
  run(args: string[], env?: NodeJS.ProcessEnv): Promise<Run>;
}

export interface CloneOptions {
  /** A built clone whose dist is taken over: it fits, because the sources are the same bytes. */
  builtFrom?: Clone;
  /** Replaces the packages by a compiler of five lines that notes each of its runs in `compiled.log`. */
  countingCompiler?: boolean;
}

const COUNTING_COMPILER = `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const target = process.argv[process.argv.indexOf('--outDir') + 1];
appendFileSync('compiled.log', 'compiled\\n');
mkdirSync(target + '/cli', { recursive: true });
writeFileSync(target + '/cli/main.js', 'process.exitCode = 0;');
`;

export function createClone(options: CloneOptions = {}): Clone {
  const root = mkdtempSync(join(tmpdir(), 'buyerline-clone-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const part of ['bin', 'scripts', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(repository, part), join(root, part), { recursive: true });
  if (options.countingCompiler) {
    write('node_modules/typescript/package.json', '{ "name": "typescript", "type": "module" }');
    write('node_modules/typescript/bin/tsc', COUNTING_COMPILER);
  } else symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'dir');
  if (options.builtFrom) cpSync(join(options.builtFrom.root, 'dist'), join(root, 'dist'), { recursive: true });
  write('package.json', '{ "name": "clone", "type": "module" }');
  write('src/common/word.ts', "export const word: string = 'first';\n");
  write(
    'src/cli/main.ts',
    `import { word } from '../common/word.ts';
const args = process.argv.slice(2);
process.stdout.write(JSON.stringify({ word, args }));
process.exitCode = Number(args[0] ?? 0);
`,
  );
  return {
    root,
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    has: (path) => existsSync(join(root, path)),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    names: () => readdirSync(root).sort(),
    run: (args, env = {}) => run(args, root, env),
  };
}

async function run(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Run> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [exitCode, signal]: [number | null, NodeJS.Signals | null] = await closed(child);
  return { exitCode, signal, stdout, stderr };
}

async function closed(child: ReturnType<typeof spawn>): Promise<[number | null, NodeJS.Signals | null]> {
  await once(child, 'close');
  return [child.exitCode, child.signalCode];
}

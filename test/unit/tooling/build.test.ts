import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clone, type CloneOptions, createClone } from './clone.ts';

const COMMAND = 'bin/buyerline.mjs';
const INPUTS = ['bin', 'node_modules', 'package.json', 'scripts', 'src', 'tsconfig.build.json', 'tsconfig.json'];
const BUILT = [...INPUTS, 'dist'].sort();
/** The largest id that Linux gives to a process: nobody has it here. */
const DEAD_PID = 4194303;

const clones: Clone[] = [];
const clean = (clone: Clone) => rmSync(clone.root, { recursive: true, force: true });
const open = (options: CloneOptions = {}): Clone => {
  const clone = createClone(options);
  clones.push(clone);
  return clone;
};
let builtFrom: Clone;
beforeAll(async () => {
  builtFrom = createClone();
  await builtFrom.run(['scripts/build.mjs']);
});
afterEach(() => {
  for (const clone of clones.splice(0)) clean(clone);
});
afterAll(() => clean(builtFrom));

describe('the buyerline command in a clone', () => {
  it('builds once, says so in one line on stderr, then starts without building', async () => {
    const clone = open();
    const first = await clone.run([COMMAND, '0', '--flag']);
    expect(first).toMatchObject({ exitCode: 0, stderr: 'buyerline: building (dist is missing)\n' });
    expect(JSON.parse(first.stdout)).toEqual({ word: 'first', args: ['0', '--flag'] });
    expect(clone.names()).toEqual(BUILT);
    expect(await clone.run([COMMAND])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('builds again when a source changes, though its size and time stand still', async () => {
    const clone = open({ builtFrom });
    const source = join(clone.root, 'src/common/word.ts');
    const { atime, mtime } = statSync(source);
    writeFileSync(source, "export const word: string = 'third';\n");
    utimesSync(source, atime, mtime);
    const run = await clone.run([COMMAND]);
    expect(run.stderr).toBe('buyerline: building (the sources changed)\n');
    expect(JSON.parse(run.stdout)).toMatchObject({ word: 'third' });
  });

  it('builds nothing when only times changed', async () => {
    const clone = open({ builtFrom });
    utimesSync(join(clone.root, 'src/common/word.ts'), new Date(), new Date());
    expect(await clone.run([COMMAND])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('drops the output of a source that was removed', async () => {
    const clone = open();
    clone.write('src/common/extra.ts', 'export const extra = 1;\n');
    await clone.run([COMMAND]);
    expect(clone.has('dist/common/extra.js')).toBe(true);
    clone.remove('src/common/extra.ts');
    await clone.run([COMMAND]);
    expect(clone.has('dist/common/extra.js')).toBe(false);
  });

  it.each([0, 1, 2])('passes on the exit code %i of the program', async (code) => {
    expect((await open({ builtFrom }).run([COMMAND, String(code)])).exitCode).toBe(code);
  });

  it('compiles once when several processes start at once over an empty dist', async () => {
    const clone = open({ countingCompiler: true });
    const runs = await Promise.all(Array.from({ length: 6 }, () => clone.run([COMMAND])));
    expect(runs.map((run) => run.exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(clone.read('compiled.log')).toBe('compiled\n');
    expect(clone.names()).toEqual([...BUILT, 'compiled.log'].sort());
  });

  it('takes over the lock and the folder of a builder that was killed', async () => {
    const clone = open({ countingCompiler: true });
    clone.write('dist.lock', JSON.stringify({ pid: DEAD_PID, host: hostname() }));
    clone.write(`dist.${DEAD_PID}.tmp/cli/main.js`, 'half');
    expect((await clone.run([COMMAND])).exitCode).toBe(0);
    expect(clone.names()).toEqual([...BUILT, 'compiled.log'].sort());
  });

  it('takes over a lock that nobody has touched for longer than a holder would wait', async () => {
    const clone = open({ countingCompiler: true });
    clone.write('dist.lock', JSON.stringify({ pid: process.pid, host: 'another-machine' }));
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(join(clone.root, 'dist.lock'), minuteAgo, minuteAgo);
    expect((await clone.run([COMMAND])).exitCode).toBe(0);
  });

  it('refuses with exit code 2 and keeps the working dist when a source does not compile', async () => {
    const clone = open({ builtFrom });
    clone.write('src/common/word.ts', 'export const word = ;\n');
    const run = await clone.run([COMMAND]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('src/common/word.ts(1,21)');
    expect(run.stdout).toBe('');
    expect(clone.has('dist/cli/main.js')).toBe(true);
    expect(clone.names()).toEqual(BUILT);
  });

  it('refuses with exit code 2 when the compiler is not installed', async () => {
    const clone = open();
    clone.remove('node_modules');
    const run = await clone.run([COMMAND]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('typescript is not installed: run npm ci');
  });

  it('says what to install when Node is too old, before anything else', async () => {
    const clone = open();
    clone.write('old.mjs', "Object.defineProperty(process.versions, 'node', { value: '20.18.3' });\n");
    const run = await clone.run(['--import', './old.mjs', COMMAND]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toBe(
      'buyerline: Buyerline needs Node 20.19 or newer, this is 20.18.3: install a newer Node and start again\n',
    );
    expect(clone.has('dist')).toBe(false);
  });

  it('runs an installed package, which has no sources, as it is', async () => {
    const clone = open({ builtFrom });
    clone.remove('src');
    clone.remove('scripts');
    expect(await clone.run([COMMAND])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('the build', () => {
  it('is silent, builds pages and copies what the compiler leaves behind', async () => {
    const clone = open();
    clone.write('src/store/sqlite/migrations/001.sql', 'SELECT 1;\n');
    clone.write('src/console/page/index.html', '<script type="module" src="./main.tsx"></script>');
    clone.write('src/console/page/main.tsx', 'document.body.append(<b>shown</b>);\n');
    expect(await clone.run(['scripts/build.mjs'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(clone.has('dist/store/sqlite/migrations/001.sql')).toBe(true);
    expect(clone.has('dist/common/word.d.ts')).toBe(true);
    expect(clone.has('dist/common/word.ts')).toBe(false);
    expect(clone.has('dist/console/page/main.tsx')).toBe(false);
    expect(clone.read('dist/console/page/index.html')).toMatch(/src="\.\/assets\/index-[\w-]+\.js"/);
  });

  it('without vite refuses, unless the page was built before', async () => {
    const clone = open({ countingCompiler: true });
    clone.write('src/console/page/index.html', 'source');
    const refused = await clone.run(['scripts/build.mjs']);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('dist/console/page was never built');

    clone.write('dist/console/page/index.html', 'built before');
    const kept = await clone.run(['scripts/build.mjs']);
    expect(kept.exitCode).toBe(0);
    expect(kept.stderr).toContain('keeping the page of an earlier build in dist/console/page');
    expect(clone.read('dist/console/page/index.html')).toBe('built before');
  });
});

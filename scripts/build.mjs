/**
 * `npm run build`: TypeScript, pages and assets into dist. Silent unless it fails, nothing to do when dist fits the sources,
 * `--force` builds anyway. Written into a folder of its own and renamed, so a reader never meets half a dist.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive, lockBuild } from './build-lock.mjs';
import { filesUnder, sourceHash, whyStale } from './build-state.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Raised for what a person can mend; anything else keeps its stack. */
class BuildFailure extends Error {}

async function build(force) {
  if (!force && whyStale(root) === undefined) return;
  const unlock = await lockBuild(join(root, 'dist.lock'));
  try {
    if (!force && whyStale(root) === undefined) return;
    removeLeftovers();
    const hash = sourceHash(root);
    // Beside dist, not in the system's temporary folder: a rename must stay on one file system.
    const target = join(root, `dist.${process.pid}.tmp`);
    rmSync(target, { recursive: true, force: true });
    try {
      await Promise.all([compile(target), buildPages(target)]);
      copyAssets(target);
      writeFileSync(join(target, '.stamp'), `${hash}\n`);
      replaceFolder(target, join(root, 'dist'));
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  } finally {
    unlock();
  }
}

/** `--noCheck` because `npm run check` judges types: emitting alone keeps a first start short. */
async function compile(target) {
  const compiler = resolveOr('typescript/package.json');
  if (compiler === undefined)
    throw new BuildFailure('typescript is not installed: run npm ci (without --omit=dev), or ship a built dist');
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--pretty', 'false', '--outDir', target];
  await runNode([join(dirname(compiler), 'bin/tsc'), ...args]);
}

/** src/<area>/page/index.html and what it imports become dist/<area>/page. Without vite, pages of an earlier build are kept. */
async function buildPages(target) {
  const areas = pageAreas();
  if (areas.length === 0) return;
  if (resolveOr('vite/package.json') !== undefined) {
    await runNode([join(root, 'scripts/build-pages.mjs'), target, ...areas]);
    return;
  }
  for (const area of areas) {
    const built = join(root, 'dist', area, 'page');
    if (!existsSync(join(built, 'index.html')))
      throw new BuildFailure(
        `vite is not installed and dist/${area}/page was never built: run npm ci (without --omit=dev)`,
      );
    process.stderr.write(
      `buyerline: vite is not installed, keeping the page of an earlier build in dist/${area}/page\n`,
    );
    cpSync(built, join(target, area, 'page'), { recursive: true });
  }
}

function pageAreas() {
  return filesUnder(root, 'src').flatMap((file) => /^src\/([^/]+)\/page\/index\.html$/.exec(file)?.slice(1) ?? []);
}

/** Whatever the program reads at run time and the compiler leaves behind: SQL, YAML, JSON. */
function copyAssets(target) {
  for (const file of filesUnder(root, 'src')) {
    const inside = file.slice('src/'.length);
    if (/\.[mc]?tsx?$/.test(inside) || /^[^/]+\/page\//.test(inside)) continue;
    mkdirSync(dirname(join(target, inside)), { recursive: true });
    cpSync(join(root, file), join(target, inside));
  }
}

/** A builder that was killed leaves its folder behind. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    const pid = /^dist\.(\d+)(?:\.\d+)?\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** A folder cannot be renamed over a full one, so the old one steps aside first; a builder that got between is met again. */
function replaceFolder(from, to) {
  for (let attempt = 1; ; attempt++) {
    const aside = `${to}.${process.pid}.${attempt}.tmp`;
    try {
      renameSync(to, aside);
    } catch (thrown) {
      if (thrown.code !== 'ENOENT') throw thrown;
    }
    try {
      renameSync(from, to);
      return;
    } catch (thrown) {
      if (attempt === 5 || (thrown.code !== 'ENOTEMPTY' && thrown.code !== 'EEXIST')) throw thrown;
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }
}

async function runNode(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const [exitCode, signal] = await once(child, 'close');
  if (exitCode !== 0)
    throw new BuildFailure(
      `${Buffer.concat(output).toString().trim() || `a build step ended with ${signal ?? exitCode}`}`,
    );
}

function resolveOr(specifier) {
  try {
    return require.resolve(specifier);
  } catch {
    return undefined;
  }
}

try {
  await build(process.argv.includes('--force'));
} catch (thrown) {
  process.stderr.write(`buyerline build: ${thrown instanceof BuildFailure ? thrown.message : thrown.stack}\n`);
  process.exitCode = 1;
}

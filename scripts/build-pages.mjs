/** `build-pages.mjs <target> <area>...`: one vite build per area. A process of its own, beside the compiler, on the second core. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const [target = '', ...areas] = process.argv.slice(2);
for (const area of areas) {
  const page = fileURLToPath(new URL(`../src/${area}/page`, import.meta.url));
  const ownConfig = existsSync(page) && readdirSync(page).some((name) => name.startsWith('vite.config.'));
  await build({
    root: page,
    logLevel: 'error',
    build: { outDir: join(target, area, 'page'), emptyOutDir: true },
    // A page decides about these in a vite.config.ts of its own; relative addresses fit any place it is served from.
    ...(ownConfig ? {} : { base: './', esbuild: { jsx: 'automatic', jsxImportSource: 'preact' } }),
  });
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What besides src/ decides how dist looks; the lock file because page bundles carry packages. */
const OTHER_INPUTS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/build-pages.mjs',
];

/** Every file under a folder, sorted, relative to `root` with forward slashes. */
export function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * A hash over names and bytes of everything that dist is made from. Contents rather than times, because a clone, an image
 * layer or a restored cache changes the times of unchanged files; reading 300 files takes about 15 ms.
 */
export function sourceHash(root) {
  const hash = createHash('sha256');
  for (const file of [...OTHER_INPUTS, ...filesUnder(root, 'src')]) {
    const path = join(root, file);
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Why dist cannot be run as it is, or undefined when it fits the sources. */
export function whyStale(root) {
  if (!existsSync(join(root, 'dist/cli/main.js'))) return 'dist is missing';
  const stamp = join(root, 'dist/.stamp');
  if (!existsSync(stamp)) return 'dist carries no stamp';
  return readFileSync(stamp, 'utf8').trim() === sourceHash(root) ? undefined : 'the sources changed';
}

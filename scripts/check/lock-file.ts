import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Dependencies = z.record(z.string(), z.string()).optional();
const Entry = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});
const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry) });
const Manifest = z.object({
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
type LockEntry = z.infer<typeof Entry>;

/** npm's public default. A lock file that names another host sends every user there. */
const PUBLIC_HOST = 'registry.npmjs.org';
const EXACT_VERSION = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

export function readLockProblems(root: string): string[] {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
  return findLockProblems(read('package-lock.json'), read('package.json'));
}

/**
 * What would make `npm ci` differ between machines. npm has written lock files that list the native parts of the machine they
 * were made on only (npm issue 4828): everything a package names, optional or not, must have an entry that can be verified.
 * Example: `node_modules/rollup names @rollup/rollup-darwin-x64 4.68.7, which has no entry`.
 */
export function findLockProblems(lockFile: unknown, manifest: unknown): string[] {
  const { packages } = Lock.parse(lockFile);
  const entries = new Map(Object.entries(packages));
  const root = entries.get('');
  if (root === undefined || entries.size < 2) return ['package-lock.json lists no packages'];
  const problems: string[] = [];
  const declared = Manifest.parse(manifest);
  for (const kind of KINDS)
    if (JSON.stringify(sorted(declared[kind])) !== JSON.stringify(sorted(root[kind])))
      problems.push(`${kind} of package.json and package-lock.json differ: run npm install`);
  for (const [place, entry] of entries) {
    if (place !== '' && entry.link !== true) problems.push(...entryProblems(place, entry));
    for (const [name, range] of KINDS.flatMap((kind) => Object.entries(entry[kind] ?? {}))) {
      const found = resolveEntry(entries, place, name);
      if (found === undefined) problems.push(`${place || 'package.json'} names ${name} ${range}, which has no entry`);
      else if (EXACT_VERSION.test(range) && found.version !== range)
        problems.push(`${place || 'package.json'} names ${name} ${range}, its entry has ${found.version}`);
    }
  }
  return problems;
}

function entryProblems(place: string, entry: LockEntry): string[] {
  const problems: string[] = [];
  if (entry.version === undefined) problems.push(`${place} has no version`);
  if (entry.integrity === undefined) problems.push(`${place} has no integrity`);
  if (entry.resolved !== undefined) {
    const host = URL.canParse(entry.resolved) ? new URL(entry.resolved).host : '';
    if (host !== PUBLIC_HOST) problems.push(`${place} is resolved from ${host || 'no host'}`);
  }
  return problems;
}

/** The way Node looks: beside the package, then one node_modules further out, up to the top. */
function resolveEntry(entries: ReadonlyMap<string, LockEntry>, from: string, name: string): LockEntry | undefined {
  for (let place = from; ; place = outer(place)) {
    const found = entries.get(place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`);
    if (found !== undefined || place === '') return found;
  }
}

function outer(place: string): string {
  const cut = place.lastIndexOf('/node_modules/');
  return cut === -1 ? '' : place.slice(0, cut);
}

const sorted = (record: Record<string, string> = {}) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

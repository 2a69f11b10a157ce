import { describe, expect, it } from 'vitest';
import { findLockProblems } from '../../../scripts/check/lock-file.ts';

const manifest = { devDependencies: { bundler: '^4' } };
const entry = (version: string, more: object = {}) => ({ version, integrity: 'sha512-AAAA', ...more });
const lockOf = (packages: object) => ({ lockfileVersion: 3, packages: { '': manifest, ...packages } });

const natives = { '@bundler/linux-x64': '4.1.0', '@bundler/darwin-arm64': '4.1.0' };
const complete = {
  'node_modules/bundler': entry('4.1.0', { optionalDependencies: natives, dependencies: { parser: '^2.0.0' } }),
  'node_modules/@bundler/linux-x64': entry('4.1.0', { optional: true }),
  'node_modules/@bundler/darwin-arm64': entry('4.1.0', { optional: true }),
  'node_modules/parser': entry('1.0.0'),
  'node_modules/bundler/node_modules/parser': entry('2.0.0'),
};
const without = (place: string) => Object.fromEntries(Object.entries(complete).filter(([key]) => key !== place));

describe('the lock file check', () => {
  it('accepts a file that carries every platform', () => {
    expect(findLockProblems(lockOf(complete), manifest)).toEqual([]);
  });

  it('names the native part of another platform that is missing', () => {
    expect(findLockProblems(lockOf(without('node_modules/@bundler/darwin-arm64')), manifest)).toEqual([
      'node_modules/bundler names @bundler/darwin-arm64 4.1.0, which has no entry',
    ]);
  });

  it('refuses a native part of another version than the package asks for', () => {
    const packages = { ...complete, 'node_modules/@bundler/darwin-arm64': entry('4.0.9') };
    expect(findLockProblems(lockOf(packages), manifest)).toEqual([
      'node_modules/bundler names @bundler/darwin-arm64 4.1.0, its entry has 4.0.9',
    ]);
  });

  it('finds a package outside its parent and reports one that is nowhere', () => {
    expect(findLockProblems(lockOf(without('node_modules/bundler/node_modules/parser')), manifest)).toEqual([]);
    const packages = Object.fromEntries(Object.entries(complete).filter(([key]) => !key.endsWith('parser')));
    expect(findLockProblems(lockOf(packages), manifest)).toEqual([
      'node_modules/bundler names parser ^2.0.0, which has no entry',
    ]);
  });

  it('refuses an entry that cannot be verified', () => {
    const packages = { ...complete, 'node_modules/parser': { version: '1.0.0' } };
    expect(findLockProblems(lockOf(packages), manifest)).toEqual(['node_modules/parser has no integrity']);
  });

  it.each([
    ['https://registry.npmjs.org/parser/-/parser-1.0.0.tgz', []],
    ['http://mirror.example:4873/parser-1.0.0.tgz', ['node_modules/parser is resolved from mirror.example:4873']],
    ['file:../parser', ['node_modules/parser is resolved from no host']],
  ])('judges the address %s', (resolved, problems) => {
    const packages = { ...complete, 'node_modules/parser': entry('1.0.0', { resolved }) };
    expect(findLockProblems(lockOf(packages), manifest)).toEqual(problems);
  });

  it('reports a package.json that moved on', () => {
    expect(findLockProblems(lockOf(complete), { devDependencies: { bundler: '^5' } })).toEqual([
      'devDependencies of package.json and package-lock.json differ: run npm install',
    ]);
  });

  it('reports an empty file rather than passing it', () => {
    expect(findLockProblems(lockOf({}), manifest)).toEqual(['package-lock.json lists no packages']);
  });
});

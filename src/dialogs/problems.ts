import type { z } from 'zod';
import type { Problem } from '../common/errors.ts';
import type { SourcePath, YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** Turns what zod found into problems with a place, in words that say what to write instead. `base` is where the value stands. */
export function problemsOfIssues(issues: readonly Issue[], source: YamlSource, base: SourcePath): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
    if (issue.code === 'unrecognized_keys') {
      const words = issue.message.split('\n');
      return issue.keys.map((key, i) => ({
        where: source.atKey(path, key),
        what: words[i] ?? `unknown key "${key}"`,
      }));
    }
    if (issue.code === 'invalid_key') {
      return [
        {
          where: source.atKey(path.slice(0, -1), String(path.at(-1))),
          what: issue.issues[0]?.message ?? issue.message,
        },
      ];
    }
    const name = path.at(-1);
    const missing = issue.code === 'invalid_type' && issue.input === undefined && !exists(source.content, path);
    if (missing && typeof name === 'string') {
      return [{ where: source.at(path.slice(0, -1)), what: `"${name}" is missing: ${issue.message}` }];
    }
    return [{ where: source.at(path), what: typeof name === 'string' ? `"${name}": ${issue.message}` : issue.message }];
  });
}

function exists(content: unknown, path: SourcePath): boolean {
  let value = content;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string | number, unknown>)[key];
  }
  return true;
}

/** By file, line and column, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const split = (where: string): [string, number, number] => {
    const match = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(where);
    return [match?.[1] ?? where, Number(match?.[2] ?? 0), Number(match?.[3] ?? 0)];
  };
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const key = `${problem.where}\n${problem.what}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .map((problem) => ({ problem, key: split(problem.where) }))
    .sort((a, b) => {
      if (a.key[0] !== b.key[0]) return a.key[0] < b.key[0] ? -1 : 1;
      return a.key[1] - b.key[1] || a.key[2] - b.key[2];
    })
    .map(({ problem }) => problem);
}

import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { packageScript, runNode } from './run-tool.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const Report = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    totalDependenciesCruised: z.number(),
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string(), severity: z.string() }) }),
    ),
  }),
});

/**
 * Holds src/ of a folder against `.dependency-cruiser.cjs`. Every source must be among the modules read: with a compiler it
 * cannot use, dependency-cruiser reads nothing and reports no violation.
 */
export async function findDirectionProblems(root: string): Promise<string[]> {
  const config = join(root, '.dependency-cruiser.cjs');
  if (!existsSync(config)) return ['.dependency-cruiser.cjs is missing'];
  const tool = packageScript(repository, 'dependency-cruiser/bin/dependency-cruise.mjs');
  const run = await runNode(root, [tool, '--config', config, '--output-type', 'json', 'src']);
  const report = Report.safeParse(parse(run.stdout));
  if (!report.success) return [`dependency-cruiser gave no report (exit code ${run.exitCode})\n${run.stderr.trim()}`];
  const { modules, summary } = report.data;
  const problems = summary.violations
    .filter((violation) => violation.rule.severity === 'error')
    .map(({ rule, from, to }) => `${from} must not import ${to} (${rule.name})`);
  // Packages are listed among the modules too, and so is an empty src/ itself.
  const read = new Set(modules.map((module) => module.source).filter((source) => source.startsWith('src/')));
  const unread = sources(root).filter((file) => !read.has(file));
  if (read.size === 0) problems.push('0 modules were read, so nothing was checked');
  else if (unread.length > 0) problems.push(`not read, so not checked: ${unread.join(', ')}`);
  if (read.size > 1 && summary.totalDependenciesCruised === 0)
    problems.push('not one import was recognised, so nothing was checked');
  return problems;
}

function sources(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

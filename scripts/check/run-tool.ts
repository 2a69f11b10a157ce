import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface ToolRun {
  /** 0 fine; null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a Node program to its end. Example of `args`: `['/repo/node_modules/typescript/bin/tsc', '--noEmit']`. */
export async function runNode(cwd: string, args: readonly string[]): Promise<ToolRun> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** A tool that exits with 0 found nothing; otherwise all it printed is one problem. */
export async function problemsOf(cwd: string, args: readonly string[]): Promise<string[]> {
  const run = await runNode(cwd, args);
  if (run.exitCode === 0) return [];
  return [`exit code ${run.exitCode}\n${`${run.stdout}\n${run.stderr}`.trim()}`];
}

/** The file behind a package's command: spawning it directly needs neither a shell nor `npx`, whose fallback is the network. */
export function packageScript(root: string, path: string): string {
  const file = join(root, 'node_modules', path);
  if (!existsSync(file)) throw new Error(`node_modules/${path} is missing: run npm ci`);
  return file;
}

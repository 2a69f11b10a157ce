import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const STOP_MS = 10_000;

/** Starts a TypeScript file of bench/ and resolves with the JSON of its first line. */
export async function startScript<T>(path: string, args: readonly string[] = []): Promise<{ said: T; stop: Stop }> {
  const child = spawn(process.execPath, ['--import', 'tsx', here(path), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: T = JSON.parse(await firstLine(child, path));
  return { said, stop: () => stopChild(child) };
}

export type Stop = () => Promise<void>;

/** Runs a TypeScript file of bench/ to its end and resolves with the JSON of its first line. */
export async function runScript<T>(path: string, args: readonly string[]): Promise<T> {
  const { said, stop } = await startScript<T>(path, args);
  await stop();
  return said;
}

/** SIGTERM, then SIGKILL when that is not heard. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(kill);
}

function firstLine(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error(`${name} has no output`));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${name} ended before it spoke (${signal ?? code})`)));
  });
}

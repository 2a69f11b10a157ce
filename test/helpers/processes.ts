import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { GiveUp, until } from './until.ts';

/**
 * Real processes for tests: the built program, the simulators, and commands beside them. Nothing is inherited from the environment that the
 * tests run in except what a program needs to be found, so that a developer's `.env` or exported keys change nothing.
 */
export const ROOT = join(import.meta.dirname, '..', '..');
const DIST = join(ROOT, 'dist');

/** Generous: continuous integration may run two of these beside a compiler on two cores. */
export const START_MS = 60_000;
const STOP_MS = 30_000;

export type Variables = Record<string, string>;

export interface Started {
  readonly child: ChildProcess;
  /** What was printed until now. */
  stdout(): string;
  stderr(): string;
  /** Resolves with how it ended. Never rejects. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  running(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

let built: Promise<void> | undefined;

/** Brings `dist` up to the sources (a matter of milliseconds when it is); once a test file, and its lock lets only one file build. */
export function buildProgram(): Promise<void> {
  built ??= (async () => {
    const build = launch([join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT, env: {} });
    const { code } = await build.ended;
    if (code !== 0) throw new Error(`the build failed:\n${build.stderr()}`);
  })();
  return built;
}

/** `node <args>` with exactly this environment. */
export function launch(args: string[], options: { cwd: string; env: Variables }): Started {
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    // `close`, not `exit`: what it printed last has been read then.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  void ended.then(() => alive.delete(child));
  return {
    child,
    stdout: () => Buffer.concat(out).toString('utf8'),
    stderr: () => Buffer.concat(err).toString('utf8'),
    ended,
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export interface Bridge extends Started {
  readonly url: string;
  /** SIGTERM, and waits. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Begins `buyerline serve`; `bridgeReady` waits for its port. */
export const launchBridge = (cwd: string, env: Variables): Started =>
  launch([join(DIST, 'cli', 'main.js'), 'serve'], { cwd, env });

/** Waits until the process prints that it listens. */
export async function bridgeReady(started: Started): Promise<Bridge> {
  const url = await until(
    'the bridge listens',
    () => {
      const found = /Buyerline listens on (http:\S+)/.exec(started.stdout())?.[1];
      if (found === undefined && !started.running())
        throw new GiveUp(`the bridge ended:\n${started.stdout()}\n${started.stderr()}`);
      return found;
    },
    { deadlineMs: START_MS, everyMs: 20 },
  );
  return {
    ...started,
    url,
    async stop() {
      started.signal('SIGTERM');
      const late = setTimeout(() => started.signal('SIGKILL'), STOP_MS);
      const how = await started.ended;
      clearTimeout(late);
      return how;
    },
  };
}

/** Runs a command of the program to its end: `buyerline(['doctor'], …)`. */
export async function buyerline(
  args: string[],
  options: { cwd: string; env: Variables },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const started = launch([join(DIST, 'cli', 'main.js'), ...args], options);
  const late = setTimeout(() => started.signal('SIGKILL'), START_MS);
  const { code } = await started.ended;
  clearTimeout(late);
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

/**
 * A free port below the range from which systems take ports for outgoing connections: a bridge that is killed and started again must find
 * its port free, and a simulator's connection could sit on it otherwise.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port found');
}

/** The built simulators; their first line says where they are. */
export const launchSandbox = (args: string[]): Started =>
  launch([join(DIST, 'sandbox', 'main.js'), ...args], { cwd: ROOT, env: {} });

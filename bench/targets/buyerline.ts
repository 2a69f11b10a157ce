import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopChild } from '../child.ts';
import { APP_KEY, APP_SECRET, shopId } from '../protocol.ts';
import type { Platform, RunningTarget, Target } from './target.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const START_MS = 60_000;
const POLL_MS = 50;

/** The bridge as a user starts it: `buyerline serve` with settings in the environment and a SQLite file. */
export const buyerline: Target = {
  name: 'buyerline',
  does: 'durable dialog turns, SQLite',
  replies: 'at once',
  start: (platform) => startInFolder(platform, 'all'),
};

/** Intake alone: one process stores and acknowledges and answers nothing; what it stored is answered by a second start over the same file. */
export const buyerlineIntake: Target = {
  name: 'buyerline',
  does: 'durable intake, SQLite',
  replies: 'afterwards',
  start: (platform) => startInFolder(platform, 'intake'),
};

/** A bridge over a database folder of its own, which goes when the bridge cannot start or is stopped. */
async function startInFolder(platform: Platform, role: 'all' | 'intake'): Promise<Required<RunningTarget>> {
  const folder = await mkdtemp(join(tmpdir(), 'buyerline-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const start = (as: 'all' | 'intake') =>
    startBridge(platform, folder, as).catch(async (thrown: unknown) => {
      await remove();
      throw thrown;
    });
  let bridge = await start(role);
  return {
    url: bridge.url,
    answerStored: async () => {
      await bridge.stop();
      bridge = await start('all');
    },
    stop: async () => {
      await bridge.stop();
      await remove();
    },
  };
}

async function startBridge(platform: Platform, folder: string, role: 'all' | 'intake') {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = role === 'all' ? [fromRoot('bin/buyerline.mjs'), 'serve'] : [fromRoot('bench/targets/intake.mjs')];
  const child = spawn(process.execPath, command, {
    // A folder of its own, so that a developer's .env says nothing here.
    cwd: folder,
    env: { ...inherited(), ...settings(platform, folder, port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => stopChild(child);
  const giveUpAt = performance.now() + START_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`buyerline serve ended with exit code ${child.exitCode}`);
    if (performance.now() > giveUpAt) {
      await stop();
      throw new Error('buyerline serve was not ready within a minute');
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { url: `${url}/webhooks/tiktok`, stop };
}

function settings(platform: Platform, folder: string, port: number): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'error',
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    DIALOGS_DIR: fromRoot('bench/dialogs'),
    TIKTOK_APP_KEY: APP_KEY,
    TIKTOK_APP_SECRET: APP_SECRET,
    TIKTOK_API_URL: platform.url,
    TIKTOK_AUTH_URL: platform.url,
    // The platform's limits are not what is measured.
    TIKTOK_REQUESTS_PER_SECOND: '100000',
    TIKTOK_REQUESTS_PER_DAY: '1000000000',
    TIKTOK_SHOP_ID: shopId(0),
    TIKTOK_SHOP_CIPHER: 'ROW_benchcipher',
    TIKTOK_ACCESS_TOKEN: 'TTP_benchaccess',
    TIKTOK_REFRESH_TOKEN: 'TTP_benchrefresh',
    UDESK_API_URL: `${platform.url}/open_api_v1`,
    UDESK_EMAIL: 'bench@shop.invalid',
    UDESK_API_TOKEN: 'benchtoken',
    UDESK_PUSH_SECRET: 'benchpushsecret',
  };
}

/** Settings of the bridge that a developer exported would change what is measured; everything else (PATH, NODE_OPTIONS) passes. */
function inherited(): Record<string, string | undefined> {
  const ours = /^(?:BUYERLINE|TIKTOK|SHOPEE|UDESK|OPENAI|MICROSOFT)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

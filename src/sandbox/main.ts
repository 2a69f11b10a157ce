import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../common/clock.ts';
import { demoCredentials } from './demo-world.ts';
import { createTiktokSimulator } from './tiktok/tiktok-simulator.ts';
import { createUdeskSimulator } from './udesk/udesk-simulator.ts';

const USAGE = `Both simulators as one process. All arguments are optional:
  --tiktok-port <n>      default 0: any free port
  --udesk-port <n>
  --host <address>       default 127.0.0.1
  --webhook-url <url>    where TikTok Shop sends webhooks
  --push-url <url>       where Udesk sends pushes
  --redirect-url <url>   where the authorise page returns to
  --compress <n>         divides the waits of the retry ladder and of the push pause
  --calls-per-minute <n> Udesk's limit, default 60, 0 for none
  --quiet                no robot, agent and rating lines around conversations
  --seed <n>             seed of the chances`;

export interface SandboxArguments {
  tiktokPort: number;
  udeskPort: number;
  host: string;
  webhookUrl?: string;
  pushUrl?: string;
  redirectUrl?: string;
  compress: number;
  callsPerMinute: number;
  quiet: boolean;
  seed: number;
}

/** Throws `TypeError` or `RangeError` with a sentence for the terminal. */
export function readSandboxArguments(argv: string[]): SandboxArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      'tiktok-port': { type: 'string', default: '0' },
      'udesk-port': { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'webhook-url': { type: 'string' },
      'push-url': { type: 'string' },
      'redirect-url': { type: 'string' },
      compress: { type: 'string', default: '1' },
      'calls-per-minute': { type: 'string', default: '60' },
      quiet: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  });
  const number = (name: string, text: string, min: number, max: number): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max)
      throw new RangeError(`--${name} must be a number from ${min} to ${max}`);
    return value;
  };
  const address = (name: string, text: string | undefined): string | undefined => {
    if (text !== undefined && !/^https?:\/\//.test(text)) throw new RangeError(`--${name} must be an http(s) address`);
    return text;
  };
  return {
    tiktokPort: number('tiktok-port', values['tiktok-port'], 0, 65_535),
    udeskPort: number('udesk-port', values['udesk-port'], 0, 65_535),
    host: values.host,
    webhookUrl: address('webhook-url', values['webhook-url']),
    pushUrl: address('push-url', values['push-url']),
    redirectUrl: address('redirect-url', values['redirect-url']),
    compress: number('compress', values.compress, 0.001, 1_000_000),
    callsPerMinute: number('calls-per-minute', values['calls-per-minute'], 0, 1_000_000),
    quiet: values.quiet,
    seed: number('seed', values.seed, 0, 4_294_967_295),
  };
}

/** Starts both and prints one line of JSON: `{"ready":true,"tiktokUrl":…,"udeskUrl":…,"credentials":{…}}`. */
export async function runSandbox(args: SandboxArguments): Promise<{ stop(): Promise<void> }> {
  const off = { agents: false, robot: false, autoReply: false, rating: false };
  const tiktok = await createTiktokSimulator({
    host: args.host,
    port: args.tiktokPort,
    webhookUrl: args.webhookUrl,
    oauthRedirectUrl: args.redirectUrl,
    compress: args.compress,
    randomSeed: args.seed,
    noise: args.quiet ? off : {},
  });
  const udesk = await createUdeskSimulator({
    host: args.host,
    port: args.udeskPort,
    pushUrl: args.pushUrl,
    compress: args.compress,
    callsPerMinute: args.callsPerMinute,
    randomSeed: args.seed,
  });
  const credentials = demoCredentials({ tiktokUrl: tiktok.url, udeskUrl: udesk.url, nowMs: systemClock.now() });
  process.stdout.write(
    `${JSON.stringify({ ready: true, tiktokUrl: tiktok.url, udeskUrl: udesk.url, udeskApiUrl: udesk.apiUrl, credentials })}\n`,
  );
  return {
    async stop() {
      await Promise.all([tiktok.stop(), udesk.stop()]);
    },
  };
}

async function main(): Promise<void> {
  let args: SandboxArguments;
  try {
    args = readSandboxArguments(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : 'bad arguments'}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const running = await runSandbox(args);
  const stop = () => void running.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

// Only when this file is the program; the real path, because a folder on the way may be a link.
const program = process.argv[1];
if (program !== undefined && import.meta.url === pathToFileURL(realpathSync(program)).href) await main();

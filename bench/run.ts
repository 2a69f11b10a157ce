/**
 * `npm run bench [-- --baselines-only] [-- --rounds 3] [-- --seconds 5]`: one run, every figure as a ratio to baselines measured
 * in that same run. Targets take turns round by round, so that a machine that slows down slows all of them; the median counts.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { median, playRound, type Round, startPlatform } from './rounds.ts';
import { bareBot, bareDialogs, bareHttp } from './targets/baselines.ts';
import { buyerline, buyerlineIntake } from './targets/buyerline.ts';
import type { Target } from './targets/target.ts';

const { values: options } = parseArgs({
  options: {
    'baselines-only': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    shops: { type: 'string', default: '1' },
  },
});
const rounds = Number(options.rounds);
const shops = Number(options.shops);
const time = { warmUpMs: 2_000, measureMs: Number(options.seconds) * 1_000, shops };

/**
 * Messages under way at a time. Each target is judged by the one that suits it best: 256 halves bare Bot Framework (3,100 against
 * 7,200 at 64), while a target that commits in groups gains from more.
 */
const CROWDS = [64, 256];
const crowded = (inFlight: number) => ({ ...time, connections: inFlight, pace: { kind: 'closed', inFlight } as const });
/** Each message opens a conversation; complete when acknowledged. */
const intake = (inFlight: number): Round => ({ ...crowded(inFlight), conversations: null });
/** Complete when acknowledged and answered; the next message of a conversation waits for that. */
const turns = (inFlight: number): Round => ({ ...crowded(inFlight), conversations: 2_000 });
/** A conversation gets its next message after about five seconds. */
const paced = (perSecond: number): Round => ({
  ...time,
  connections: 128,
  pace: { kind: 'open', perSecond },
  conversations: perSecond * 5,
});

const say = (line = '') => process.stdout.write(`${line}\n`);
const whole = (value: number) => Math.round(value).toLocaleString('en');
const milliseconds = (value: number) => value.toFixed(1);
const ratio = (value: number, base: number | undefined) => (base === undefined ? '' : (value / base).toFixed(3));

function table(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  say(line(header));
  say(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) say(line(row));
}

interface Figure {
  perSecond: number;
  /** Messages under way when it was reached. */
  inFlight: number;
}

/** Messages a second by target: the median of all rounds at its best crowd. A target is started anew for each round. */
async function compare(targets: readonly Target[], shape: (inFlight: number) => Round): Promise<Map<string, Figure>> {
  const best = new Map<string, Figure>();
  for (const inFlight of CROWDS) {
    const figures = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
    for (let i = 0; i < rounds; i++)
      for (const target of targets) {
        const result = await against(target, (running, platform) =>
          playRound(platform, running, shape(inFlight), target.replies),
        );
        figures.get(target.name)?.push(result.perSecond);
      }
    for (const [name, values] of figures) {
      const perSecond = median(values);
      if (perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, { perSecond, inFlight });
    }
  }
  return best;
}

async function against<T>(
  target: Target,
  measure: (
    running: Awaited<ReturnType<Target['start']>>,
    platform: Awaited<ReturnType<typeof startPlatform>>,
  ) => Promise<T>,
): Promise<T> {
  const platform = await startPlatform();
  try {
    const running = await target.start(platform);
    try {
      return await measure(running, platform);
    } finally {
      await running.stop();
    }
  } finally {
    await platform.stop();
  }
}

async function run(): Promise<void> {
  const ours = options['baselines-only'] ? [] : [buyerline];
  say(`Node ${process.versions.node}, ${cpus().length} cores; ${rounds} rounds of ${options.seconds} s, median`);
  const [busy = 0] = loadavg();
  if (busy > 0.5)
    say(`Load is ${busy.toFixed(1)} before the start: others use this machine, the figures will be too low`);

  const intakeTargets = [bareHttp, ...(options['baselines-only'] ? [] : [buyerlineIntake])];
  const turnTargets = [bareBot, bareDialogs, ...ours];
  const intakes = await compare(intakeTargets, intake);
  const turned = await compare(turnTargets, turns);
  const bases = [intakes.get('A'), turned.get('D'), turned.get('E')].map((figure) => figure?.perSecond);
  const row = ({ name, does }: Target, figure: Figure | undefined, compared: (number | undefined)[]): string[] => {
    const { perSecond, inFlight } = figure ?? { perSecond: Number.NaN, inFlight: Number.NaN };
    return [name, does, whole(perSecond), String(inFlight), ...compared.map((base) => ratio(perSecond, base))];
  };
  say('\nMessages acknowledged a second');
  table(
    ['target', 'what', 'per second', 'under way', 'to A'],
    intakeTargets.map((target) => row(target, intakes.get(target.name), bases.slice(0, 1))),
  );
  say('\nMessages acknowledged and answered a second, 2,000 conversations');
  table(
    ['target', 'what', 'per second', 'under way', 'to A', 'to D', 'to E'],
    turnTargets.map((target) => row(target, turned.get(target.name), bases)),
  );

  const latencies: string[][] = [];
  for (const perSecond of [300, 3_000])
    for (const target of [...ours, ...(options['baselines-only'] ? [bareHttp, bareBot] : [])]) {
      const result = await against(target, (running, platform) =>
        playRound(platform, running, paced(perSecond), target.replies),
      );
      const { acknowledgement, reply } = result;
      const { p50, p99, max } = acknowledgement;
      const answers = reply.count === 0 ? ['-', '-'] : [reply.p50, reply.p99].map(milliseconds);
      latencies.push([target.name, whole(perSecond), ...[p50, p99, max].map(milliseconds), ...answers]);
    }
  say('\nMilliseconds from the moment a message was due');
  table(['target', 'per second', 'ack p50', 'ack p99', 'ack max', 'answer p50', 'answer p99'], latencies);
}

try {
  await run();
} catch (thrown) {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}

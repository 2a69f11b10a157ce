import { runScript, startScript } from './child.ts';
import type { LoadPlan, LoadResult, PlatformReport } from './protocol.ts';
import type { Platform, RunningTarget, Target } from './targets/target.ts';

export interface BenchPlatform extends Platform {
  report(): Promise<PlatformReport>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPlatform(): Promise<BenchPlatform> {
  const { said, stop } = await startScript<{ port: number; repliesPort: number }>('./platform.ts');
  const url = `http://127.0.0.1:${said.port}`;
  return {
    url,
    repliesPort: said.repliesPort,
    report: async () => JSON.parse(await (await fetch(`${url}/bench/report`)).text()),
    reset: async () => {
      await fetch(`${url}/bench/reset`);
    },
    stop,
  };
}

export type Round = Omit<LoadPlan, 'url' | 'repliesPort' | 'run'>;

/** Runs differ in their conversations, so that nothing a target kept from one helps or hurts the next. */
let runs = Math.floor(10_000 + Math.random() * 80_000);

/** How long a target that answers afterwards may go without one more reply. */
const STANDSTILL_MS = 20_000;
const POLL_MS = 250;

/** One load against a running target; throws when {@link problems} finds a reason not to trust it. */
export async function playRound(
  platform: BenchPlatform,
  target: RunningTarget,
  round: Round,
  replies: Target['replies'],
): Promise<LoadResult> {
  runs += 1;
  await platform.reset();
  const repliesPort = replies === 'at once' ? platform.repliesPort : null;
  const plan: LoadPlan = { ...round, url: target.url, repliesPort, run: runs };
  const result = await runScript<LoadResult>('./load.ts', [JSON.stringify(plan)]);
  if (replies === 'afterwards') {
    await target.answerStored?.();
    await waitForReplies(platform, result.acknowledged);
  }
  const found = problems(result, await platform.report(), replies !== 'never');
  if (found.length > 0) throw new Error(`this round cannot be trusted: ${found.join('; ')}`);
  return result;
}

async function waitForReplies(platform: BenchPlatform, expected: number): Promise<void> {
  let seen = 0;
  let movedAt = performance.now();
  while (seen < expected && performance.now() - movedAt < STANDSTILL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const { replies } = await platform.report();
    if (replies > seen) movedAt = performance.now();
    seen = replies;
  }
}

/** Why a round's figures mean nothing: a message unacknowledged, unanswered, answered twice or out of order. */
export function problems(result: LoadResult, report: PlatformReport, replyToEach: boolean): string[] {
  const found: string[] = [];
  if (result.sent === 0) found.push('nothing was sent');
  if (result.acknowledged !== result.sent)
    found.push(`${result.sent} sent, ${result.acknowledged} acknowledged (${JSON.stringify(result.failures)})`);
  const expected = replyToEach ? result.acknowledged : 0;
  if (report.replies !== expected) found.push(`${expected} replies expected, ${report.replies} came`);
  if (report.doubled > 0) found.push(`${report.doubled} doubled`);
  if (report.outOfOrder > 0) found.push(`${report.outOfOrder} out of order`);
  if (report.unreadable > 0) found.push(`${report.unreadable} do not name their message`);
  return found;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

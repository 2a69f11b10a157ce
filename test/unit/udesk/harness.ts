import { createHttpClient } from '../../../src/common/http-client.ts';
import type { Desk } from '../../../src/contracts/desk.ts';
import { silentLogger } from '../../../src/contracts/logger.ts';
import { type MetricName, type Metrics, noMetrics } from '../../../src/contracts/metrics.ts';
import { createUdeskDesk, type UdeskConfig } from '../../../src/udesk/index.ts';
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.ts';
import { ACCOUNT, FakeUdesk } from './fake-udesk.ts';

export const SECRET = 'a-long-unguessable-path';

export interface UdeskRig {
  desk: Desk;
  fake: FakeUdesk;
  clock: FakeClock;
  stop(): Promise<void>;
}

/** A desk and its double on real HTTP, both on one clock that stands still. */
export async function createRig(config: Partial<UdeskConfig> = {}, metrics: Metrics = noMetrics): Promise<UdeskRig> {
  const clock = createFakeClock();
  const fake = new FakeUdesk(clock);
  const apiUrl = await fake.start();
  const http = createHttpClient();
  const desk = createUdeskDesk({
    config: { apiUrl, ...ACCOUNT, signHash: 'sha256', pushSecret: SECRET, callsPerMinute: 1_000, ...config },
    http,
    clock,
    logger: silentLogger,
    metrics,
    random: () => 0,
  });
  return {
    desk,
    fake,
    clock,
    stop: async () => {
      await desk.stop?.();
      await http.close();
      await fake.stop();
    },
  };
}

/** Remembers counters as `name{label=value}`. */
export function createCounters(): { metrics: Metrics; counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const count = (name: MetricName, labels: Record<string, string> = {}, by = 1) => {
    const key = `${name}{${Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(',')}}`;
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  return { metrics: { ...noMetrics, count }, counts };
}

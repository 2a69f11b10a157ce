import { describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '../../../src/contracts/logger.ts';
import { METRICS } from '../../../src/contracts/metrics.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';

describe('createMetrics', () => {
  it('renders every declared metric as Prometheus text', async () => {
    const metrics = createMetrics();
    const text = await metrics.render();
    for (const [name, { kind }] of Object.entries(METRICS)) expect(text).toContain(`# TYPE ${name} ${kind}`);
    expect(metrics.contentType).toMatch(/^text\/plain; version=/);
    expect(text).not.toContain('nodejs_');
  });

  it('counts, sets and observes', async () => {
    const metrics = createMetrics();
    metrics.count('buyerline_webhooks_total', { channel: 'tiktok', answer: 'accepted' });
    metrics.count('buyerline_webhooks_total', { channel: 'tiktok', answer: 'accepted' }, 2);
    metrics.gauge('buyerline_inbox_pending', 7);
    metrics.observe('buyerline_turn_seconds', 0.0009);
    metrics.observe('buyerline_turn_seconds', 9);
    const text = await metrics.render();
    expect(text).toContain('buyerline_webhooks_total{channel="tiktok",answer="accepted"} 3');
    expect(text).toContain('buyerline_inbox_pending 7');
    expect(text).toContain('buyerline_turn_seconds_bucket{le="0.001"} 1');
    expect(text).toContain('buyerline_turn_seconds_bucket{le="5"} 1');
    expect(text).toContain('buyerline_turn_seconds_bucket{le="10"} 2');
  });

  it('keeps two apps of one process apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.gauge('buyerline_inbox_pending', 7);
    expect(await other.render()).toContain('buyerline_inbox_pending 0');
  });

  it('never fails the work that it measures, and complains once', async () => {
    const complaints: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (event, facts) => complaints.push([event, facts?.metric]) };
    const metrics = createMetrics({ logger });
    metrics.count('buyerline_turns_total', { wrong: 'label' });
    metrics.count('buyerline_turns_total', { wrong: 'label' });
    metrics.gauge('buyerline_turn_seconds', 1);
    metrics.count('buyerline_turns_total', { outcome: 'committed' }, -1);
    expect(complaints).toEqual([
      ['metric.refused', 'buyerline_turns_total'],
      ['metric.refused', 'buyerline_turn_seconds'],
    ]);
    metrics.count('buyerline_turns_total', { outcome: 'committed' });
    expect(await metrics.render()).toContain('buyerline_turns_total{outcome="committed"} 1');
  });

  it('adds figures of the process on request', async () => {
    expect(await createMetrics({ processFigures: true }).render()).toContain('process_cpu_seconds_total');
  });
});

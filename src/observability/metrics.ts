import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { coerceError } from '../common/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import { METRICS, type MetricName, type Metrics } from '../contracts/metrics.ts';

export interface MetricsOptions {
  /** Adds node's own figures (memory, event loop lag, garbage collection); default false, because they start observers. */
  processFigures?: boolean;
  /** Is told once per metric when a caller gets its labels or kind wrong. */
  logger?: Logger;
}

export interface RenderedMetrics extends Metrics {
  /** Prometheus text, with every declared metric even before its first value. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** Seconds. From a webhook's acknowledgement (milliseconds) to a first answer that waited for a burst and a slow platform. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Instrument =
  | { kind: 'counter'; meter: Counter }
  | { kind: 'gauge'; meter: Gauge }
  | { kind: 'histogram'; meter: Histogram };

/** Figures in a registry of their own, so that two apps in one process do not meet. A wrong label never fails the caller's work. */
export function createMetrics(options: MetricsOptions = {}): RenderedMetrics {
  const registry = new Registry();
  const instruments = new Map<string, Instrument>();
  for (const [name, declared] of Object.entries(METRICS)) {
    const facts = { name, help: declared.help, labelNames: [...declared.labels], registers: [registry] };
    instruments.set(name, instrumentOf(declared.kind, facts));
  }
  if (options.processFigures === true) collectDefaultMetrics({ register: registry });

  const complained = new Set<string>();
  const complain = (name: string, problem: string) => {
    if (complained.has(name)) return;
    complained.add(name);
    options.logger?.error('metric.refused', { metric: name, problem });
  };
  const use = (name: MetricName, kind: Instrument['kind'], apply: (instrument: Instrument) => void) => {
    const instrument = instruments.get(name);
    if (instrument?.kind !== kind) return complain(name, `not a declared ${kind}`);
    try {
      apply(instrument);
    } catch (thrown) {
      complain(name, coerceError(thrown).message);
    }
  };

  return {
    count(name, labels = {}, by = 1) {
      use(name, 'counter', ({ meter, kind }) => kind === 'counter' && meter.inc(labels, by));
    },
    gauge(name, value, labels = {}) {
      use(name, 'gauge', ({ meter, kind }) => kind === 'gauge' && meter.set(labels, value));
    },
    observe(name, value, labels = {}) {
      use(name, 'histogram', ({ meter, kind }) => kind === 'histogram' && meter.observe(labels, value));
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function instrumentOf(
  kind: Instrument['kind'],
  facts: { name: string; help: string; labelNames: string[]; registers: Registry[] },
): Instrument {
  switch (kind) {
    case 'counter':
      return { kind, meter: new Counter(facts) };
    case 'gauge':
      return { kind, meter: new Gauge(facts) };
    case 'histogram':
      return { kind, meter: new Histogram({ ...facts, buckets: BUCKETS }) };
  }
}

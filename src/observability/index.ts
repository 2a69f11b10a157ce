/** What operators see: log lines, figures, readiness. */
export { createLogger, type LogLevel } from './logger.ts';
export { createMetrics, type RenderedMetrics } from './metrics.ts';
export { createReadiness, type ReadinessCheck } from './readiness.ts';

import type { App } from '../app.ts';
import { coerceError } from '../common/errors.ts';

/** Longest graceful stop; supervisors commonly kill after 30 s. */
const STOP_DEADLINE_MS = 10_000;

/**
 * Resolves after SIGTERM or SIGINT and a graceful stop; a second signal ends at once. A stray rejection or exception is our bug: it is logged and
 * the process goes on, because one conversation's fault must not silence all others.
 */
export function runUntilSignal(app: App, also: () => Promise<void> = async () => {}): Promise<number> {
  process.on('unhandledRejection', (thrown) =>
    app.logger.error('process.rejection_unhandled', {
      error: coerceError(thrown).name,
      stack: coerceError(thrown).stack,
    }),
  );
  process.on('uncaughtException', (thrown) =>
    app.logger.error('process.exception_uncaught', { error: thrown.name, stack: thrown.stack }),
  );
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping) process.exit(1);
      stopping = true;
      app.logger.info('bridge.stopping', { signal });
      app
        .stop(STOP_DEADLINE_MS)
        .then(also)
        .then(
          () => resolve(0),
          (thrown: unknown) => {
            app.logger.error('bridge.stop_failed', { error: coerceError(thrown).name });
            resolve(1);
          },
        );
    };
    process.once('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
  });
}

import type { Clock } from '../common/clock.ts';
import { coerceError } from '../common/errors.ts';
import { type Logger, silentLogger } from '../contracts/logger.ts';

export interface ReadinessCheck {
  /** Shown to whoever asks: `store`, `dialogs`. */
  name: string;
  /** Rejects when it is not ready. The signal is aborted at the time-out. */
  check(signal: AbortSignal): Promise<void> | void;
}

export interface ReadinessOptions {
  checks: readonly ReadinessCheck[];
  clock: Clock;
  logger?: Logger;
  /** For each check, default 2,000. */
  timeoutMs?: number;
}

/**
 * All checks at once; a check that has not answered in time fails. Callers that ask while a run is under way share it, so that a
 * flood of probes is one probe. What is wrong goes to the log when it changes; the answer holds names only.
 */
export function createReadiness(options: ReadinessOptions): () => Promise<{ failing: string[] }> {
  const { checks, clock, logger = silentLogger } = options;
  const timeoutMs = options.timeoutMs ?? 2_000;
  let running: Promise<{ failing: string[] }> | undefined;
  let before = '';

  const run = async (): Promise<{ failing: string[] }> => {
    const errors = await Promise.all(checks.map((check) => probe(check, clock, timeoutMs)));
    const failing = checks.filter((_, i) => errors[i] !== undefined).map((check) => check.name);
    const now = failing.join(',');
    if (now !== before) {
      before = now;
      if (failing.length === 0) logger.info('readiness.restored');
      else logger.warn('readiness.lost', { failing, errors: errors.filter((error) => error !== undefined) });
    }
    return { failing };
  };

  return () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

function probe(check: ReadinessCheck, clock: Clock, timeoutMs: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const timer = clock.schedule(timeoutMs, () => {
      const late = new Error(`no answer within ${timeoutMs} ms`);
      late.name = 'ReadinessTimeout';
      resolve(late);
      controller.abort(late);
    });
    const settle = (error?: Error) => {
      timer.cancel();
      resolve(error);
    };
    // Inside a promise, so that a check that throws at once counts like one that rejects.
    Promise.resolve(controller.signal)
      .then((signal) => check.check(signal))
      .then(
        () => settle(),
        (thrown) => settle(coerceError(thrown)),
      );
  });
}

import { describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '../../../src/contracts/logger.ts';
import { createReadiness } from '../../../src/observability/readiness.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

describe('createReadiness', () => {
  it('names what fails, whether it rejects or throws', async () => {
    const readiness = createReadiness({
      clock: createFakeClock(),
      logger: silentLogger,
      checks: [
        { name: 'store', check: () => Promise.reject(new Error('postgres://me:pw@db')) },
        { name: 'dialogs', check: () => {} },
        {
          name: 'desk',
          check: () => {
            throw new Error('x');
          },
        },
      ],
    });
    expect(await readiness()).toEqual({ failing: ['store', 'desk'] });
  });

  it('fails a check that does not answer in time, aborts it and leaves no timer', async () => {
    const clock = createFakeClock();
    let signal: AbortSignal | undefined;
    const readiness = createReadiness({
      clock,
      logger: silentLogger,
      timeoutMs: 500,
      checks: [
        {
          name: 'store',
          check: (given) => {
            signal = given;
            return new Promise(() => {});
          },
        },
        { name: 'dialogs', check: () => Promise.resolve() },
      ],
    });
    const answer = readiness();
    await clock.advance(499);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await answer).toEqual({ failing: ['store'] });
    expect(signal?.aborted).toBe(true);
    expect(clock.waiting()).toBe(0);
  });

  it('shares a run between callers and begins a new one afterwards', async () => {
    let runs = 0;
    const countRun = () => {
      runs += 1;
    };
    const readiness = createReadiness({
      clock: createFakeClock(),
      logger: silentLogger,
      checks: [{ name: 'store', check: countRun }],
    });
    await Promise.all([readiness(), readiness(), readiness()]);
    expect(runs).toBe(1);
    await readiness();
    expect(runs).toBe(2);
  });

  it('logs changes only', async () => {
    const events: string[] = [];
    const note = (event: string) => void events.push(event);
    const logger: Logger = { ...silentLogger, info: note, warn: note };
    let broken = false;
    const readiness = createReadiness({
      clock: createFakeClock(),
      logger,
      checks: [{ name: 'store', check: () => (broken ? Promise.reject(new Error('x')) : undefined) }],
    });
    for (const state of [false, true, true, false, false]) {
      broken = state;
      await readiness();
    }
    expect(events).toEqual(['readiness.lost', 'readiness.restored']);
  });
});

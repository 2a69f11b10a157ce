import { describe, expect, it } from 'vitest';
import { createBudget, type Priority } from '../../../../src/channels/tiktok/budget.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { createFakeClock } from '../../../helpers/fake-clock.ts';
import { createMemoryShops } from './builders.ts';

const setUp = (limits: Partial<Parameters<typeof createBudget>[0]['limits']> = {}, shops = createMemoryShops()) => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1, 12));
  const make = () =>
    createBudget({
      limits: { requestsPerSecond: 50, requestsPerDay: 10_000, dayStartsAtUtcHour: 0, ...limits },
      shops,
      clock,
      logger: silentLogger,
      metrics: noMetrics,
    });
  const budget = make();
  const take = (priority: Priority = 'send', counted = true, from = budget) =>
    from.take({ shopId: '1', priority, counted });
  return { clock, shops, budget, make, take };
};

describe('the request budget', () => {
  it('lets 50 go in a second and makes the rest wait their turn', async () => {
    const { clock, take } = setUp();
    let gone = 0;
    for (let i = 0; i < 120; i++) void take().then(() => (gone += 1));
    await clock.advance(0);
    expect(gone).toBe(50);
    await clock.advance(1_049);
    expect(gone).toBe(50);
    await clock.advance(1);
    expect(gone).toBe(100);
    await clock.advance(1_050);
    expect(gone).toBe(120);
    expect(clock.waiting()).toBe(0);
  });

  it('lets sends pass look-ups and look-ups pass polling', async () => {
    const { clock, take } = setUp({ requestsPerSecond: 1 });
    const order: string[] = [];
    await take();
    for (const priority of ['low', 'lookup', 'send', 'low', 'send'] as const)
      void take(priority).then(() => order.push(priority));
    await clock.advance(10_000);
    expect(order).toEqual(['send', 'send', 'lookup', 'low', 'low']);
  });

  it('keeps a fifth of the day from polling, a twentieth from look-ups, and refuses sends only at the end', async () => {
    const { take } = setUp({ requestsPerDay: 40 });
    const until = async (priority: Priority) => {
      let count = 0;
      while ((await take(priority)).ok) count += 1;
      return count;
    };
    expect(await until('low')).toBe(32);
    expect(await until('lookup')).toBe(6);
    expect(await until('send')).toBe(2);
    expect(await take('send')).toMatchObject({ ok: false, daySpent: true, retryAfterMs: 12 * 3_600_000 });
    expect((await take('low', false)).ok).toBe(true);
  });

  it('does not start the day anew after a restart, and does with the next day', async () => {
    const { clock, make, take } = setUp({ requestsPerDay: 40 });
    for (let i = 0; i < 30; i++) await take();
    const restarted = make();
    let more = 0;
    while ((await take('send', true, restarted)).ok) more += 1;
    expect(more).toBeLessThanOrEqual(10);
    await clock.advance(12 * 3_600_000);
    expect((await take('send', true, restarted)).ok).toBe(true);
  });

  it('begins the day at the configured hour', async () => {
    const { take } = setUp({ requestsPerDay: 1, dayStartsAtUtcHour: 16 });
    await take();
    expect(await take()).toMatchObject({ retryAfterMs: 4 * 3_600_000 });
  });

  it('lets a caller give up while waiting', async () => {
    const { clock, budget, take } = setUp({ requestsPerSecond: 1 });
    await take();
    const abort = new AbortController();
    const waiting = budget.take({ shopId: '1', priority: 'send', counted: true, signal: abort.signal });
    await clock.advance(0);
    abort.abort();
    expect(await waiting).toMatchObject({ ok: false });
    // Another shop has its own budget.
    expect((await budget.take({ shopId: '2', priority: 'low', counted: true })).ok).toBe(true);
  });

  it('goes on when the store cannot be written', async () => {
    const shops = createMemoryShops();
    shops.putMeta = () => Promise.reject(new Error('disk full'));
    shops.getMeta = () => Promise.reject(new Error('disk full'));
    expect(await setUp({}, shops).take()).toEqual({ ok: true });
  });
});

import { describe, expect, it } from 'vitest';
import { CallBudget } from '../../../src/udesk/rate.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const setup = (callsPerMinute: number) => {
  const clock = createFakeClock();
  const left: number[] = [];
  const budget = new CallBudget({ callsPerMinute, clock, random: () => 0, onRemaining: (n) => left.push(n) });
  const done: string[] = [];
  const ask = (name: string, priority: 'message' | 'status' | 'mark', maxWaitMs = 600_000, signal?: AbortSignal) =>
    budget.acquire(priority, 1, maxWaitMs, signal).then((grant) => done.push(`${name}:${grant}`));
  return { clock, budget, done, ask, left };
};

describe('CallBudget', () => {
  it('lets no more than the limit through in any minute, in order', async () => {
    const { clock, done, ask, left } = setup(2);
    for (const name of ['a', 'b', 'c', 'd']) void ask(name, 'message');
    await clock.advance(59_999);
    expect(done).toEqual(['a:granted', 'b:granted']);
    await clock.advance(1);
    expect(done).toEqual(['a:granted', 'b:granted', 'c:granted', 'd:granted']);
    expect(left).toEqual([1, 0, 1, 0]);
    expect(clock.waiting()).toBe(0);
  });

  it('slides: each call frees its place a minute after itself', async () => {
    const { clock, done, ask } = setup(2);
    void ask('a', 'message');
    await clock.advance(30_000);
    void ask('b', 'message');
    void ask('c', 'message');
    void ask('d', 'message');
    await clock.advance(30_000);
    expect(done).toEqual(['a:granted', 'b:granted', 'c:granted']);
    await clock.advance(30_000);
    expect(done).toHaveLength(4);
  });

  it('serves messages before polls before marks', async () => {
    const { clock, done, ask } = setup(1);
    void ask('first', 'message');
    void ask('mark', 'mark');
    void ask('poll', 'status');
    void ask('words', 'message');
    await clock.advance(180_000);
    expect(done).toEqual(['first:granted', 'words:granted', 'poll:granted', 'mark:granted']);
  });

  it('keeps a tenth from polls and a quarter from marks', async () => {
    const { clock, done, ask } = setup(20);
    for (let i = 0; i < 30; i++) void ask('m', 'mark', 1_000);
    await clock.advance(1_000);
    expect(done.filter((one) => one === 'm:granted')).toHaveLength(15);
    done.length = 0;
    for (let i = 0; i < 30; i++) void ask('p', 'status', 1_000);
    await clock.advance(1_000);
    expect(done.filter((one) => one === 'p:granted')).toHaveLength(3);
    done.length = 0;
    for (let i = 0; i < 30; i++) void ask('w', 'message', 1_000);
    await clock.advance(1_000);
    expect(done.filter((one) => one === 'w:granted')).toHaveLength(2);
  });

  it('gives up after its patience and on abort, and takes no place then', async () => {
    const { clock, done, ask, budget } = setup(1);
    const controller = new AbortController();
    void ask('a', 'message');
    void ask('impatient', 'message', 5_000);
    void ask('aborted', 'message', 120_000, controller.signal);
    void ask('b', 'message');
    controller.abort();
    await clock.advance(5_000);
    expect(done).toEqual(['a:granted', 'aborted:aborted', 'impatient:waited-too-long']);
    await clock.advance(55_000);
    expect(done.at(-1)).toBe('b:granted');
    budget.stop();
    expect(clock.waiting()).toBe(0);
  });

  it('is under pressure below a quarter', async () => {
    const { budget, ask } = setup(8);
    for (let i = 0; i < 6; i++) await ask('a', 'message');
    expect(budget.underPressure()).toBe(false);
    await ask('a', 'message');
    expect(budget.underPressure()).toBe(true);
  });

  it('pauses for what Udesk says, else longer each time, until an answer is understood', async () => {
    const { clock, budget, done, ask } = setup(60);
    budget.slowDown(7_000);
    expect(budget.underPressure()).toBe(true);
    void ask('a', 'message');
    await clock.advance(6_999);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done).toEqual(['a:granted']);
    budget.steady();
    budget.slowDown();
    expect(budget.pauseLeftMs()).toBe(1_000);
    budget.slowDown();
    expect(budget.pauseLeftMs()).toBe(2_000);
    for (let i = 0; i < 9; i++) budget.slowDown();
    expect(budget.pauseLeftMs()).toBe(30_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredInbound } from '../../../../src/contracts/store.ts';
import { inPlatformOrder } from '../../../../src/store/sqlite/platform-order.ts';
import { event, line } from '../../../contract/store/builders.ts';

const row = (id: number, index: string | null, at: number | null = null): StoredInbound => ({
  id,
  event: line('c', id, { index, at }),
  receivedAt: 0,
  attempts: 1,
});
const timer = (id: number): StoredInbound => ({
  ...row(id, null),
  event: event('c', `t${id}`, { kind: 'timer.due', name: 'bot.wait' }),
});
const ids = (rows: StoredInbound[]) => rows.map((each) => each.id);

describe('inPlatformOrder', () => {
  it('compares indexes as decimals beyond 2^53', () => {
    expect(ids(inPlatformOrder([row(1, '9007199254740993'), row(2, '9007199254740992'), row(3, '99')]))).toEqual([
      3, 2, 1,
    ]);
  });

  it('orders by time where an index is missing, and by arrival where time is equal', () => {
    expect(ids(inPlatformOrder([row(1, '1', 50), row(2, null, 20), row(3, '9', 20)]))).toEqual([2, 3, 1]);
  });

  it('leaves other events and lines without any order where they arrived', () => {
    expect(ids(inPlatformOrder([row(1, '7'), timer(2), row(3, '3'), timer(4)]))).toEqual([3, 2, 1, 4]);
    expect(ids(inPlatformOrder([row(1, null), row(2, null, 9), row(3, null, 5)]))).toEqual([1, 3, 2]);
  });

  it('restores any shuffle of indexed lines', () => {
    const list = Array.from({ length: 8 }, (_, i) => row(i + 1, String(i * 7)));
    fc.assert(
      fc.property(fc.shuffledSubarray(list, { minLength: 8 }), (shuffled) => {
        expect(ids(inPlatformOrder(shuffled))).toEqual(ids(list));
      }),
    );
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/contracts/store.ts';
import { claimDelivery, claimTurn, commitOf, idOf, ingest, line, say, T0, turn } from './store/builders.ts';
import { describeInbox } from './store/inbox.ts';
import { describeOutbox } from './store/outbox.ts';
import { describePeople } from './store/people.ts';
import { describeTurns } from './store/turns.ts';

export interface MadeStore {
  store: Store;
  /** Closes the store and opens what it left behind; absent where nothing stays. */
  reopen?: () => Promise<Store>;
}

/** The meaning of `contracts/store.ts`: an engine is right when this passes. `makeStore` gives an empty one each time. */
export function describeStore(name: string, makeStore: () => Promise<MadeStore>): void {
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });
    const make = async (): Promise<MadeStore> => {
      const made = await makeStore();
      opened.push(made.store);
      return made;
    };
    const open = async (): Promise<Store> => (await make()).store;

    describe('inbox', () => describeInbox(open));
    describe('turns', () => describeTurns(open));
    describe('outbox', () => describeOutbox(open));
    describe('people and tools', () => describePeople(open));

    it('finds everything again after a restart: inbox, leases, words on their way, timers', async () => {
      const { store, reopen } = await make();
      if (reopen === undefined) return;
      await turn(store, 'c1', 1, { outbox: [say('a')], set: [{ name: 'bot.wait', dueAt: T0 + 5 }] });
      await claimDelivery(store);
      await ingest(store, [line('c2', 2)]);
      await claimTurn(store, idOf('c2'));
      const again = await reopen();
      opened.push(again);
      expect((await ingest(again, [line('c1', 1)]))[0]).toEqual({ outcome: 'duplicate' });
      expect(await again.claimTurns({ workerId: 'w2', now: T0, limit: 5 })).toEqual([]);
      expect(await again.sweepLeases(T0)).toBe(2);
      const claim = await claimTurn(again, idOf('c2'), T0, 'w2');
      expect(claim.events[0]?.attempts).toBe(2);
      await again.commitTurn(commitOf(claim));
      expect(await claimDelivery(again, { workerId: 'w2' })).toMatchObject({ resumed: true, rows: [{ ref: 'a' }] });
      expect(await again.fireTimers(T0 + 5, 5)).toEqual([idOf('c1')]);
    });
  });
}

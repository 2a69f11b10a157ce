import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeliveryClaim, Store, TurnClaim } from '../../../../src/contracts/store.ts';
import { createSecretBox } from '../../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { commitOf, ingest, line, record, say } from '../../../contract/store/builders.ts';

type Step =
  | { do: 'ingest'; repeat: boolean }
  | { do: 'turns' | 'deliveries' | 'die'; worker: number }
  | { do: 'commit'; pick: number; handover: boolean }
  | { do: 'fail'; pick: number }
  | { do: 'record'; pick: number; outcome: 'sent' | 'retry' | 'unknown' };

const worker = fc.integer({ min: 0, max: 1 });
const pick = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('ingest' as const), repeat: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('turns' as const, 'deliveries' as const), worker }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), pick, handover: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      pick,
      outcome: fc.constantFrom('sent' as const, 'retry' as const, 'unknown' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), worker }) },
);

/** What an observer outside may conclude from the answers alone. */
class Observer {
  clock = 1_000;
  events = 0;
  refs = 0;
  readonly handled = new Map<string, number>();
  readonly sent = new Map<string, number>();
  readonly written = new Map<string, string[]>();
  readonly turns: { claim: TurnClaim; live: boolean }[] = [];
  readonly deliveries: { claim: DeliveryClaim; live: boolean }[] = [];
  readonly maybeLeft = new Set<number>();
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  async claimTurns(workerId: string): Promise<void> {
    for (const claim of await this.store.claimTurns({ workerId, now: this.clock, limit: 2 })) {
      expect(this.turns.some((held) => held.live && held.claim.conversationId === claim.conversationId)).toBe(false);
      const order = claim.events.map((row) => row.id);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      this.turns.push({ claim, live: true });
    }
  }

  async claimDeliveries(workerId: string): Promise<void> {
    const request = { workerId, now: this.clock, limit: 2, merge: { buyer: 2 }, heldShops: [] };
    for (const claim of await this.store.claimDeliveries(request)) {
      expect(this.deliveries.some((held) => held.live && held.claim.conversation.id === claim.conversation.id)).toBe(
        false,
      );
      expect(claim.resumed).toBe(claim.rows.some((row) => this.maybeLeft.has(row.id)));
      for (const row of claim.rows) {
        if (!claim.resumed) expect(row.epoch).toBe(claim.conversation.epoch);
        this.maybeLeft.add(row.id);
      }
      this.deliveries.push({ claim, live: true });
    }
  }

  async commit(held: { claim: TurnClaim; live: boolean }, handover: boolean): Promise<void> {
    const { claim } = held;
    const outbox = [say(`r${++this.refs}`, { mergeable: true }), say(`r${++this.refs}`)];
    const conversation = handover ? { epoch: claim.conversation.epoch + 1 } : {};
    const commit = this.store.commitTurn(commitOf(claim, { now: this.clock, outbox, conversation }));
    if (!held.live) {
      await expect(commit).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
      return;
    }
    await commit;
    held.live = false;
    for (const row of claim.events)
      this.handled.set(row.event.eventKey, (this.handled.get(row.event.eventKey) ?? 0) + 1);
    const list = this.written.get(claim.conversationId) ?? [];
    this.written.set(claim.conversationId, [...list, ...outbox.map((draft) => draft.ref)]);
  }

  async record(held: { claim: DeliveryClaim; live: boolean }, kind: 'sent' | 'retry' | 'unknown'): Promise<void> {
    const { claim } = held;
    const outcomes = claim.rows.map((row) =>
      kind === 'sent'
        ? { outboxId: row.id, kind, externalId: `e${row.id}` }
        : { outboxId: row.id, kind, dueAt: this.clock, reason: 'r' },
    );
    const recorded = record(this.store, claim, outcomes, [], this.clock);
    if (!held.live) {
      await expect(recorded).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
      return;
    }
    await recorded;
    held.live = false;
    for (const row of claim.rows) {
      if (kind === 'sent') this.sent.set(row.ref, (this.sent.get(row.ref) ?? 0) + 1);
      if (kind === 'retry') this.maybeLeft.delete(row.id);
    }
  }

  async die(workerId: string): Promise<void> {
    await this.store.sweepLeases(this.clock, workerId);
    await this.store.heartbeat(workerId, 1e12);
    for (const held of [...this.turns, ...this.deliveries]) if (held.claim.workerId === workerId) held.live = false;
  }
}

async function take(observer: Observer, now: Step): Promise<void> {
  observer.clock += 1;
  const choose = <T>(list: T[], at: number): T | undefined => list[list.length - 1 - (at % Math.max(1, list.length))];
  switch (now.do) {
    case 'ingest': {
      if (!now.repeat) observer.events += 1;
      if (observer.events === 0) return;
      const n = observer.events;
      await ingest(observer.store, [line(`c${n % 3}`, n)], observer.clock);
      return;
    }
    case 'turns':
      return observer.claimTurns(`w${now.worker}`);
    case 'deliveries':
      return observer.claimDeliveries(`w${now.worker}`);
    case 'commit': {
      const held = choose(observer.turns, now.pick);
      if (held !== undefined && (held.live || observer.turns.indexOf(held) % 2 === 0))
        await observer.commit(held, now.handover);
      return;
    }
    case 'fail': {
      const held = choose(
        observer.turns.filter((each) => each.live),
        now.pick,
      );
      if (held === undefined) return;
      await observer.store.failTurn({
        claim: held.claim,
        now: observer.clock,
        reason: 'x',
        retryAt: observer.clock + 1,
      });
      held.live = false;
      return;
    }
    case 'record': {
      const held = choose(observer.deliveries, now.pick);
      if (held !== undefined) await observer.record(held, now.outcome);
      return;
    }
    case 'die':
      return observer.die(`w${now.worker}`);
  }
}

async function drain(observer: Observer): Promise<void> {
  await observer.die('w0');
  await observer.die('w1');
  for (let round = 0; round < 500; round++) {
    observer.clock += 10;
    await observer.claimTurns('w0');
    await observer.claimDeliveries('w1');
    const turns = observer.turns.filter((held) => held.live);
    const deliveries = observer.deliveries.filter((held) => held.live);
    if (turns.length + deliveries.length === 0) return;
    for (const held of turns) await observer.commit(held, false);
    for (const held of deliveries) await observer.record(held, 'sent');
  }
  throw new Error('work does not end');
}

async function happensOnce(store: Store, steps: Step[]): Promise<void> {
  const observer = new Observer(store);
  await store.heartbeat('w0', 1e12);
  await store.heartbeat('w1', 1e12);
  for (const each of steps) await take(observer, each);
  await drain(observer);
  expect(observer.handled.size).toBe(observer.events);
  expect([...observer.handled.values()].every((times) => times === 1)).toBe(true);
  expect([...observer.sent.values()].every((times) => times === 1)).toBe(true);
  for (const written of observer.written.values()) {
    const order = [...observer.sent.keys()].filter((ref) => written.includes(ref));
    expect(order).toEqual(written.filter((ref) => observer.sent.has(ref)));
  }
  expect(await store.counts()).toMatchObject({ inboxPending: 0, outboxPending: { buyer: 0 } });
}

/** Every call goes to one of the two, in an order without a period that the steps could share. */
function scattered(first: Store, second: Store): Store {
  let state = 1;
  return new Proxy(first, {
    get(_target, name) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Reflect.get(state > 2 ** 30 ? first : second, name);
    },
  });
}

const secretBox = createSecretBox(Buffer.alloc(32, 7));
const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-two-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('two workers', () => {
  it('on one store handle every event once, send in order, and never hold the same thing, however they interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const store = await createSqliteStore({ file: ':memory:', secretBox });
        await happensOnce(store, steps);
        await store.close();
      }),
      { numRuns: 150 },
    );
  });

  it('on two stores of one file do so too, whatever each of them remembers', async () => {
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        files += 1;
        const file = path.join(folder, `${files}.db`);
        const first = await createSqliteStore({ file, secretBox, engine: 'inline' });
        const second = await createSqliteStore({ file, secretBox, engine: 'inline' });
        await happensOnce(scattered(first, second), steps);
        await first.close();
        await second.close();
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

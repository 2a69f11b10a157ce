import { expect, it } from 'vitest';
import type { Store } from '../../../src/contracts/store.ts';
import {
  claimDeliveries,
  claimDelivery,
  claimTurn,
  commitOf,
  idOf,
  ingest,
  line,
  record,
  refs,
  SHOP,
  say,
  sent,
  T0,
  turn,
} from './builders.ts';

const conflict = { code: 'STORE_CONFLICT' };

export function describeOutbox(open: () => Promise<Store>): void {
  it('sends in order per conversation and side, one claim at a time', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('r1'), say('d1', { side: 'desk', origin: 'buyer' }), say('r2')] });
    await turn(store, 'c2', 2, { outbox: [say('r9')] });
    const claims = await claimDeliveries(store);
    expect(claims.map(refs)).toEqual([['r1'], ['d1'], ['r9']]);
    expect(await claimDeliveries(store, { workerId: 'w2' })).toEqual([]);
    const [first] = claims;
    if (first === undefined) throw new Error('no claim');
    expect(await sent(store, first, 'e1')).toEqual({ nextDueAt: T0, ingested: [] });
    expect((await claimDeliveries(store)).map(refs)).toEqual([['r2']]);
    expect((await store.counts()).outboxPending).toEqual({ buyer: 2, desk: 1, receipt: 0 });
  });

  it('tells about the conversation all but its bot state', async () => {
    const store = await open();
    const undo = { turnId: 't', bot: { a: 1 }, inboxIds: [], rows: 1 };
    await turn(store, 'c1', 1, {
      outbox: [say('r1')],
      undo,
      conversation: { bot: { b: 2 }, desk: { sessionId: 's' } },
    });
    const stored = await store.getConversation(idOf('c1'));
    expect(stored).toMatchObject({ bot: { b: 2 }, undo });
    expect((await claimDelivery(store)).conversation).toEqual({ ...stored, bot: {}, undo: null });
  });

  it('gives the wanted conversation and side only', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('r1'), say('d1', { side: 'desk' })] });
    await turn(store, 'c2', 2, { outbox: [say('r2')] });
    const claims = await store.claimDeliveries({
      workerId: 'w1',
      now: T0,
      limit: 9,
      only: [{ conversationId: idOf('c1'), side: 'desk' }],
      merge: {},
      heldShops: [],
    });
    expect(claims.map(refs)).toEqual([['d1']]);
  });

  it('drops words of the bot and the bridge from an earlier owner, visibly, and no others', async () => {
    const store = await open();
    await turn(store, 'c1', 1, {
      outbox: [
        say('b1'),
        say('g1', { origin: 'bridge' }),
        say('a1', { origin: 'agent' }),
        say('b2'),
        say('d1', { side: 'desk', origin: 'buyer' }),
      ],
    });
    await turn(store, 'c1', 2, {
      conversation: { owner: 'agent', epoch: 2 },
      outbox: [say('g2', { origin: 'bridge' })],
    });
    const claims = await claimDeliveries(store);
    expect(claims.map(refs)).toEqual([['a1'], ['d1']]);
    const [buyer] = claims;
    if (buyer === undefined) throw new Error('no claim');
    await sent(store, buyer, 'e1');
    expect((await claimDeliveries(store)).map(refs)).toEqual([['g2']]);
    const dropped = (await store.timeline(idOf('c1'), { limit: 50 })).filter((entry) => entry.status === 'dropped');
    expect(dropped.map((entry) => entry.detail)).toMatchObject([
      { ref: 'b1', reason: expect.stringMatching(/changed hands/) },
      { ref: 'g1' },
      { ref: 'b2' },
    ]);
  });

  it('has nothing to send when all of it was dropped', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('b1'), say('b2')] });
    await turn(store, 'c1', 2, { conversation: { epoch: 2 } });
    expect(await claimDeliveries(store)).toEqual([]);
    expect(await store.nextDueAt()).toBeNull();
  });

  it('settles what may have left before it judges its epoch', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('b1')] });
    const claim = await claimDelivery(store);
    await record(store, claim, [
      { outboxId: claim.rows[0]?.id ?? 0, kind: 'unknown', dueAt: T0 + 10, reason: 'time-out' },
    ]);
    await turn(store, 'c1', 2, { conversation: { epoch: 2 } });
    const again = await claimDelivery(store, { now: T0 + 10 });
    expect([refs(again), again.resumed, again.rows[0]?.reason]).toEqual([['b1'], true, 'time-out']);
    expect(again.rows[0]).toMatchObject({ attempts: 2, firstAttemptAt: T0 });
  });

  it('joins mergeable neighbours of one origin up to the bound, and claims them together after a crash', async () => {
    const store = await open();
    const m = { mergeable: true, origin: 'agent' } as const;
    await turn(store, 'c1', 1, {
      outbox: [say('a', m), say('b', m), say('c', m), say('d', m), say('e', { mergeable: true }), say('f')],
    });
    const claim = await claimDelivery(store, { merge: { buyer: 3 } });
    expect([refs(claim), claim.resumed]).toEqual([['a', 'b', 'c'], false]);
    expect(await store.sweepLeases(T0)).toBe(1);
    const again = await claimDelivery(store, { merge: { buyer: 5 }, workerId: 'w2' });
    expect([refs(again), again.resumed]).toEqual([['a', 'b', 'c'], true]);
    expect(again.rows.map((row) => row.attempts)).toEqual([2, 2, 2]);
    await expect(sent(store, claim, 'x')).rejects.toMatchObject(conflict);
    await sent(store, again, 'e1');
    const next = await claimDelivery(store, { merge: { buyer: 5 } });
    expect(refs(next)).toEqual(['d']);
    await sent(store, next, 'e2');
    expect(refs(await claimDelivery(store, { merge: { buyer: 5 } }))).toEqual(['e']);
  });

  it('does not join across a row that may not be joined, nor without a bound', async () => {
    const store = await open();
    await turn(store, 'c1', 1, {
      outbox: [say('a', { mergeable: true }), say('b', { mergeable: true }), say('c'), say('d', { mergeable: true })],
    });
    const alone = await claimDelivery(store);
    expect(refs(alone)).toEqual(['a']);
    await sent(store, alone);
    expect(refs(await claimDelivery(store, { merge: { buyer: 9 } }))).toEqual(['b']);
  });

  it('repeats a refused row with other words and a new budget, and blocks what is behind it meanwhile', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('a', { variants: ['second'] }), say('b')] });
    const claim = await claimDelivery(store);
    const outboxId = claim.rows[0]?.id ?? 0;
    const body = { kind: 'message', part: { type: 'text', text: 'second' } } as const;
    expect(
      await record(store, claim, [
        { outboxId, kind: 'retry', dueAt: T0 + 50, reason: 'repeated text', body, variants: [] },
      ]),
    ).toMatchObject({ nextDueAt: T0 + 50 });
    expect(await claimDeliveries(store, { now: T0 + 49 })).toEqual([]);
    const again = await claimDelivery(store, { now: T0 + 50 });
    expect(again.resumed).toBe(false);
    expect(again.rows[0]).toMatchObject({ body, variants: [], attempts: 1, firstAttemptAt: T0 + 50 });
    await record(store, again, [{ outboxId, kind: 'retry', dueAt: T0 + 60, reason: 'busy' }]);
    expect((await claimDelivery(store, { now: T0 + 60 })).rows[0]).toMatchObject({
      body,
      attempts: 2,
      firstAttemptAt: T0 + 60,
      reason: 'busy',
    });
  });

  it('keeps a dead row as a letter, goes on behind it, and sends it again on demand', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('a'), say('b')] });
    const claim = await claimDelivery(store);
    const outboxId = claim.rows[0]?.id ?? 0;
    await record(store, claim, [{ outboxId, kind: 'dead', code: '45101006', reason: 'refused' }], [], T0 + 3);
    const behind = await claimDelivery(store);
    expect(refs(behind)).toEqual(['b']);
    expect(await store.listDeadLetters(10)).toEqual([
      {
        id: `out-${outboxId}`,
        side: 'buyer',
        conversationId: idOf('c1'),
        at: T0 + 3,
        attempts: 1,
        what: 'text',
        reason: 'refused (45101006)',
      },
    ]);
    expect(await store.retryDeadLetter(`out-${outboxId}`, T0 + 4)).toBe(true);
    expect(await claimDeliveries(store, { now: T0 + 4, workerId: 'w2' })).toEqual([]);
    await sent(store, behind, 'e1');
    expect((await claimDelivery(store, { now: T0 + 4 })).rows[0]).toMatchObject({ ref: 'a', attempts: 1 });
    expect(await store.listDeadLetters(10)).toEqual([]);
    for (const id of ['out-999999', 'in-1', 'nonsense', 'out-', 'out-1e3', `in-${outboxId}`])
      expect(await store.retryDeadLetter(id, T0), id).toBe(false);
  });

  it('claims nothing to the buyer for a held shop, everything else as ever', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('a'), say('d', { side: 'desk' })] });
    const heldShops = [`tiktok:${SHOP}`];
    expect((await claimDeliveries(store, { heldShops })).map(refs)).toEqual([['d']]);
    const only = [{ conversationId: idOf('c1'), side: 'buyer' }] as const;
    const request = { workerId: 'w1', now: T0, limit: 1, only: [...only], merge: {} };
    expect(await store.claimDeliveries({ ...request, heldShops })).toEqual([]);
    expect((await store.claimDeliveries({ ...request, heldShops: [] })).map(refs)).toEqual([['a']]);
  });

  it('lists what was sent, newest first', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('a'), say('b'), say('c')] });
    for (const id of ['e1', 'e2', 'e3']) await sent(store, await claimDelivery(store), id);
    expect(await store.sentExternalIds(idOf('c1'), 2)).toEqual(['e3', 'e2']);
    expect(await store.sentExternalIds(idOf('c2'), 2)).toEqual([]);
  });

  it('fences a delivery whose lease was swept', async () => {
    const store = await open();
    await store.heartbeat('w1', T0);
    await turn(store, 'c1', 1, { outbox: [say('a')] });
    const slept = await claimDelivery(store);
    expect(await store.sweepLeases(T0 + 1)).toBe(1);
    await expect(sent(store, slept, 'e1')).rejects.toMatchObject(conflict);
    const next = await claimDelivery(store, { workerId: 'w1', now: T0 + 1 });
    expect([next.resumed, next.rows[0]?.attempts]).toEqual([true, 2]);
    await expect(sent(store, slept, 'e1')).rejects.toMatchObject(conflict);
    await expect(sent(store, { ...next, workerId: 'w2' }, 'e1')).rejects.toMatchObject(conflict);
    expect(await store.sentExternalIds(idOf('c1'), 9)).toEqual([]);
  });

  it('appends rows of a later turn behind a claimed one', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('a')] });
    const claim = await claimDelivery(store);
    await ingest(store, [line('c1', 2)]);
    await store.commitTurn(commitOf(await claimTurn(store, idOf('c1')), { outbox: [say('b')] }));
    expect(await claimDeliveries(store, { workerId: 'w2' })).toEqual([]);
    await sent(store, claim, 'e1');
    expect(refs(await claimDelivery(store))).toEqual(['b']);
  });
}

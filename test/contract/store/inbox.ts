import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/contracts/store.ts';
import {
  claimDelivery,
  claimTurn,
  commitOf,
  deskLine,
  event,
  idOf,
  ingest,
  keys,
  line,
  record,
  SHOP,
  say,
  sent,
  shopLine,
  T0,
  turn,
} from './builders.ts';

export function describeInbox(open: () => Promise<Store>): void {
  describe('identity', () => {
    it('stores an event once and calls its repeats duplicates, in one batch or another', async () => {
      const store = await open();
      expect(await ingest(store, [line('c1', 1), line('c1', 1)])).toEqual([
        { outcome: 'stored', conversationId: idOf('c1'), dueAt: T0 },
        { outcome: 'duplicate' },
      ]);
      expect(await ingest(store, [line('c1', 1)], T0 + 9_000_000)).toEqual([{ outcome: 'duplicate' }]);
      expect((await store.counts()).inboxPending).toBe(1);
    });

    it('knows a message that comes again under another event id', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      expect(await ingest(store, [line('c1', 1, { eventKey: 'tiktok:poll:1' })])).toEqual([{ outcome: 'duplicate' }]);
      expect(await store.knownMessages([`tiktok:${SHOP}:m:1`, `tiktok:${SHOP}:m:2`, `tiktok:${SHOP}:n:1`])).toEqual(
        new Set([`tiktok:${SHOP}:m:1`]),
      );
    });

    it('accepts an event id that equals its message id', async () => {
      const store = await open();
      const both = line('c1', 1, { eventKey: 'same:1', messageKey: 'same:1' });
      expect((await ingest(store, [both])).map((result) => result.outcome)).toEqual(['stored']);
      expect((await ingest(store, [both])).map((result) => result.outcome)).toEqual(['duplicate']);
    });

    it('sets the same event id or message id with other words aside, once', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      const changed = line('c1', 1, { text: 'other words' });
      const underOtherEvent = line('c1', 1, { text: 'third words', eventKey: 'tiktok:x:77' });
      expect(await ingest(store, [changed, underOtherEvent])).toEqual([
        { outcome: 'conflict' },
        { outcome: 'conflict' },
      ]);
      expect(await ingest(store, [changed, underOtherEvent])).toEqual([
        { outcome: 'duplicate' },
        { outcome: 'duplicate' },
      ]);
      const aside = await store.listAside(10);
      expect(aside.map((row) => row.reason)).toEqual(['conflict', 'conflict']);
      expect(aside[1]).toMatchObject({ at: T0, channel: 'tiktok', shopId: SHOP, source: 'webhook' });
      expect(aside[1]?.raw).toContain('other words');
      expect((await store.counts()).inboxPending).toBe(1);
    });

    it('never finds a conflict where one side has no hash', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1), line('c1', 2, { hash: null })]);
      expect(await ingest(store, [line('c1', 1, { hash: null }), line('c1', 2)])).toEqual([
        { outcome: 'duplicate' },
        { outcome: 'duplicate' },
      ]);
    });

    it('forgets ids seen before a moment, and only those', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)], T0);
      await ingest(store, [line('c1', 2)], T0 + 1_000);
      expect(await store.forgetSeen(T0 + 1_000)).toBe(2);
      expect(await store.forgetSeen(T0 + 1_000)).toBe(0);
      expect((await ingest(store, [line('c1', 1), line('c1', 2)])).map((result) => result.outcome)).toEqual([
        'stored',
        'duplicate',
      ]);
    });

    it('keeps ids exact that exceed 2^53, lone surrogates and NUL harmless', async () => {
      const store = await open();
      const odd = line('7494560109732334261', '7494560109732334263', { text: 'a\u0000b \ud800 \u{1F600}' });
      await ingest(store, [odd]);
      const claim = await claimTurn(store, idOf('7494560109732334261'));
      expect(claim.events[0]?.event).toEqual(odd);
      const hostile = line('c\u0000\ud800', 'n\u0000\ud800');
      expect((await ingest(store, [hostile]))[0]?.outcome).toBe('stored');
      expect((await ingest(store, [hostile]))[0]?.outcome).toBe('duplicate');
    });
  });

  describe('placing', () => {
    it('makes a conversation and learns the buyer, then what was missing', async () => {
      const store = await open();
      await ingest(store, [event('c1', 'joined', { kind: 'conversation.changed' })]);
      expect(await store.getConversation(idOf('c1'))).toEqual({
        id: idOf('c1'),
        channel: 'tiktok',
        shopId: SHOP,
        externalId: 'c1',
        buyerId: null,
        customerToken: null,
        owner: 'bot',
        epoch: 1,
        episode: 1,
        language: null,
        facts: {},
        desk: {},
        bot: {},
        undo: null,
        lastBuyerAt: null,
        createdAt: T0,
        updatedAt: T0,
        version: 0,
      });
      const named = line('c1', 1);
      named.target = {
        by: 'conversation',
        ref: { channel: 'tiktok', shopId: SHOP, externalId: 'c1' },
        buyer: { id: 'b1', customerToken: 'tts-1-b1', name: 'Ann' },
      };
      await ingest(store, [named]);
      expect(await store.getConversation(idOf('c1'))).toMatchObject({
        buyerId: 'b1',
        customerToken: 'tts-1-b1',
        facts: { buyerName: 'Ann' },
      });
    });

    it('keeps what ingest learnt during a turn that did not know it', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      const claim = await claimTurn(store, idOf('c1'));
      await ingest(store, [line('c1', 2, { buyer: 'b1' })]);
      await store.commitTurn(commitOf(claim));
      expect(await store.getConversation(idOf('c1'))).toMatchObject({ buyerId: 'b1', version: 1 });
    });

    it('records what no turn needs: shop events, changes, ignored pushes', async () => {
      const store = await open();
      const results = await ingest(store, [
        event(
          '',
          'o1',
          { kind: 'order.changed', orderId: '5', what: 'status', status: 'x' },
          { by: 'shop', channel: 'tiktok', shopId: SHOP },
        ),
        event('c1', 'o2', { kind: 'order.changed', orderId: '5', what: 'status', status: 'x' }),
        event('c1', 'cc', { kind: 'conversation.changed' }),
        event('c1', 'ot', { kind: 'other', what: '99' }),
      ]);
      expect(results).toEqual([
        { outcome: 'recorded', conversationId: null },
        { outcome: 'recorded', conversationId: idOf('c1') },
        { outcome: 'recorded', conversationId: idOf('c1') },
        { outcome: 'recorded', conversationId: idOf('c1') },
      ]);
      expect(await store.nextDueAt()).toBeNull();
      expect((await store.timeline(idOf('c1'), { limit: 10 })).map((entry) => entry.status)).toEqual([
        'recorded',
        'recorded',
        'recorded',
      ]);
    });

    it('records the echo of a row that was sent, but not a line of staff', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { outbox: [say('r1')] });
      await sent(store, await claimDelivery(store), 'ext-1');
      await ingest(store, [line('c2', 2)]);
      const results = await ingest(store, [shopLine('c1', 'ext-1'), shopLine('c1', 'ext-2'), shopLine('c2', 'ext-1x')]);
      expect(results.map((result) => result.outcome)).toEqual(['recorded', 'stored', 'stored']);
    });

    it('does not hand out an echo that came before its send was recorded', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { outbox: [say('r1')] });
      const delivery = await claimDelivery(store);
      expect((await ingest(store, [shopLine('c1', 'ext-1')]))[0]?.outcome).toBe('stored');
      await sent(store, delivery, 'ext-1');
      expect(await store.claimTurns({ workerId: 'w1', now: T0, limit: 5 })).toEqual([]);
      expect(await store.nextDueAt()).toBeNull();
      expect((await store.timeline(idOf('c1'), { limit: 10 })).at(-1)).toMatchObject({
        title: 'shop.message',
        status: 'recorded',
      });
    });

    it('finds a buyer by token, then by desk session, current or earlier', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1, { buyer: 'b1' })], T0);
      await ingest(store, [line('c2', 2, { buyer: 'b1' }), line('c3', 3)], T0 + 5);
      const c3 = await claimTurn(store, idOf('c3'), T0 + 5);
      await store.commitTurn(commitOf(c3, { conversation: { desk: { sessionId: 's2', aliases: ['s1'] } } }));
      const token = `tts-${SHOP}-b1`;
      const results = await ingest(store, [
        deskLine('1', token, null),
        deskLine('2', null, 's2'),
        deskLine('3', null, 's1'),
        deskLine('4', token, 'unheard-of'),
      ]);
      expect(results.map((result) => ('conversationId' in result ? result.conversationId : null))).toEqual([
        idOf('c2'),
        idOf('c3'),
        idOf('c3'),
        idOf('c2'),
      ]);
    });

    it('sets an unknown customer aside unseen, so that a later repeat is placed', async () => {
      const store = await open();
      const push = deskLine('1', `tts-${SHOP}-b1`, 's9');
      const aside = { outcome: 'aside', reason: 'unknown_customer' };
      expect(await ingest(store, [push])).toEqual([aside]);
      expect(await ingest(store, [push])).toEqual([aside]);
      const [row, ...rest] = await store.listAside(10);
      expect(rest).toEqual([]);
      expect(JSON.parse(row?.raw ?? '')).toEqual(push);
      await ingest(store, [line('c1', 1, { buyer: 'b1' })]);
      expect((await ingest(store, [push]))[0]).toMatchObject({ outcome: 'stored', conversationId: idOf('c1') });
      expect(await ingest(store, [push])).toEqual([{ outcome: 'duplicate' }]);
    });

    it('hands the aside rows of a shop out once, oldest first', async () => {
      const store = await open();
      const record = { source: 'webhook', reason: 'unknown_shop', detail: 'd', channel: 'tiktok', shopId: '5' };
      const first = await store.putAside({ ...record, raw: 'a' }, T0);
      const second = await store.putAside({ ...record, raw: 'b' }, T0 + 1);
      await store.putAside({ ...record, raw: 'c', shopId: '6' }, T0);
      await store.putAside({ ...record, raw: 'd', reason: 'unreadable' }, T0);
      expect((await store.takeAside('tiktok', '5')).map((row) => [row.id, row.raw])).toEqual([
        [first, 'a'],
        [second, 'b'],
      ]);
      expect(await store.takeAside('tiktok', '5')).toEqual([]);
      expect((await store.counts()).aside).toBe(2);
    });
  });

  describe('coalescing', () => {
    const wait = { windowMs: 1_200, maxMs: 5_000, immediate: false };
    const put = async (store: Store, n: number, now: number, immediate = false) =>
      (await store.ingest([{ event: line('c1', n), coalescing: { ...wait, immediate } }], now))[0];
    const due = async (store: Store) => store.nextDueAt();

    it('moves the whole burst with each line, up to the bound from its first line', async () => {
      const store = await open();
      expect(await put(store, 1, T0)).toMatchObject({ dueAt: T0 + 1_200 });
      expect(await put(store, 2, T0 + 1_000)).toMatchObject({ dueAt: T0 + 2_200 });
      expect(await due(store)).toBe(T0 + 2_200);
      expect(await store.claimTurns({ workerId: 'w1', now: T0 + 2_199, limit: 1 })).toEqual([]);
      await put(store, 3, T0 + 2_100);
      await put(store, 4, T0 + 3_200);
      expect(await put(store, 5, T0 + 4_300)).toMatchObject({ dueAt: T0 + 5_000 });
      const claim = await claimTurn(store, idOf('c1'), T0 + 5_000);
      expect(claim.events).toHaveLength(5);
    });

    it('makes the burst due at once for a line that cannot wait, and keeps it so', async () => {
      const store = await open();
      await put(store, 1, T0);
      expect(await put(store, 2, T0 + 100, true)).toMatchObject({ dueAt: T0 + 100 });
      expect(await put(store, 3, T0 + 150)).toMatchObject({ dueAt: T0 + 150 });
      expect((await claimTurn(store, idOf('c1'), T0 + 150)).events).toHaveLength(3);
    });

    it('lets another event through without dragging the burst along', async () => {
      const store = await open();
      await put(store, 1, T0);
      await ingest(store, [shopLine('c1', 'staff-1')], T0 + 10);
      const claim = await claimTurn(store, idOf('c1'), T0 + 10);
      expect(claim.events.map((row) => row.event.body.kind)).toEqual(['shop.message']);
      expect(await store.commitTurn(commitOf(claim))).toEqual({ outboxIds: [], nextDueAt: T0 + 1_200 });
    });

    it('waits only while the bot owns the conversation or nobody does', async () => {
      const store = await open();
      for (const [n, owner, dueAt] of [
        [1, 'agent', T0],
        [2, 'queue', T0],
        [3, 'urobot', T0],
        [4, 'closed', T0 + 1_200],
      ] as const) {
        await turn(store, `own${n}`, `first${n}`, { conversation: { owner } });
        const [result] = await store.ingest([{ event: line(`own${n}`, `second${n}`), coalescing: wait }], T0);
        expect(result, owner).toMatchObject({ dueAt });
      }
    });
  });

  describe('platform order', () => {
    it('sorts lines by index as a decimal of any length, others keep their place', async () => {
      const store = await open();
      await ingest(store, [
        line('c1', 'a', { index: '10' }),
        event('c1', 'x', { kind: 'delivery.result', outboxId: 1, result: { kind: 'desk.left' } }),
        line('c1', 'b', { index: '9' }),
        line('c1', 'c', { index: '9007199254740993' }),
        line('c1', 'd', { index: '9007199254740992' }),
      ]);
      const claim = await claimTurn(store, idOf('c1'));
      expect(keys(claim).map((key) => key.split(':').at(-1))).toEqual(['b', 'x', 'a', 'd', 'c']);
    });

    it('falls back to the platform time, then to arrival', async () => {
      const store = await open();
      await ingest(store, [line('c1', 'a', { at: 30 }), line('c1', 'b', { at: 10 }), line('c1', 'c', { at: 30 })]);
      expect(keys(await claimTurn(store, idOf('c1'))).map((key) => key.split(':').at(-1))).toEqual(['b', 'a', 'c']);
    });
  });

  it('puts the events of a delivery into the inbox once', async () => {
    const store = await open();
    await turn(store, 'c1', 1, { outbox: [say('r1')] });
    const claim = await claimDelivery(store);
    const result = event(
      '',
      'result',
      { kind: 'delivery.result', outboxId: 1, result: { kind: 'desk.closed' } },
      { by: 'id', conversationId: idOf('c1') },
    );
    const recorded = await record(
      store,
      claim,
      [{ outboxId: claim.rows[0]?.id ?? 0, kind: 'sent', externalId: 'e1' }],
      [result],
      T0 + 5,
    );
    expect(recorded).toEqual({
      nextDueAt: null,
      ingested: [{ outcome: 'stored', conversationId: idOf('c1'), dueAt: T0 + 5 }],
    });
    expect((await claimTurn(store, idOf('c1'), T0 + 5)).events[0]?.event).toEqual(result);
  });
}

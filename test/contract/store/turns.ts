import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/contracts/store.ts';
import {
  claimDelivery,
  claimTurn,
  commitOf,
  idOf,
  ingest,
  keys,
  line,
  say,
  sent,
  shopLine,
  T0,
  turn,
} from './builders.ts';

const conflict = { code: 'STORE_CONFLICT' };

export function describeTurns(open: () => Promise<Store>): void {
  describe('leases', () => {
    it('hands a conversation to one worker, and again only after the commit', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      const [a, b] = await Promise.all([
        store.claimTurns({ workerId: 'w1', now: T0, limit: 5 }),
        store.claimTurns({ workerId: 'w2', now: T0, limit: 5 }),
      ]);
      expect([a.length, b.length]).toEqual([1, 0]);
      await ingest(store, [line('c1', 2)]);
      expect(await store.claimTurns({ workerId: 'w2', now: T0, limit: 5 })).toEqual([]);
      const [claim] = a;
      if (claim === undefined) throw new Error('no claim');
      expect(await store.commitTurn(commitOf(claim))).toEqual({ outboxIds: [], nextDueAt: T0 });
      expect(keys(await claimTurn(store, idOf('c1'), T0, 'w2'))).toEqual([line('c1', 2).eventKey]);
    });

    it('serves the longest due first, within the limit and the wanted conversations', async () => {
      const store = await open();
      await ingest(store, [line('c2', 2)], T0 + 2);
      await ingest(store, [line('c1', 1)], T0 + 1);
      await ingest(store, [line('c3', 3)], T0 + 3);
      const [only] = await store.claimTurns({ workerId: 'w1', now: T0 + 9, limit: 5, only: [idOf('c3')] });
      expect(only?.conversationId).toBe(idOf('c3'));
      const [first, ...rest] = await store.claimTurns({ workerId: 'w1', now: T0 + 9, limit: 1 });
      expect([first?.conversationId, rest]).toEqual([idOf('c1'), []]);
      expect(await store.claimTurns({ workerId: 'w1', now: T0 + 1, limit: 5 })).toEqual([]);
    });

    it('frees the leases of a worker whose heartbeat ended, counts the new start, and fences the old one', async () => {
      const store = await open();
      await store.heartbeat('w1', T0 + 1_000);
      await store.heartbeat('w2', T0 + 9_000);
      await ingest(store, [line('c1', 1)]);
      const slept = await claimTurn(store, idOf('c1'));
      expect(slept.events[0]?.attempts).toBe(1);
      expect(await store.sweepLeases(T0 + 1_000)).toBe(0);
      expect(await store.claimTurns({ workerId: 'w2', now: T0 + 1_000, limit: 1 })).toEqual([]);
      expect(await store.sweepLeases(T0 + 1_001)).toBe(1);
      await expect(store.commitTurn(commitOf(slept))).rejects.toMatchObject(conflict);
      const again = await claimTurn(store, idOf('c1'), T0 + 1_001, 'w2');
      expect(again.events[0]?.attempts).toBe(2);
      await expect(store.commitTurn(commitOf(slept))).rejects.toMatchObject(conflict);
      await expect(store.commitTurn(commitOf({ ...again, leaseToken: slept.leaseToken }))).rejects.toMatchObject(
        conflict,
      );
      await expect(store.failTurn({ claim: slept, now: T0, reason: 'late', retryAt: null })).rejects.toMatchObject(
        conflict,
      );
      await store.commitTurn(commitOf(again));
    });

    it('frees the leases of a worker that stops, at once', async () => {
      const store = await open();
      await store.heartbeat('w1', T0 + 60_000);
      await ingest(store, [line('c1', 1)]);
      await claimTurn(store, idOf('c1'));
      expect(await store.sweepLeases(T0, 'w1')).toBe(1);
      expect((await claimTurn(store, idOf('c1'), T0, 'w2')).events).toHaveLength(1);
    });
  });

  describe('commit', () => {
    it('writes conversation, outbox, timers and notes together', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      const claim = await claimTurn(store, idOf('c1'));
      const undo = { turnId: 't1', bot: { a: 1 }, inboxIds: claim.events.map((row) => row.id), rows: 1 };
      const { outboxIds, nextDueAt } = await store.commitTurn(
        commitOf(claim, {
          now: T0 + 7,
          turnId: 't1',
          undo,
          outbox: [
            say('r1', { variants: ['other words'] }),
            say('r2', { side: 'desk', origin: 'bridge', mergeable: true }),
          ],
          conversation: {
            owner: 'queue',
            epoch: 2,
            episode: 3,
            language: 'zh-Hant',
            facts: { orderId: '5' },
            desk: { queueKey: 'k', queuePlace: 2 },
            bot: { 'tiktok/c1': { step: 2, text: 'ไทย\u0000' } },
            lastBuyerAt: T0,
          },
          set: [{ name: 'queue.poll', dueAt: T0 + 5_000 }],
          notes: [{ what: 'handoff.asked', detail: 'buyer_asked' }],
        }),
      );
      expect(nextDueAt).toBeNull();
      expect(outboxIds).toHaveLength(2);
      expect(await store.getConversation(idOf('c1'))).toMatchObject({
        owner: 'queue',
        epoch: 2,
        episode: 3,
        language: 'zh-Hant',
        facts: { orderId: '5' },
        desk: { queueKey: 'k', queuePlace: 2 },
        bot: { 'tiktok/c1': { step: 2, text: 'ไทย\u0000' } },
        undo,
        lastBuyerAt: T0,
        createdAt: T0,
        updatedAt: T0 + 7,
        version: 1,
      });
      const delivery = await claimDelivery(store, { now: T0 + 7 });
      expect(delivery.rows).toEqual([
        {
          id: outboxIds[0],
          conversationId: idOf('c1'),
          ref: 'r1',
          side: 'buyer',
          origin: 'bot',
          epoch: 2,
          turnId: 't1',
          body: { kind: 'message', part: { type: 'text', text: 'text of r1' } },
          variants: ['other words'],
          mergeable: false,
          status: 'sending',
          attempts: 1,
          firstAttemptAt: T0 + 7,
          externalId: null,
          reason: null,
          createdAt: T0 + 7,
          updatedAt: T0 + 7,
        },
      ]);
      const story = await store.timeline(idOf('c1'), { limit: 10 });
      expect(story.map((entry) => [entry.kind, entry.title, entry.status])).toEqual([
        ['inbound', 'buyer.message', 'handled'],
        ['outbound', 'message', 'sending'],
        ['outbound', 'message', expect.stringMatching(/^(pending|sending)$/)],
        ['turn', 'handoff.asked', 'committed'],
      ]);
    });

    it('bumps the version of an unchanged conversation', async () => {
      const store = await open();
      await turn(store, 'c1', 1);
      await turn(store, 'c1', 2);
      expect((await store.getConversation(idOf('c1')))?.version).toBe(2);
    });

    it('writes nothing on a stale version', async () => {
      const store = await open();
      await turn(store, 'c1', 1);
      await ingest(store, [line('c1', 2)]);
      const claim = await claimTurn(store, idOf('c1'));
      const before = await store.timeline(idOf('c1'), { limit: 100 });
      await expect(
        store.commitTurn(
          commitOf(claim, {
            version: 0,
            outbox: [say('r1')],
            conversation: { owner: 'agent' },
            set: [{ name: 'bot.wait', dueAt: T0 }],
          }),
        ),
      ).rejects.toMatchObject(conflict);
      expect(await store.timeline(idOf('c1'), { limit: 100 })).toEqual(before);
      expect(await store.getConversation(idOf('c1'))).toMatchObject({ owner: 'bot', version: 1 });
      expect(await store.fireTimers(T0, 10)).toEqual([]);
      expect((await store.counts()).outboxPending.buyer).toBe(0);
      await store.commitTurn(commitOf(claim));
    });

    it('supersedes rows that have not begun to leave, and refuses when one has', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { outbox: [say('r1'), say('r2')] });
      await ingest(store, [line('c1', 2)]);
      const claim = await claimTurn(store, idOf('c1'));
      expect(claim.unsent.map((row) => row.ref)).toEqual(['r1', 'r2']);
      expect(claim.inFlight).toEqual([]);
      const delivery = await claimDelivery(store);
      const supersede = claim.unsent.map((row) => row.id);
      await expect(store.commitTurn(commitOf(claim, { supersede, outbox: [say('r3')] }))).rejects.toMatchObject(
        conflict,
      );
      expect((await store.counts()).outboxPending.buyer).toBe(2);
      await store.failTurn({ claim, now: T0, reason: 'again', retryAt: T0 });
      const next = await claimTurn(store, idOf('c1'));
      expect(next.unsent.map((row) => row.ref)).toEqual(['r2']);
      expect(next.inFlight.map((row) => row.ref)).toEqual(['r1']);
      await store.commitTurn(commitOf(next, { supersede: [next.unsent[0]?.id ?? 0], outbox: [say('r3')] }));
      await sent(store, delivery, 'e1');
      expect((await claimDelivery(store)).rows.map((row) => row.ref)).toEqual(['r3']);
      const dropped = (await store.timeline(idOf('c1'), { limit: 50 })).filter((entry) => entry.status === 'dropped');
      expect(dropped).toMatchObject([
        { kind: 'outbound', detail: { ref: 'r2', reason: expect.stringMatching(/newer/) } },
      ]);
    });

    it('settles a row in flight whose echo arrived; its sender learns nothing else', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { outbox: [say('r1'), say('r2')] });
      const delivery = await claimDelivery(store);
      await ingest(store, [shopLine('c1', 'ext-1', 'text of r1')]);
      const claim = await claimTurn(store, idOf('c1'));
      const outboxId = claim.inFlight[0]?.id ?? 0;
      await store.commitTurn(commitOf(claim, { settled: [{ outboxId, externalId: 'ext-1' }] }));
      expect(await store.sentExternalIds(idOf('c1'), 5)).toEqual(['ext-1']);
      await store.recordDelivery({
        claim: { ...delivery, conversationId: idOf('c1') },
        now: T0,
        outcomes: [{ outboxId, kind: 'unknown', dueAt: T0 + 500, reason: 'timed out' }],
        events: [],
      });
      const next = await claimDelivery(store);
      expect([next.resumed, next.rows.map((row) => row.ref)]).toEqual([false, ['r2']]);
    });

    it('gives the events of an undoable turn back with the next claim', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1), line('c1', 2)]);
      const claim = await claimTurn(store, idOf('c1'));
      const undo = { turnId: 't1', bot: {}, inboxIds: claim.events.map((row) => row.id), rows: 0 };
      await store.commitTurn(commitOf(claim, { undo }));
      await ingest(store, [line('c1', 3)]);
      const next = await claimTurn(store, idOf('c1'));
      expect(next.undoEvents.map((row) => row.id)).toEqual(undo.inboxIds);
      expect(next.conversation.undo).toEqual(undo);
      await store.commitTurn(commitOf(next));
      await ingest(store, [line('c1', 4)]);
      expect((await claimTurn(store, idOf('c1'))).undoEvents).toEqual([]);
    });

    it('rejects only the operation that fails when many are asked for at once', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1), line('c2', 2), line('c3', 3)]);
      const claims = await store.claimTurns({ workerId: 'w1', now: T0, limit: 5 });
      const results = await Promise.allSettled(
        claims.map((claim, place) =>
          store.commitTurn(commitOf(claim, { version: place === 1 ? 41 : 0, outbox: [say(`r${place}`)] })),
        ),
      );
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.counts()).outboxPending.buyer).toBe(2);
      const versions = await Promise.all(claims.map((claim) => store.getConversation(claim.conversationId)));
      expect(versions.map((conversation) => conversation?.version)).toEqual([1, 0, 1]);
    });
  });

  it('takes the whole of a failing batch back and nothing of its neighbours', async () => {
    const store = await open();
    const unreadable = { ...line('c2', 3), bodyHash: true as unknown as string };
    const results = await Promise.allSettled([
      ingest(store, [line('c1', 1)]),
      ingest(store, [line('c2', 2), unreadable]),
      ingest(store, [line('c3', 4)]),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.counts()).toMatchObject({ inboxPending: 2, conversations: 2 });
    expect((await ingest(store, [line('c2', 2)]))[0]).toMatchObject({ outcome: 'stored' });
  });

  describe('failure', () => {
    it('repeats the rows at a time; nothing overtakes them', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      await store.failTurn({
        claim: await claimTurn(store, idOf('c1')),
        now: T0,
        reason: 'model down',
        retryAt: T0 + 500,
      });
      await ingest(store, [line('c1', 2)], T0 + 10);
      expect(await store.nextDueAt()).toBe(T0 + 500);
      expect(await store.claimTurns({ workerId: 'w1', now: T0 + 499, limit: 5 })).toEqual([]);
      const claim = await claimTurn(store, idOf('c1'), T0 + 500);
      expect(claim.events.map((row) => row.attempts)).toEqual([2, 1]);
      expect((await store.timeline(idOf('c1'), { limit: 9 })).map((entry) => entry.title)).toContain('turn.failed');
    });

    it('buries what cannot be handled, goes on behind it, and takes it up again on demand', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1)]);
      const claim = await claimTurn(store, idOf('c1'));
      await ingest(store, [line('c1', 2)]);
      await store.failTurn({ claim, now: T0 + 1, reason: 'cannot be read', retryAt: null });
      expect(keys(await claimTurn(store, idOf('c1')))).toEqual([line('c1', 2).eventKey]);
      const id = `in-${claim.events[0]?.id}`;
      expect(await store.listDeadLetters(10)).toEqual([
        {
          id,
          side: 'inbox',
          conversationId: idOf('c1'),
          at: T0 + 1,
          attempts: 1,
          what: 'buyer.message',
          reason: 'cannot be read',
        },
      ]);
      expect((await store.counts()).deadLetters.inbox).toBe(1);
      await store.sweepLeases(T0 + 1);
      expect(await store.retryDeadLetter(id, T0 + 2)).toBe(true);
      expect(await store.retryDeadLetter(id, T0 + 2)).toBe(false);
      const again = await claimTurn(store, idOf('c1'), T0 + 2);
      expect(again.events.map((row) => [row.event.eventKey, row.attempts])).toEqual([
        [line('c1', 1).eventKey, 1],
        [line('c1', 2).eventKey, 2],
      ]);
    });

    it('buries single rows of a commit and handles the others', async () => {
      const store = await open();
      await ingest(store, [line('c1', 1), line('c1', 2)]);
      const claim = await claimTurn(store, idOf('c1'));
      const [first, second] = claim.events;
      await store.commitTurn(
        commitOf(claim, { handled: [second?.id ?? 0], dead: [{ id: first?.id ?? 0, reason: 'our bug' }] }),
      );
      expect(await store.nextDueAt()).toBeNull();
      const id = `in-${first?.id}`;
      expect(await store.dropDeadLetter(id, 'seen by Ann', T0)).toBe(true);
      expect(await store.listDeadLetters(10)).toEqual([]);
      expect(await store.dropDeadLetter(id, 'again', T0)).toBe(false);
      expect((await store.timeline(idOf('c1'), { limit: 9 }))[0]).toMatchObject({
        status: 'dropped',
        detail: { reason: 'seen by Ann' },
      });
    });
  });

  describe('timers', () => {
    it('fire once, become events, and can be moved and cancelled', async () => {
      const store = await open();
      await turn(store, 'c1', 1, {
        set: [
          { name: 'bot.wait', dueAt: T0 + 100 },
          { name: 'episode.idle', dueAt: T0 + 50 },
          { name: 'queue.poll', dueAt: T0 + 60 },
        ],
      });
      expect(await store.nextDueAt()).toBe(T0 + 50);
      await turn(store, 'c1', 2, { set: [{ name: 'episode.idle', dueAt: T0 + 900 }], cancel: ['queue.poll'] });
      expect(await store.fireTimers(T0 + 99, 10)).toEqual([]);
      expect(await store.fireTimers(T0 + 100, 10)).toEqual([idOf('c1')]);
      expect(await store.fireTimers(T0 + 100, 10)).toEqual([]);
      const claim = await claimTurn(store, idOf('c1'), T0 + 100);
      expect(claim.events.map((row) => row.event.body)).toEqual([{ kind: 'timer.due', name: 'bot.wait' }]);
      await store.commitTurn(commitOf(claim));
      expect(await store.nextDueAt()).toBe(T0 + 900);
    });

    it('cancels one that has fired and still waits for its turn', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { set: [{ name: 'bot.wait', dueAt: T0 + 1 }] });
      await ingest(store, [line('c1', 2)]);
      const claim = await claimTurn(store, idOf('c1'));
      await store.fireTimers(T0 + 1, 10);
      expect(await store.commitTurn(commitOf(claim, { cancel: ['bot.wait'] }))).toMatchObject({ nextDueAt: null });
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../../src/contracts/store.ts';
import { createSecretBox } from '../../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import {
  claimDeliveries,
  claimTurn,
  commitOf,
  idOf,
  ingest,
  line,
  say,
  sent,
  T0,
} from '../../../contract/store/builders.ts';

const secretBox = createSecretBox(Buffer.alloc(32, 7));
const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-groups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (file = ':memory:'): Promise<Store> => createSqliteStore({ file, secretBox, engine: 'inline' });
const names = Array.from({ length: 40 }, (_, n) => `c${n}`);

describe('a group of calls that shares one commit', () => {
  it('carries many conversations through every stage at once, each with its own answer', async () => {
    const store = await open();
    for (const round of [0, 1]) {
      const stored = await Promise.all(names.map((name) => ingest(store, [line(name, `${name}-${round}`)])));
      expect(stored.map(([result]) => result)).toEqual(
        names.map((name) => ({ outcome: 'stored', conversationId: idOf(name), dueAt: T0 })),
      );
      const claims = await store.claimTurns({ workerId: 'w1', now: T0, limit: 64 });
      expect(new Set(claims.map((claim) => claim.conversationId)).size).toBe(40);
      for (const claim of claims) {
        const name = claim.conversation.externalId;
        expect(claim.events.map((row) => [row.event.eventKey.split(':').at(-1), row.attempts])).toEqual([
          [`${name}-${round}`, 1],
        ]);
        expect(claim.conversation).toMatchObject({ version: round, bot: round === 0 ? {} : { said: name } });
      }
      await Promise.all(
        claims.map((claim) => {
          const name = claim.conversation.externalId;
          return store.commitTurn(
            commitOf(claim, { outbox: [say(`${name}-r${round}`)], conversation: { bot: { said: name } } }),
          );
        }),
      );
      const deliveries = await claimDeliveries(store, { limit: 64 });
      expect(new Set(deliveries.map((each) => each.leaseToken)).size).toBe(40);
      for (const each of deliveries)
        expect(each.rows.map((row) => row.ref)).toEqual([`${each.conversation.externalId}-r${round}`]);
      await Promise.all(deliveries.map((each) => sent(store, each, `ext-${each.conversation.externalId}-${round}`)));
    }
    for (const name of names) {
      expect(await store.sentExternalIds(idOf(name), 5)).toEqual([`ext-${name}-1`, `ext-${name}-0`]);
      const story = await store.timeline(idOf(name), { limit: 10 });
      expect(story.map((entry) => entry.kind).sort()).toEqual([
        'inbound',
        'inbound',
        'outbound',
        'outbound',
        'turn',
        'turn',
      ]);
    }
    await store.close();
  });

  it('refuses the conflicting turn alone', async () => {
    const store = await open();
    await Promise.all(['c1', 'c2', 'c3'].map((name) => ingest(store, [line(name, name)])));
    const claims = await store.claimTurns({ workerId: 'w1', now: T0, limit: 5 });
    const commits = claims.map((claim, place) =>
      store.commitTurn(commitOf(claim, { outbox: [say(`r${place}`)], version: place === 1 ? 7 : 0 })),
    );
    const settled = await Promise.allSettled(commits);
    expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.counts()).toMatchObject({ inboxPending: 1, outboxPending: { buyer: 2 } });
    await store.close();
  });

  it('remembers nothing of a group that was rolled back', async () => {
    const store = await open();
    await ingest(store, [line('c1', 1)]);
    const claim = await claimTurn(store, idOf('c1'));
    // The second call cannot be carried out, after the first has changed everything it touches.
    const good = store.commitTurn(commitOf(claim, { outbox: [say('r1')], conversation: { bot: { n: 1 } } }));
    const bad = store.putMeta('key', true as unknown as string);
    await expect(bad).rejects.toMatchObject({ code: 'STORE_PARAMETER' });
    const { outboxIds } = await good;
    const [delivery] = await claimDeliveries(store);
    expect(delivery?.rows.map((row) => [row.id, row.ref, row.attempts])).toEqual([[outboxIds[0], 'r1', 1]]);
    await ingest(store, [line('c1', 2)]);
    expect((await claimTurn(store, idOf('c1'))).conversation).toMatchObject({ version: 1, bot: { n: 1 } });
    await store.close();
  });

  it('keeps events of one conversation and repeats apart within one group', async () => {
    const store = await open();
    const events = [line('c1', 1), line('c1', 2), line('c1', 1), line('c2', 3), line('c1', 2, { text: 'other' })];
    const results = await Promise.all(events.map((event) => ingest(store, [event])));
    expect(results.flat().map((result) => result.outcome)).toEqual([
      'stored',
      'stored',
      'duplicate',
      'stored',
      'conflict',
    ]);
    expect((await claimTurn(store, idOf('c1'))).events).toHaveLength(2);
    await store.close();
  });
});

describe('two stores of one file', () => {
  it('each see what the other has changed in a conversation that both remember', async () => {
    const file = path.join(folder, 'shared.db');
    const [first, second] = [await open(file), await open(file)];
    await ingest(first, [line('c1', 1)]);
    const claim = await claimTurn(second, idOf('c1'));
    expect(await first.claimTurns({ workerId: 'w2', now: T0, limit: 5 })).toEqual([]);
    await second.commitTurn(commitOf(claim, { conversation: { owner: 'agent', bot: { by: 'second' } } }));
    const wait = { windowMs: 1_200, maxMs: 5_000, immediate: false };
    const [result] = await first.ingest([{ event: line('c1', 2), coalescing: wait }], T0);
    expect(result).toMatchObject({ dueAt: T0 });
    const own = await claimTurn(first, idOf('c1'), T0, 'w2');
    expect(own.conversation).toMatchObject({ version: 1, bot: { by: 'second' } });
    await expect(second.commitTurn(commitOf(claim))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    await first.commitTurn(commitOf(own));
    await first.close();
    await second.close();
  });
});

describe('a flood in one conversation', () => {
  it('does not keep the others from being claimed, nor loses or repeats a line', async () => {
    const store = await open();
    await ingest(
      store,
      Array.from({ length: 2_100 }, (_, n) => line('flood', n)),
    );
    await ingest(store, [line('c1', 'a')], T0 + 1);
    const claims = await store.claimTurns({ workerId: 'w1', now: T0 + 1, limit: 5 });
    expect(claims.map((claim) => [claim.conversation.externalId, claim.events.length])).toEqual([
      ['flood', 500],
      ['c1', 1],
    ]);
    const drafts = Array.from({ length: 2_100 }, (_, n) => say(`r${n}`));
    for (const claim of claims) await store.commitTurn(commitOf(claim, { outbox: drafts }));
    const deliveries = await claimDeliveries(store);
    expect(deliveries.map((each) => each.rows.map((row) => row.ref))).toEqual([['r0'], ['r0']]);
    expect(await store.counts()).toMatchObject({ inboxPending: 1_600 });
    await store.close();
  });
});

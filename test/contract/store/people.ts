import { describe, expect, it } from 'vitest';
import type { Shop, Store } from '../../../src/contracts/store.ts';
import {
  claimDelivery,
  claimTurn,
  commitOf,
  event,
  idOf,
  ingest,
  line,
  SHOP,
  say,
  sent,
  T0,
  turn,
} from './builders.ts';

export function describePeople(open: () => Promise<Store>): void {
  describe('shops and secrets', () => {
    const shop: Shop = {
      channel: 'tiktok',
      shopId: SHOP,
      name: 'Lamps & Co',
      region: 'GB',
      status: 'active',
      info: { cipher: 'ROW_abc' },
    };

    it('keeps shops, replaces and removes them', async () => {
      const store = await open();
      await store.putShop(shop);
      await store.putShop({ ...shop, name: 'Lamps', status: 'revoked' });
      await store.putShop({ ...shop, channel: 'shopee', shopId: '9', region: null });
      expect(await store.getShop('tiktok', SHOP)).toEqual({ ...shop, name: 'Lamps', status: 'revoked' });
      expect((await store.listShops()).map((each) => each.channel)).toEqual(['shopee', 'tiktok']);
      expect(await store.listShops('shopee')).toHaveLength(1);
      expect(await store.removeShop('shopee', '9')).toBe(true);
      expect(await store.removeShop('shopee', '9')).toBe(false);
      expect(await store.getShop('shopee', '9')).toBeNull();
    });

    it('lets one of two refreshes win', async () => {
      const store = await open();
      await store.putShop(shop);
      expect(await store.getCredentials('tiktok', SHOP)).toBeNull();
      const saves = await Promise.all([
        store.saveCredentials('tiktok', SHOP, { accessToken: 'a1' }, 0),
        store.saveCredentials('tiktok', SHOP, { accessToken: 'a2' }, 0),
      ]);
      expect(saves).toEqual([true, false]);
      expect(await store.getCredentials('tiktok', SHOP)).toEqual({ values: { accessToken: 'a1' }, revision: 1 });
      expect(await store.saveCredentials('tiktok', SHOP, { accessToken: 'a3' }, 1)).toBe(true);
      expect(await store.saveCredentials('tiktok', SHOP, { accessToken: 'a4' }, 1)).toBe(false);
      await store.putShop({ ...shop, name: 'New name' });
      expect(await store.getCredentials('tiktok', SHOP)).toEqual({ values: { accessToken: 'a3' }, revision: 2 });
      await store.removeShop('tiktok', SHOP);
      expect(await store.getCredentials('tiktok', SHOP)).toBeNull();
    });

    it('keeps small values', async () => {
      const store = await open();
      expect(await store.getMeta('mark')).toBeNull();
      await store.putMeta('mark', '1');
      await store.putMeta('mark', '2');
      expect(await store.getMeta('mark')).toBe('2');
      await store.probe();
    });
  });

  describe('timeline', () => {
    it('tells one story in the order of things, page by page', async () => {
      const store = await open();
      await turn(store, 'c1', 1, { outbox: [say('a')], notes: [{ what: 'dialog.entered', detail: 'order' }] });
      await ingest(store, [event('c1', 'x', { kind: 'conversation.changed' })], T0 + 1);
      await ingest(store, [line('c2', 7)]);
      await turn(store, 'c1', 2, { outbox: [say('b')], now: T0 + 2 });
      await sent(store, await claimDelivery(store, { now: T0 + 2 }), 'e1');
      await ingest(store, [line('c1', 3)], T0 + 3);
      const story = await store.timeline(idOf('c1'), { limit: 100 });
      expect(story.map((entry) => `${entry.kind} ${entry.title} ${entry.status}`)).toEqual([
        'inbound buyer.message handled',
        'outbound message sent',
        'turn dialog.entered committed',
        'inbound conversation.changed recorded',
        'inbound buyer.message handled',
        'outbound message pending',
        'turn turn.done committed',
        'inbound buyer.message waiting',
      ]);
      const seqs = story.map((entry) => entry.seq);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
      const pages = [];
      let after: number | undefined;
      for (;;) {
        const page = await store.timeline(idOf('c1'), { limit: 3, after });
        if (page.length === 0) break;
        pages.push(...page);
        after = page.at(-1)?.seq;
      }
      expect(pages).toEqual(story);
      expect(story[0]?.detail).toMatchObject({ event: line('c1', 1) });
      expect(story[1]?.detail).toMatchObject({ ref: 'a', externalId: 'e1', body: { kind: 'message' } });
      expect(story[2]?.detail).toMatchObject({ notes: [{ what: 'dialog.entered', detail: 'order' }] });
      expect(await store.timeline(idOf('unknown'), { limit: 9 })).toEqual([]);
    });
  });

  describe('finding', () => {
    it('knows a conversation by every id that people meet', async () => {
      const store = await open();
      await ingest(store, [line('7494560109732334261', '7327112393057371910', { buyer: 'b1' })]);
      await ingest(store, [line('other', 'n2')]);
      const id = idOf('7494560109732334261');
      const claim = await claimTurn(store, id);
      await store.commitTurn(
        commitOf(claim, { outbox: [say('refabc12345')], conversation: { desk: { sessionId: 's5', aliases: ['s4'] } } }),
      );
      await sent(store, await claimDelivery(store), 'ext-77');
      for (const query of [
        id,
        ` ${id} `,
        `tts-${SHOP}-b1`,
        '7494560109732334261',
        '7327112393057371910',
        `tiktok:${SHOP}:n:7327112393057371910`,
        `tiktok:${SHOP}:m:7327112393057371910`,
        's5',
        's4',
        'ext-77',
        'refabc12345',
      ])
        expect(
          (await store.findConversations(query, 5)).map((each) => each.id),
          query,
        ).toEqual([id]);
      for (const query of ['', 'line 7327112393057371910', 'nobody', '%', 'x'])
        expect(await store.findConversations(query, 5), query).toEqual([]);
      await store.forgetSeen(T0 + 1);
      expect(await store.findConversations('7327112393057371910', 5)).toHaveLength(1);
    });

    it('lists the newest first and pages without a gap', async () => {
      const store = await open();
      for (let n = 1; n <= 5; n++) await ingest(store, [line(`c${n}`, n)], T0 + n);
      await turn(store, 'c2', 'again', { now: T0 + 100 });
      const all = await store.listConversations({ limit: 10 });
      expect(all.map((each) => each.externalId)).toEqual(['c2', 'c5', 'c4', 'c3', 'c1']);
      const first = await store.listConversations({ limit: 2 });
      const rest = await store.listConversations({ limit: 9, before: first.at(-1)?.updatedAt });
      expect([...first, ...rest].map((each) => each.externalId)).toEqual(all.map((each) => each.externalId));
    });

    it('does not cut a page between conversations of the same moment', async () => {
      const store = await open();
      for (let n = 1; n <= 4; n++) await turn(store, `c${n}`, n, { now: n === 4 ? T0 + 1 : T0 });
      const page = await store.listConversations({ limit: 2 });
      expect(page.map((each) => each.externalId)).toEqual(['c4', 'c3', 'c2', 'c1']);
    });

    it('counts what waits', async () => {
      const store = await open();
      expect(await store.counts()).toEqual({
        inboxPending: 0,
        outboxPending: { buyer: 0, desk: 0, receipt: 0 },
        deadLetters: { inbox: 0, buyer: 0, desk: 0, receipt: 0 },
        conversations: 0,
        aside: 0,
      });
      await turn(store, 'c1', 1, { outbox: [say('a'), say('b', { side: 'receipt' })] });
      await ingest(store, [line('c1', 2), line('c2', 3)]);
      expect(await store.counts()).toMatchObject({
        inboxPending: 2,
        outboxPending: { buyer: 1, desk: 0, receipt: 1 },
        conversations: 2,
      });
    });
  });

  it('refuses calls after close and finishes those before it', async () => {
    const store = await open();
    const before = ingest(store, [line('c1', 1)]);
    const closed = store.close();
    expect((await before)[0]?.outcome).toBe('stored');
    await closed;
    await store.close();
    await expect(store.counts()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Conversation, conversationIdOf } from '../../src/contracts/conversation.ts';
import type { Desk, DeskOpen, DeskSend } from '../../src/contracts/desk.ts';

/** What a desk's own test provides, so that one suite can hold every desk to the contract. */
export interface DeskHarness {
  desk: Desk;
  secret: string;
  /** Whether somebody can take the next buyer. */
  people(state: 'free' | 'busy' | 'assigning' | 'nobody'): void;
  /** The next call of this kind is carried out, but its answer is lost. */
  loseAnswer(call: 'open' | 'send'): void;
  /** From now on nobody listens. */
  down(): Promise<void>;
  /** What arrived at the desk, in order. */
  arrived(): { messageId: string; content: string }[];
  /** Live sessions of the customer. */
  openSessions(customerToken: string): string[];
  /** A push with two items: the agent `name` enters session `sessionId`, then says `text` under `messageId`. */
  pushStartAndSay(push: {
    customerToken: string;
    sessionId: string;
    name: string;
    messageId: string;
    text: string;
  }): Buffer;
  stop(): Promise<void>;
}

const TOKEN = 'tts-9-77';

const conversation: Conversation = {
  id: conversationIdOf({ channel: 'tiktok', shopId: '9', externalId: '5' }),
  channel: 'tiktok',
  shopId: '9',
  externalId: '5',
  buyerId: '77',
  customerToken: TOKEN,
  owner: 'bot',
  epoch: 1,
  episode: 1,
  language: 'en',
  facts: {},
  desk: {},
  bot: {},
  undo: null,
  lastBuyerAt: null,
  createdAt: 0,
  updatedAt: 0,
  version: 1,
};

export const deskOpen = (over: Partial<DeskOpen> = {}): DeskOpen => ({
  conversation,
  customerToken: TOKEN,
  request: { reason: 'buyer_asked' },
  customerName: 'Ann',
  ...over,
});

export const deskSend = (over: Partial<DeskSend> & Pick<DeskSend, 'to'>): DeskSend => ({
  conversation,
  customerToken: TOKEN,
  part: { type: 'text', text: 'hello' },
  messageId: 'tts-m-1',
  ...over,
});

/** Every desk must hold this. Call it with a harness over the desk's own double; cases of one desk only go in its own file. */
export function describeDesk(name: string, setup: () => Promise<DeskHarness>): void {
  describe(`${name} holds the desk contract`, () => {
    let harness: DeskHarness;
    let desk: Desk;
    beforeEach(async () => {
      harness = await setup();
      desk = harness.desk;
    });
    afterEach(async () => {
      await desk.stop?.();
      await harness.stop();
    });

    const assigned = async (): Promise<string> => {
      harness.people('free');
      const outcome = await desk.open(deskOpen());
      if (outcome.kind !== 'answered' || outcome.facts.state !== 'assigned') throw new Error('nobody was assigned');
      return outcome.facts.sessionId;
    };

    describe('the receiving address', () => {
      it('knows its own secret and nothing else', () => {
        expect(desk.secretFits(harness.secret)).toBe(true);
        for (const wrong of ['', harness.secret.slice(1), `${harness.secret}x`, 'undefined'])
          expect(desk.secretFits(wrong)).toBe(false);
      });

      it('keeps the order of a push and names each event once', () => {
        const push = { customerToken: TOKEN, sessionId: '900', name: 'Mia', messageId: 'e2', text: 'Hi there' };
        const first = desk.receive(harness.pushStartAndSay(push), 1);
        expect(first.aside).toEqual([]);
        expect(first.events.map((event) => event.body)).toMatchObject([
          { kind: 'desk.started', sessionId: '900', agentName: 'Mia' },
          { kind: 'desk.message', sessionId: '900', messageId: 'e2', parts: [{ type: 'text', text: 'Hi there' }] },
        ]);
        for (const event of first.events)
          expect(event.target).toEqual({ by: 'customer', customerToken: TOKEN, sessionId: '900' });
        expect(new Set(first.events.map((event) => event.eventKey)).size).toBe(2);
        const again = desk.receive(harness.pushStartAndSay(push), 2);
        expect(again.events.map((event) => [event.eventKey, event.bodyHash])).toEqual(
          first.events.map((event) => [event.eventKey, event.bodyHash]),
        );
      });

      it('sets aside what it cannot read and never throws', () => {
        const bodies = [
          '',
          '   ',
          'null',
          '[]',
          '42',
          '"x"',
          '{',
          '{}',
          '{"messages":',
          '[[[',
          '\uFEFF',
          '{"messages":"text"}',
        ];
        for (const body of [...bodies.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xfe, 0x00, 0x80])]) {
          const received = desk.receive(body, 1);
          expect(received.events).toEqual([]);
          expect(received.aside).toHaveLength(1);
          expect(received.aside[0]?.reason).toBe('unreadable');
        }
        const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
        expect(desk.receive(Buffer.from(deep), 1).events).toEqual([]);
        expect(desk.receive(Buffer.from(`{"messages":[{"type":"message","data":${deep}}]}`), 1).events).toEqual([]);
      });
    });

    describe('asking for a person', () => {
      it('names the session when somebody is free', async () => {
        const sessionId = await assigned();
        expect(harness.openSessions(TOKEN)).toEqual([sessionId]);
        expect(await desk.customerStatus(TOKEN)).toBe('in_session');
        expect(await desk.queueStatus(TOKEN)).toEqual({ state: 'in_session' });
      });

      it('tells the place in the queue and gives it up on request, also twice', async () => {
        harness.people('busy');
        const outcome = await desk.open(deskOpen());
        expect(outcome).toMatchObject({ kind: 'answered', facts: { state: 'queued', place: 3 } });
        expect(await desk.queueStatus(TOKEN)).toEqual({ state: 'queued', place: 3 });
        expect(await desk.customerStatus(TOKEN)).toBe('queued');
        const key = outcome.kind === 'answered' && outcome.facts.state === 'queued' ? outcome.facts.queueKey : '';
        expect(await desk.leaveQueue(TOKEN, key)).toEqual({ kind: 'accepted' });
        expect(await desk.queueStatus(TOKEN)).toEqual({ state: 'not_queued' });
        expect(await desk.leaveQueue(TOKEN, key)).toEqual({ kind: 'accepted' });
      });

      it('tells assigning and nobody online apart from the queue', async () => {
        harness.people('assigning');
        expect(await desk.open(deskOpen())).toMatchObject({ kind: 'answered', facts: { state: 'assigning' } });
        expect(await desk.queueStatus(TOKEN)).toEqual({ state: 'assigning' });
        harness.people('nobody');
        expect(await desk.open(deskOpen())).toMatchObject({ kind: 'answered', facts: { state: 'nobody_online' } });
      });

      it('finds out by itself when the answer is lost, and opens one session only', async () => {
        harness.people('free');
        harness.loseAnswer('open');
        const outcome = await desk.open(deskOpen());
        expect(outcome).toMatchObject({ kind: 'answered', facts: { state: 'assigned' } });
        const sessionId =
          outcome.kind === 'answered' && outcome.facts.state === 'assigned' ? outcome.facts.sessionId : '';
        expect(harness.openSessions(TOKEN)).toEqual([sessionId]);
      });

      it('recovers the queue key when the answer is lost', async () => {
        harness.people('busy');
        harness.loseAnswer('open');
        const outcome = await desk.open(deskOpen());
        expect(outcome).toMatchObject({ kind: 'answered', facts: { state: 'queued' } });
        const key = outcome.kind === 'answered' && outcome.facts.state === 'queued' ? outcome.facts.queueKey : '';
        expect(key).not.toBe('');
      });
    });

    describe('sending', () => {
      it("brings the buyer's words under our message id", async () => {
        const to = { kind: 'session', sessionId: await assigned() } as const;
        expect(await desk.send(deskSend({ to }))).toEqual({ kind: 'accepted' });
        expect(harness.arrived()).toEqual([{ messageId: 'tts-m-1', content: 'hello' }]);
      });

      it('keeps markup of the buyer harmless', async () => {
        const to = { kind: 'session', sessionId: await assigned() } as const;
        const text = '<script>alert(1)</script><img src=x onerror=alert(2)> 3 < 5 & done';
        expect(await desk.send(deskSend({ to, part: { type: 'text', text } }))).toEqual({ kind: 'accepted' });
        const content = harness.arrived()[0]?.content ?? '';
        expect(content).not.toMatch(/<[a-z/!]/i);
        expect(content).toContain('3 < 5 & done');
        expect(content).toContain('alert(2)');
      });

      it('carries every part type as something an agent can read', async () => {
        const to = { kind: 'session', sessionId: await assigned() } as const;
        const url = 'https://cdn.example.com/a.bin';
        const parts: [DeskSend['part'], string][] = [
          [{ type: 'image', url }, url],
          [{ type: 'audio', url }, url],
          [{ type: 'video', url }, url],
          [{ type: 'file', url, name: 'bill.pdf' }, 'bill.pdf'],
          [{ type: 'sticker', url }, url],
          [{ type: 'product', productId: '1729', link: url }, '1729'],
          [{ type: 'order', orderId: '5761' }, '5761'],
          [{ type: 'return', orderId: '5762', skuId: '88' }, '5762'],
          [{ type: 'coupon', couponId: '66' }, '66'],
          [{ type: 'logistics', orderId: '5763', packageId: '12' }, '12'],
          [{ type: 'context', from: 'order', orderId: '5764' }, '5764'],
          [{ type: 'notice', text: 'joined' }, 'joined'],
          [{ type: 'unknown', label: 'LUCKY_DRAW' }, 'LUCKY_DRAW'],
        ];
        for (const [index, [part, told]] of parts.entries()) {
          expect(await desk.send(deskSend({ to, part, messageId: `m-${index}` }))).toEqual({ kind: 'accepted' });
          expect(harness.arrived()[index]?.content).toContain(told);
        }
      });

      it('says gone for a session that is closed, and accepts closing it again', async () => {
        const sessionId = await assigned();
        expect(await desk.close(sessionId)).toEqual({ kind: 'accepted' });
        expect(await desk.send(deskSend({ to: { kind: 'session', sessionId } }))).toEqual({ kind: 'gone' });
        expect(await desk.close(sessionId)).toEqual({ kind: 'accepted' });
      });

      it('takes a message for the queue and one left behind', async () => {
        expect(await desk.send(deskSend({ to: { kind: 'queue' } }))).toEqual({ kind: 'accepted' });
        expect(await desk.send(deskSend({ to: { kind: 'leave' }, messageId: 'm-2' }))).toEqual({ kind: 'accepted' });
        expect(harness.arrived().map((message) => message.messageId)).toEqual(['tts-m-1', 'm-2']);
      });

      it('says unknown when the answer is lost', async () => {
        const to = { kind: 'session', sessionId: await assigned() } as const;
        harness.loseAnswer('send');
        expect(await desk.send(deskSend({ to }))).toMatchObject({ kind: 'unknown' });
        expect(harness.arrived()).toHaveLength(1);
      });

      it('offers a repeat when nothing left, and reading calls fail with a code', async () => {
        await harness.down();
        expect(await desk.send(deskSend({ to: { kind: 'session', sessionId: '900' } }))).toMatchObject({
          kind: 'refused',
          next: 'retry',
        });
        expect(await desk.open(deskOpen())).toMatchObject({ kind: 'refused', next: 'retry' });
        await expect(desk.queueStatus(TOKEN)).rejects.toMatchObject({ code: 'DESK_API_FAILED' });
        await expect(desk.customerStatus(TOKEN)).rejects.toMatchObject({ code: 'DESK_API_FAILED' });
        expect((await desk.diagnose()).some((one) => one.level === 'fail')).toBe(true);
      });

      it('gives up when told to, without sending', async () => {
        const signal = AbortSignal.abort(new Error('stopping'));
        expect(await desk.send(deskSend({ to: { kind: 'queue' }, signal }))).toMatchObject({
          kind: 'refused',
          next: 'retry',
        });
        expect(harness.arrived()).toEqual([]);
      });
    });

    it('takes a rating, and a repeated vote in the end counts as accepted', async () => {
      const sessionId = await assigned();
      const vote = { sessionId, optionId: '36', resolved: 0 };
      expect(await desk.rate(vote)).toEqual({ kind: 'accepted' });
      expect(await desk.rate(vote)).toEqual({ kind: 'accepted' });
    });

    it('diagnoses a working desk without a failure', async () => {
      expect((await desk.diagnose()).filter((one) => one.level === 'fail')).toEqual([]);
      expect(desk.underPressure()).toBe(false);
    });
  });
}

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, SendOutcome, WebhookRequest } from '../../src/contracts/channel.ts';
import type { Conversation } from '../../src/contracts/conversation.ts';

/** What a channel's tests must bring for {@link describeChannel}. The platform behind it is a real HTTP server. */
export interface ChannelHarness {
  channel: Channel;
  /** A conversation that the platform knows. */
  conversation: Conversation;
  now(): number;
  /** The request the platform would make with these bytes, signature included. */
  signed(rawBody: Buffer): WebhookRequest;
  /** The same bytes under a signature made with a wrong key. */
  badlySigned(rawBody: Buffer): WebhookRequest;
  /** A webhook body in which the buyer says this; the same `n` is the same message. */
  buyerSays(text: string, n: number): Buffer;
  /** The same message in another delivery of the platform (other envelope), when there is such a thing. */
  redelivered?(text: string, n: number): Buffer;
  /** Lets the next send end so. */
  nextSend(how: 'refused' | 'lost-after-acceptance' | 'lost-before-acceptance' | 'rate-limited'): void;
  /** Texts that the platform holds from the shop's side, oldest first. */
  shopTexts(): string[];
  /** A text that the buyer wrote, standing in the conversation. */
  standingBuyerText(text: string): void;
  close(): Promise<void>;
}

/** What every channel holds, whatever the marketplace. Call it from the channel's own test file. */
export function describeChannel(name: string, setup: () => Promise<ChannelHarness>): void {
  describe(`${name} as a channel`, () => {
    const open: ChannelHarness[] = [];
    const start = async () => {
      const harness = await setup();
      open.push(harness);
      return harness;
    };
    afterEach(async () => {
      for (const harness of open.splice(0)) await harness.close();
    });
    const say = (harness: ChannelHarness, text: string, ref = 'ref-1'): Promise<SendOutcome> =>
      harness.channel.send({ conversation: harness.conversation, part: { type: 'text', text }, ref });
    const lookBack = (harness: ChannelHarness, text: string, taken: string[] = []) =>
      harness.channel.readBack?.({
        conversation: harness.conversation,
        part: { type: 'text', text },
        ref: 'ref-1',
        since: harness.now(),
        taken: new Set(taken),
      });

    it('has a name that can stand in a key and in a path', async () => {
      const { channel } = await start();
      expect(channel.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(channel.capabilities.sends.has('text')).toBe(true);
      expect(channel.capabilities.textLimit).toBeGreaterThan(0);
    });

    it('accepts a signed buyer message and names conversation, buyer and keys', async () => {
      const harness = await start();
      const result = await harness.channel.receive?.(harness.signed(harness.buyerSays('hello 你好 👋', 1)));
      if (result?.kind !== 'accepted') throw new Error('not accepted');
      const event = result.events[0];
      expect(result.events).toHaveLength(1);
      expect(event?.body).toMatchObject({
        kind: 'buyer.message',
        message: { part: { type: 'text', text: 'hello 你好 👋' }, visible: true },
      });
      expect(event?.eventKey.startsWith(`${harness.channel.name}:`)).toBe(true);
      expect(event?.messageKey).not.toBeNull();
      expect(event?.bodyHash).not.toBeNull();
      const target = event?.target.by === 'conversation' ? event.target : undefined;
      expect(target?.ref.externalId).toBe(harness.conversation.externalId);
      expect(target?.buyer?.customerToken).toMatch(/^[A-Za-z0-9_-]+$/);
    });

    it('refuses a wrong signature, a missing one, and a body changed by one byte', async () => {
      const harness = await start();
      const body = harness.buyerSays('hello', 1);
      const changed = Buffer.from(body);
      changed[changed.length - 2] = (changed[changed.length - 2] ?? 0) ^ 1;
      const good = harness.signed(body);
      for (const request of [
        harness.badlySigned(body),
        { ...good, headers: {} },
        { ...good, rawBody: changed },
        { ...good, rawBody: Buffer.concat([body, Buffer.from(' ')]) },
      ])
        expect((await harness.channel.receive?.(request))?.kind).toBe('refused');
    });

    it('gives a repeat the same keys, whatever time has passed, and another message other keys', async () => {
      const harness = await start();
      const events = async (body: Buffer, laterMs = 0) => {
        const request = { ...harness.signed(body), receivedAt: harness.now() + laterMs };
        const result = await harness.channel.receive?.(request);
        return result?.kind === 'accepted' ? result.events : [];
      };
      const first = await events(harness.buyerSays('hello', 1));
      expect(await events(harness.buyerSays('hello', 1), 15 * 3_600_000)).toEqual(first);
      const [other] = await events(harness.buyerSays('hello', 2));
      expect(other?.eventKey).not.toBe(first[0]?.eventKey);
      expect(other?.messageKey).not.toBe(first[0]?.messageKey);
      if (harness.redelivered === undefined) return;
      const [again] = await events(harness.redelivered('hello', 1));
      expect(again?.messageKey).toBe(first[0]?.messageKey);
      expect(again?.bodyHash).toBe(first[0]?.bodyHash);
    });

    it('never throws on a signed body, and drops nothing: each becomes events or is set aside', async () => {
      const harness = await start();
      const valid = harness.buyerSays('hello', 1).toString('utf8');
      const broken = fc
        .tuple(fc.nat(valid.length), fc.nat(20), fc.string())
        .map(([at, length, put]) => valid.slice(0, at) + put + valid.slice(at + length));
      const anyBody = fc.oneof(fc.string(), fc.json({ depthSize: 'large' }), broken);
      await fc.assert(
        fc.asyncProperty(anyBody, async (text) => {
          const result = await harness.channel.receive?.(harness.signed(Buffer.from(text)));
          if (result?.kind !== 'accepted') return false;
          return result.events.length + result.aside.length > 0;
        }),
        { numRuns: 300 },
      );
      for (const hostile of [
        '',
        'null',
        '[]',
        '{}',
        '['.repeat(50_000),
        `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      ]) {
        const result = await harness.channel.receive?.(harness.signed(Buffer.from(hostile)));
        expect(result).toMatchObject({ kind: 'accepted', events: [] });
        expect(result?.kind === 'accepted' && result.aside[0]?.reason).toBe('unreadable');
      }
    });

    it('sends a text once and says its id', async () => {
      const harness = await start();
      const outcome = await say(harness, 'Your parcel is on its way 📦');
      expect(outcome.kind).toBe('accepted');
      expect(outcome.kind === 'accepted' && outcome.externalId).toBeTruthy();
      expect(harness.shopTexts()).toEqual(['Your parcel is on its way 📦']);
    });

    it('calls a refusal a refusal', async () => {
      const harness = await start();
      harness.nextSend('refused');
      expect((await say(harness, 'no')).kind).toBe('refused');
      expect(harness.shopTexts()).toEqual([]);
      harness.nextSend('rate-limited');
      const limited = await say(harness, 'no');
      expect(limited).toMatchObject({ kind: 'refused', next: 'retry' });
    });

    it('says unknown when the answer is lost, and reading back tells what happened', async () => {
      const harness = await start();
      harness.nextSend('lost-after-acceptance');
      expect((await say(harness, 'are you there?')).kind).toBe('unknown');
      const found = await lookBack(harness, 'are  you there?');
      expect(found?.kind).toBe('found');
      expect(harness.shopTexts()).toEqual(['are you there?']);

      harness.nextSend('lost-before-acceptance');
      expect((await say(harness, 'second')).kind).toBe('unknown');
      expect(await lookBack(harness, 'second')).toEqual({ kind: 'absent' });
    });

    it("does not take the buyer's words, or another row's message, for its own", async () => {
      const harness = await start();
      harness.standingBuyerText('same words');
      expect(await lookBack(harness, 'same words')).toEqual({ kind: 'absent' });
      const sent = await say(harness, 'same words');
      const id = sent.kind === 'accepted' ? (sent.externalId ?? '') : '';
      expect(await lookBack(harness, 'same words')).toEqual({ kind: 'found', externalId: id });
      expect(await lookBack(harness, 'same words', [id])).toEqual({ kind: 'absent' });
    });

    it('does not send a text over its limit, nor an empty one', async () => {
      const harness = await start();
      const tooLong = '👋'.repeat(harness.channel.capabilities.textLimit + 1);
      for (const text of [tooLong, '', ' \n ']) expect((await say(harness, text)).kind).toBe('refused');
      expect(harness.shopTexts()).toEqual([]);
    });
  });
}

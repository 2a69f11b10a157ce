import { describe, expect, it } from 'vitest';
import { readActivity } from '../../../../src/channels/botframework/schema.ts';
import { customerTokenOf, shopIdOf, toInbound } from '../../../../src/channels/botframework/to-inbound.ts';
import type { InboundEvent } from '../../../../src/contracts/inbound.ts';
import type { MessagePart } from '../../../../src/contracts/message.ts';
import { activityOf } from './builders.ts';

const AT = Date.UTC(2026, 2, 1, 12);

function eventsOf(changes: Record<string, unknown>, receivedAt = AT): InboundEvent[] {
  const read = readActivity(Buffer.from(JSON.stringify(activityOf(changes))));
  if (read.kind !== 'read') throw new Error(read.problem);
  return toInbound(read.activity, receivedAt);
}

const partsOf = (changes: Record<string, unknown>): MessagePart[] =>
  eventsOf(changes).flatMap(({ body }) => (body.kind === 'buyer.message' ? [body.message.part] : []));

describe('an activity as inbound events', () => {
  it('makes one event of each thing in a message, text first', () => {
    const attachments = [
      { contentType: 'image/png', contentUrl: 'https://cdn.example/a.png', name: 'a.png' },
      { contentType: 'application/pdf', contentUrl: 'https://cdn.example/b.pdf', name: 'b.pdf' },
    ];
    const events = eventsOf({ text: 'look', attachments });
    expect(partsOf({ text: 'look', attachments })).toEqual([
      { type: 'text', text: 'look' },
      { type: 'image', url: 'https://cdn.example/a.png' },
      { type: 'file', url: 'https://cdn.example/b.pdf', name: 'b.pdf' },
    ]);
    expect(new Set(events.map((event) => event.messageKey)).size).toBe(3);
    expect(new Set(events.map((event) => event.eventKey)).size).toBe(3);
  });

  it('gives a repeat the same keys and hash, and other words under the same id another hash', () => {
    expect(eventsOf({}, AT + 9_000)).toEqual(eventsOf({}));
    const [first] = eventsOf({});
    const [other] = eventsOf({ text: 'other' });
    expect(other?.messageKey).toBe(first?.messageKey);
    expect(other?.bodyHash).not.toBe(first?.bodyHash);
    expect(eventsOf({ conversation: { id: 'c-2' } })[0]?.eventKey).not.toBe(first?.eventKey);
    expect(eventsOf({ channelId: 'directline' })[0]?.eventKey).not.toBe(first?.eventKey);
  });

  it('never takes two activities without an id for one', () => {
    expect(eventsOf({ id: undefined })[0]?.eventKey).not.toBe(eventsOf({ id: undefined })[0]?.eventKey);
  });

  it('takes the time of arrival when there is none to read', () => {
    for (const timestamp of [undefined, null, 'yesterday', '']) {
      const [event] = eventsOf({ timestamp });
      expect(event?.order.at).toBeNull();
      expect(event?.body).toMatchObject({ message: { at: AT } });
    }
  });

  it('takes the mention of the bot out of what a person says in a group, and leaves other mentions', () => {
    const entities = [
      { type: 'mention', text: '<at>Shop</at>', mentioned: { id: 'bot-1', name: 'Shop' } },
      { type: 'mention', text: '<at>Bo</at>', mentioned: { id: '29:bo', name: 'Bo' } },
      { type: 'clientInfo', country: 'DE' },
      7,
    ];
    expect(partsOf({ text: '<at>Shop</at> where is the parcel of <at>Bo</at>? ', entities })).toEqual([
      { type: 'text', text: 'where is the parcel of <at>Bo</at>?' },
    ]);
  });

  it("does not take Teams' HTML copy of the text for an attachment", () => {
    expect(partsOf({ attachments: [{ contentType: 'text/html', content: '<p>hi</p>' }] })).toEqual([
      { type: 'text', text: 'hi' },
    ]);
  });

  it('shows an agent what the bot cannot read', () => {
    expect(partsOf({ text: '  ' })).toEqual([{ type: 'unknown', label: 'empty message' }]);
    expect(partsOf({ text: undefined, value: { choice: 1 } })).toEqual([{ type: 'unknown', label: 'card input' }]);
    const card = { contentType: 'application/vnd.microsoft.card.hero', content: {} };
    const data = { contentType: 'image/png', contentUrl: 'data:image/png;base64,AAAA' };
    expect(partsOf({ text: undefined, attachments: [card, data] })).toEqual([
      { type: 'unknown', label: 'application/vnd.microsoft.card.hero' },
      { type: 'unknown', label: 'image/png' },
    ]);
  });

  it('does not make thousands of events of one activity', () => {
    const attachments = Array.from({ length: 5_000 }, () => ({
      contentType: 'image/png',
      contentUrl: 'https://a.example/b',
    }));
    const parts = partsOf({ attachments });
    expect(parts).toHaveLength(22);
    expect(parts.at(-1)).toEqual({ type: 'unknown', label: '4980 more attachments' });
  });

  it('records, but does not pass on as words of the buyer, what another bot says', () => {
    for (const from of [{ id: 'x', role: 'bot' }, { id: 'x', role: 'skill' }, { id: 'bot-1' }])
      expect(eventsOf({ from }).map((event) => event.body)).toEqual([{ kind: 'other', what: 'message of a bot' }]);
  });

  it('records that a message was changed or taken back', () => {
    expect(eventsOf({ type: 'messageDelete' }).map((event) => event.body)).toEqual([
      { kind: 'other', what: 'messageDelete' },
    ]);
  });

  it('keeps ids that came as bare numbers exact, and mends lone surrogates in words', () => {
    const raw = JSON.stringify(activityOf({ text: 'a\ud800' })).replace('"user-7"', '7494560109732334261');
    const read = readActivity(Buffer.from(raw));
    const [event] = read.kind === 'read' ? toInbound(read.activity, AT) : [];
    expect(event?.target).toMatchObject({ buyer: { id: '7494560109732334261' } });
    expect(event?.body).toMatchObject({ message: { part: { text: 'a\ufffd' } } });
  });
});

describe('names', () => {
  it('makes a shop id of a channel id', () => {
    expect(shopIdOf('msteams')).toBe('msteams');
    expect(shopIdOf('msteams:COPILOT')).toBe('msteams_copilot');
  });

  it('makes tokens that Udesk can hold and keeps buyers apart', () => {
    expect(customerTokenOf('emulator', 'user-7')).toBe('bf-emulator-user-7');
    const strange = ['a:b', 'a_b', 'a/b', '29:1abc', 'x'.repeat(300), `${'x'.repeat(299)}y`, '王'];
    const tokens = strange.map((id) => customerTokenOf('msteams', id));
    expect(new Set(tokens).size).toBe(strange.length);
    // Whoever chooses an id of their own cannot choose somebody else's token.
    for (const token of tokens) {
      const chosen = token.slice('bf-msteams-'.length);
      if (!strange.includes(chosen)) expect(tokens).not.toContain(customerTokenOf('msteams', chosen));
    }
    expect(customerTokenOf('a_b', 'c')).not.toBe(customerTokenOf('a', 'b-c'));
    for (const token of tokens) expect(token).toMatch(/^bf-msteams-[A-Za-z0-9_-]{1,85}$/);
  });
});

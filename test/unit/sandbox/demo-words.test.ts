import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../../src/contracts/store.ts';
import { htmlAsText, short } from '../../../src/sandbox/demo-text.ts';
import { tellStory } from '../../../src/sandbox/demo-words.ts';

const entry = (seq: number, more: Partial<TimelineEntry>): TimelineEntry => ({
  seq,
  at: seq,
  kind: 'inbound',
  id: `in-${seq}`,
  title: 'other',
  status: 'handled',
  detail: {},
  ...more,
});
const inbound = (seq: number, body: object, more: Partial<TimelineEntry> = {}) =>
  entry(seq, { detail: { event: { body } }, ...more });
const outbound = (seq: number, detail: object, more: Partial<TimelineEntry> = {}) =>
  entry(seq, { kind: 'outbound', id: `out-${seq}`, status: 'sent', detail, ...more });
const turn = (seq: number, id: string, notes: object[]) =>
  entry(seq, { kind: 'turn', id, status: 'committed', detail: { notes, handled: [] } });
const text = (words: string) => ({ type: 'text', text: words });
const only = (one: TimelineEntry) => tellStory([one])[0];

describe('tellStory', () => {
  it('puts a decision before what it sent, although the store numbers it after', () => {
    const lines = tellStory([
      inbound(1, { kind: 'buyer.message', message: { id: 'm1', part: text('human please'), visible: true } }),
      outbound(2, { turnId: 't1', side: 'desk', origin: 'bridge', body: { kind: 'desk.open' } }),
      turn(3, 't1', [
        { what: 'handoff.asked', detail: 'buyer_asked, group 11' },
        { what: 'owner.changed', detail: 'bot -> queue: buyer_asked' },
      ]),
    ]);
    expect(lines.map((line) => line.seq)).toEqual([1, 3, 2]);
    expect(lines[0]?.line).toBe('Buyer wrote “human please”');
    expect(lines[1]).toMatchObject({
      icon: 'owner',
      tone: 'owner',
      line: 'Owner: bot → queue (the buyer asked for a person)',
      more: 'A person was asked for: the buyer asked for a person, group 11',
    });
    expect(lines[2]).toMatchObject({ line: 'Ask Udesk for an agent', status: 'sent', tone: 'good' });
  });

  it('tells a stale epoch from a superseded answer', () => {
    const detail = { side: 'buyer', origin: 'bot', body: { kind: 'message', part: text('old') } };
    const dropped = (reason: string) => only(outbound(1, { ...detail, reason }, { status: 'dropped' }))?.status;
    expect(dropped('the conversation changed hands before this could be sent')).toBe('dropped: stale epoch');
    expect(dropped('a newer message of the buyer came before this was sent; the newer answer replaces it')).toBe(
      'dropped: superseded',
    );
    expect(dropped('by hand')).toBe('dropped: by hand');
  });

  it('names who said what to the buyer, for the phone', () => {
    const line = only(
      outbound(1, {
        side: 'buyer',
        origin: 'agent',
        externalId: 'm9',
        body: { kind: 'message', part: text('hi'), agentName: 'Mei' },
      }),
    );
    expect(line?.said).toEqual({ origin: 'agent', agentName: 'Mei', externalId: 'm9', text: 'hi' });
    expect(line?.line).toBe('To the buyer, from Mei: “hi”');
  });

  it('keeps echoes and bookkeeping quiet, staff and failures not', () => {
    const shop = (id: string, sender: string) => ({ kind: 'shop.message', sender, message: { id, part: text('hi') } });
    const [, echo, staff, robot, notes] = tellStory([
      outbound(1, { side: 'buyer', origin: 'bot', externalId: 'm1', body: { kind: 'message', part: text('hi') } }),
      inbound(2, shop('m1', 'staff')),
      inbound(3, shop('m2', 'staff')),
      inbound(4, shop('m3', 'robot')),
      turn(5, 't', [{ what: 'echo.matched' }]),
    ]);
    expect([echo?.quiet, staff?.quiet, robot?.quiet, notes?.quiet]).toEqual([true, false, true, true]);
    const dead = only(outbound(1, { reason: 'refused', body: { kind: 'receipt.read' } }, { status: 'dead' }));
    expect(dead).toMatchObject({ quiet: false, tone: 'bad', status: 'given up' });
  });

  it.each([
    [
      { kind: 'desk.message', agentName: 'Mei', parts: [text('hi'), { type: 'image' }] },
      'Mei wrote “hi”, sent a picture',
    ],
    [{ kind: 'desk.closed', sessionId: '7', how: 'normal' }, 'Udesk closed session 7'],
    [
      { kind: 'delivery.result', result: { kind: 'desk.opened', outcome: { state: 'queued', place: 2 } } },
      'Udesk answered: everyone is busy, the buyer waits, place 2',
    ],
    [{ kind: 'timer.due', name: 'survey.window' }, 'The time to rate is over'],
    [
      { kind: 'buyer.message', message: { part: { type: 'order', orderId: '57' }, visible: true } },
      'Buyer sent an order card (57)',
    ],
  ])('says %j', (body, line) => {
    expect(only(inbound(1, body))?.line).toBe(line);
  });

  it('shows what it does not know under its own name, whatever its shape', () => {
    expect(only(inbound(1, { kind: 'moon.rose' }))?.line).toBe('Event moon.rose');
    expect(only(turn(1, 't', [{ what: 'constructor', detail: 'toString' }]))?.line).toBe('Constructor: toString');
    for (const detail of [null, 7, 'x', [], { event: 3 }, { notes: 'x' }, { body: [] }])
      for (const kind of ['inbound', 'turn', 'outbound'] as const)
        expect(only(entry(1, { kind, detail }))?.line).not.toContain('undefined');
  });
});

describe('texts', () => {
  it('shortens by characters, never inside one', () => {
    expect(short('😀'.repeat(5), 3)).toBe('😀😀…');
    expect(short('  two\n lines ')).toBe('two lines');
  });

  it('reads markup as text', () => {
    expect(htmlAsText('<p>a &lt;b&gt;</p><p>c&#39;d &amp;amp; &#x1F600; &bogus;</p>')).toBe(
      "a <b>\nc'd &amp; 😀 &bogus;",
    );
    expect(htmlAsText('3 < 5 and 7 > 2')).toBe('3 < 5 and 7 > 2');
  });

  it('does not take long over hostile markup', () => {
    const started = performance.now();
    htmlAsText('<a'.repeat(100_000));
    htmlAsText(`<a ${'x'.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

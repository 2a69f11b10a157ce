import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/contracts/inbound.ts';
import { repairJson } from '../../../src/udesk/repair-json.ts';
import { toInbound } from '../../../src/udesk/to-inbound.ts';
import { createCounters, createRig } from './harness.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/udesk/${name}`, import.meta.url));
const pushes = JSON.parse(fixture('pushes.json').toString('utf8')) as Record<string, unknown>;

const receive = (push: unknown) => toInbound(Buffer.from(typeof push === 'string' ? push : JSON.stringify(push)));
const bodies = (push: unknown) => receive(push).events.map((event) => event.body);
const item = (type: string, data: unknown, over: object = {}) => ({
  customer_token: 'tts-9-77',
  assign_type: 'agent',
  messages: [{ type, message_id: 'x1', agent_id: 5, agent_name: 'Mia', im_sub_session_id: 900, data, ...over }],
});
const only = (push: unknown): InboundEvent => {
  const { events, aside } = receive(push);
  expect(aside).toEqual([]);
  expect(events).toHaveLength(1);
  return events[0] as InboundEvent;
};

describe('toInbound', () => {
  it('reads start and greeting in order', () => {
    expect(receive(pushes.startAndSay).events).toMatchObject([
      {
        eventKey: 'udesk:m:e1',
        source: 'desk',
        target: { by: 'customer', customerToken: 'tts-9-77', sessionId: '900' },
        order: { index: null, at: null },
        body: { kind: 'desk.started', sessionId: '900', agentId: '5', agentName: 'Mia', text: 'start' },
      },
      {
        eventKey: 'udesk:m:e2',
        body: { kind: 'desk.message', messageId: 'e2', agentName: 'Mia', parts: [{ type: 'text', text: 'Hi\nthere' }] },
      },
    ]);
  });

  it('reads a transfer with the new session id, and a close with its survey', () => {
    expect(bodies(pushes.transfer)).toMatchObject([
      { kind: 'desk.transferred', sessionId: '901', agentId: '6', agentName: 'Leo' },
      { kind: 'desk.message', sessionId: '901' },
    ]);
    expect(bodies(pushes.close)).toEqual([
      {
        kind: 'desk.closed',
        sessionId: '901',
        how: 'normal',
        survey: { enabled: true, afterSession: false, options: [{ id: '36', text: 'Good', remark: 'optional' }] },
      },
    ]);
  });

  it.each([
    ['normal', 'normal'],
    ['redirect', 'redirect'],
    ['force(force)|x', 'force'],
    ['redirect(redirect)', 'redirect'],
    ['surprise', 'normal'],
    [undefined, 'normal'],
  ])('reads close_type %s as %s', (closeType, how) => {
    expect(only(item('close', { close_type: closeType })).body).toEqual({ kind: 'desk.closed', sessionId: '900', how });
  });

  it('reads read receipts', () => {
    expect(only(pushes.read)).toMatchObject({
      target: { by: 'customer', customerToken: null, sessionId: '901' },
      body: { kind: 'desk.read', sessionId: '901', messageIds: ['tts-m-1', 'tts-m-2'] },
    });
  });

  it.each([
    ['robot', 'robot', 'udesk:robot:f862', null],
    ['urobot', 'urobot', 'udesk:urobot:23702:55401', '23702'],
    ['bareUrobot', 'urobot', 'udesk:urobot:23702:55403', '23702'],
  ])('records %s pushes without answering them', (name, what, eventKey, sessionId) => {
    expect(only(pushes[name])).toMatchObject({ eventKey, target: { sessionId }, body: { kind: 'desk.ignored', what } });
  });

  it.each<[string, unknown, unknown]>([
    ['image', { content: 'https://x.test/1.png' }, [{ type: 'image', url: 'https://x.test/1.png' }]],
    ['image', { content: '<p>not a picture</p>' }, [{ type: 'text', text: 'not a picture' }]],
    [
      'audio',
      { content: 'https://x.test/1.amr', filename: 'a.amr', filesize: '4.3M', duration: 200 },
      [{ type: 'audio', url: 'https://x.test/1.amr', name: 'a.amr', durationSec: 200 }],
    ],
    ['video', { content: 'https://x.test/1.mp4', filename: 'a.mp4' }, [{ type: 'video', url: 'https://x.test/1.mp4' }]],
    [
      'file',
      { content: 'https://x.test/1.pdf', filename: 'bill.pdf' },
      [{ type: 'file', url: 'https://x.test/1.pdf', name: 'bill.pdf' }],
    ],
    [
      'rich',
      { content: 'a<img src="https://x.test/1.png">b' },
      [
        { type: 'text', text: 'a' },
        { type: 'image', url: 'https://x.test/1.png' },
        { type: 'text', text: 'b' },
      ],
    ],
    ['message', 'bare text as data', [{ type: 'text', text: 'bare text as data' }]],
    [
      'struct',
      {
        title: 'Card',
        description: '<b>d</b>',
        img_url: 'https://x.test/c.png',
        buttons: [
          { type: 'link', text: 'Go', value: 'https://x.test/go' },
          { type: 'sdk_callback', text: 'cb', value: 'v1' },
        ],
      },
      [
        { type: 'text', text: 'Card\nd\nGo https://x.test/go' },
        { type: 'image', url: 'https://x.test/c.png' },
      ],
    ],
  ])('makes parts of %s %j', (type, data, parts) => {
    expect(only(item(type, data)).body).toMatchObject({
      kind: 'desk.message',
      sessionId: '900',
      messageId: 'x1',
      parts,
    });
  });

  it.each([
    'info_transfer',
    'active_guest',
    'info_appoint',
    'form',
    'form_received',
    'info',
    'robot_transfer',
    'selective_table',
  ])('ignores %s and shows nothing of it', (type) => {
    expect(only(item(type, { content: '{"secret":1}' })).body).toEqual({ kind: 'desk.ignored', what: type });
  });

  it('names a hostile type harmlessly and an empty message as such', () => {
    expect(only(item('<script>alert(1)</script>', {})).body).toEqual({
      kind: 'desk.ignored',
      what: 'scriptalert1script',
    });
    expect(only(item('message', { content: '<p></p>' })).body).toEqual({
      kind: 'desk.ignored',
      what: 'message without content',
    });
    expect(only(item('message', { content: { a: 1 } })).body).toMatchObject({ kind: 'desk.ignored' });
  });

  it('reads a survey invitation with and without options', () => {
    expect(only(item('survey', {})).body).toEqual({ kind: 'desk.survey', sessionId: '900' });
    const options = { enabled: true, options: [{ id: 2012, text: 'Good' }] };
    const survey = { enabled: true, afterSession: false, options: [{ id: '2012', text: 'Good', remark: 'hide' }] };
    expect(only(item('survey', { survey_options: options })).body).toMatchObject({ survey });
    expect(only(item('survey', options)).body).toMatchObject({ survey });
  });

  it('takes message for messages, an object for the list, web_token and no assign_type', () => {
    const { messages } = item('message', { content: 'hi' });
    const said = { kind: 'desk.message', parts: [{ type: 'text', text: 'hi' }] };
    expect(only({ customer_token: 't', assign_type: 'agent', message: messages[0] }).body).toMatchObject(said);
    expect(only({ customer_token: 't', assign_type: 'agent', messages: messages[0] }).body).toMatchObject(said);
    expect(only({ web_token: 'w', messages })).toMatchObject({
      target: { customerToken: 'w', sessionId: '900' },
      body: said,
    });
    const bare = {
      web_token: 'w',
      messages: [{ type: 'message', message_id: 'q', data: { content: 'hi' }, msgType: 'plain' }],
    };
    expect(only(bare)).toMatchObject({
      target: { customerToken: 'w', sessionId: null },
      body: { ...said, sessionId: null },
    });
  });

  it('says and closes when the final message carries msg_close', () => {
    const { events } = receive(item('message', { content: 'bye', msg_close: true }));
    expect(events.map((event) => [event.eventKey, event.body.kind])).toEqual([
      ['udesk:m:x1', 'desk.message'],
      ['udesk:m:x1:close', 'desk.closed'],
    ]);
  });

  it('keeps ids beyond 2^53 whole', () => {
    const push =
      '{"customer_token":"t","assign_type":"agent","messages":[{"type":"message","message_id":92233720368547758071,"im_sub_session_id":92233720368547758072,"data":{"content":"hi"}}]}';
    expect(only(push)).toMatchObject({
      eventKey: 'udesk:m:92233720368547758071',
      target: { sessionId: '92233720368547758072' },
    });
  });

  it('names an item without message_id by what it is, the same at each repeat', () => {
    const push = item(
      'message',
      { content: 'hi' },
      { message_id: undefined, message_created_at: '2026-01-05 10:00:00' },
    );
    const key = only(push).eventKey;
    expect(key).toMatch(/^udesk:m:900:message:2026-01-05 10:00:00:[0-9a-f]{32}$/);
    expect(only(push).eventKey).toBe(key);
    const other = item(
      'message',
      { content: 'ho' },
      { message_id: undefined, message_created_at: '2026-01-05 10:00:00' },
    );
    expect(only(other).eventKey).not.toBe(key);
  });

  it('hashes what was said and not the picture of who said it', () => {
    const hash = (data: unknown, over = {}) => only(item('message', data, over)).bodyHash;
    expect(hash({ content: 'hi' }, { agent_avatar: 'a?sig=1' })).toBe(
      hash({ content: 'hi' }, { agent_avatar: 'a?sig=2' }),
    );
    expect(hash({ content: 'hi' })).not.toBe(hash({ content: 'ho' }));
  });

  it('mends the printed faults and tells different items of one id apart', () => {
    let repaired = 0;
    const damaged = fixture('damaged-agent-push.txt');
    const { events, aside } = toInbound(damaged, () => {
      repaired += 1;
    });
    expect(aside).toEqual([]);
    expect(repaired).toBe(1);
    expect(events.map((event) => event.body)).toMatchObject([
      { kind: 'desk.started', sessionId: '3', agentName: 'Tom' },
      { kind: 'desk.message', parts: [{ type: 'text', text: 'See https://x.example/a // not a comment' }] },
      { kind: 'desk.closed', how: 'normal' },
    ]);
    expect(new Set(events.map((event) => event.eventKey)).size).toBe(3);
    expect(toInbound(damaged).events.map((event) => event.eventKey)).toEqual(events.map((event) => event.eventKey));
  });

  it('counts a mended body', async () => {
    const { metrics, counts } = createCounters();
    const rig = await createRig({}, metrics);
    rig.desk.receive(fixture('damaged-agent-push.txt'), 1);
    rig.desk.receive(Buffer.from(JSON.stringify(pushes.read)), 1);
    expect([...counts]).toEqual([['buyerline_inbound_events_total{channel=udesk,outcome=repaired}', 1]]);
    await rig.stop();
  });

  it('sets aside a push of no known shape with its raw body', () => {
    const raw = '{"customer_token":"t","something":[1]}';
    expect(receive(raw)).toMatchObject({ events: [], aside: [{ source: 'udesk', reason: 'unreadable', raw }] });
    expect(receive({ message_ids: [] }).aside).toHaveLength(1);
  });

  it('does not lose the neighbours of an item that is too deep to be read', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const push = `{"customer_token":"t","assign_type":"agent","messages":[{"type":"message","message_id":"a","data":${deep}},{"type":"message","message_id":"b","data":{"content":"hi"}}]}`;
    const { events, aside } = receive(push);
    expect(aside).toHaveLength(1);
    expect(events.map((event) => event.eventKey)).toEqual(['udesk:m:b']);
  });

  it('does not drop the second receipt when the session read again', () => {
    const keys = [['a'], ['a', 'b']].map((ids) => only({ session_id: 1, message_ids: ids }).eventKey);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('repairJson', () => {
  it.each([
    ['{"a":1, // one\n "b":"x" "c":[2,],}', { a: 1, b: 'x', c: [2] }],
    ['{"a":"// # /* \\" ,}" /* c */}', { a: '// # /* " ,}' }],
    ['\uFEFF{"a":true # yes\n}', { a: true }],
  ])('mends %s', (text, value) => {
    expect(JSON.parse(repairJson(text))).toEqual(value);
  });

  it.each(['', '{', '"open', '/*', '{"a"', ',,'])('leaves %j for the parser to refuse', (text) => {
    expect(() => JSON.parse(repairJson(text)) as unknown).toThrow(SyntaxError);
  });
});

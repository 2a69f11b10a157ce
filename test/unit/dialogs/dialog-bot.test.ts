import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/contracts/logger.ts';
import { createBridgeSettings, createDialogBot, loadDialogs } from '../../../src/dialogs/index.ts';
import { anOrder, FALLBACK, noLookups, ORDER_ID, type Play, play, playBot } from './play.ts';

async function frontDesk(): Promise<Play> {
  const bundle = await loadDialogs(new URL('../../fixtures/dialogs', import.meta.url).pathname);
  const settings = createBridgeSettings(bundle.bridge, { replyMode: {}, firstLine: 'dialogs', groupId: null });
  const bot = createDialogBot({ bundle, logger: silentLogger });
  const lookups = {
    ...noLookups,
    order: (id: string) =>
      Promise.resolve(id === ORDER_ID ? { kind: 'found' as const, value: anOrder() } : { kind: 'absent' as const }),
  };
  return playBot(bot, { lookups }, settings.forShop('tiktok', '7494', 'GB'));
}

const MENU = 'Hello Mei, what can I do?\n1. Where is my order\n2. Returns\nReply with a number.';

describe('a conversation over the sample dialogs', () => {
  it('greets with a menu, takes a number, asks for the order and answers from the look-up', async () => {
    const game = await frontDesk();
    expect(await game.buyer('Hello!')).toEqual([MENU]);
    expect(await game.buyer('1')).toEqual(['What is your order number?']);
    expect(await game.buyer('no idea')).toEqual(['It has 17 to 19 digits.']);
    expect(await game.buyer(`it is ${ORDER_ID} thanks`)).toEqual(['Blue mug: On the way, £12.50']);
    expect(game.facts.orderId).toBe(ORDER_ID);
  });

  it('answers an order card at once, in the language of the turn', async () => {
    const game = await frontDesk();
    game.ports.language = 'th';
    expect(await game.buyer({ type: 'order', orderId: ORDER_ID })).toEqual(['Blue mug: อยู่ระหว่างจัดส่ง, £12.50']);
  });

  it('tells absent and failed apart', async () => {
    const game = await frontDesk();
    expect(await game.buyer('where is my order 111111111111111111')).toEqual(['I cannot find 111111111111111111.']);
    game.ports.lookups = { ...noLookups, order: () => Promise.resolve({ kind: 'failed', reason: 'timeout' }) };
    expect(await game.buyer('where is my order')).toEqual(['I cannot look it up right now.']);
    expect(game.notes).toContain('lookup.failed order: timeout');
  });

  it('treats a look-up that throws as failed', async () => {
    const game = await frontDesk();
    game.ports.lookups = { ...noLookups, order: () => Promise.reject(new Error('boom')) };
    expect(await game.buyer(`where is my order ${ORDER_ID}`)).toEqual(['I cannot look it up right now.']);
  });

  it('says nothing before the desk answered, and leaves default words to the bridge', async () => {
    const game = await frontDesk();
    expect(game.bot.isUrgent?.('I want to TALK to a real person')).toBe(true);
    expect(game.bot.isUrgent?.('where is it')).toBe(false);
    expect(await game.buyer('human please')).toEqual(['{handoff.initiate}']);
    expect(game.last[0]?.value).toEqual({
      reason: 'buyer_asked',
      note: 'Topic: none',
      awaited: true,
      ownWords: ['nobody_online'],
    });
    expect(await game.event('handoff.status', { state: 'accepted', outcome: 'open' })).toEqual([]);
    expect(game.state).toMatchObject({ dialogs: { dialogStack: [] } });
  });

  it('goes on in the branch of the answer and leaves the message', async () => {
    const game = await frontDesk();
    await game.buyer('human please');
    expect(await game.event('handoff.status', { state: 'failed', outcome: 'nobody_online' })).toEqual([
      'What shall I pass on?',
    ]);
    expect(await game.buyer('call me {{ now }}')).toEqual(['{buyerline.leaveMessage}', 'I have passed it on.']);
    expect(game.last[0]?.value).toEqual({ text: 'call me {{ now }}' });
  });

  it('hands off after the second message in a row that it does not understand', async () => {
    const game = await frontDesk();
    expect(await game.buyer('blorp')).toEqual([MENU]);
    expect(await game.buyer('blorp')).toEqual([
      'Sorry, which one?\n1. Where is my order\n2. Returns\nReply with a number.',
    ]);
    expect(await game.buyer('blorp')).toEqual(['{handoff.initiate}']);
  });

  it('takes a message as new when the answer of the desk was lost', async () => {
    const game = await frontDesk();
    await game.buyer('human please');
    expect(await game.buyer('where is my order')).toEqual(['What is your order number?']);
    expect(game.notes).toContain('dialog.abandoned front-desk waited at 3');
  });

  it('lets a phrase or a card of another dialog take over from a question that it does not answer', async () => {
    const game = await frontDesk();
    await game.buyer('hello');
    expect(await game.buyer('track my parcel')).toEqual(['What is your order number?']);
    expect(await game.buyer('human please')).toEqual(['{handoff.initiate}']);
  });
});

describe('the dialog stack', () => {
  const files = {
    ...FALLBACK,
    'main.yaml': `
on: {phrases: begin}
steps:
  - set: {count: 1}
  - call: inner
  - say: "back with {{ count }} {{ word }}"
`,
    'inner.yaml': `
steps:
  - set: {count: count + 1}
  - ask: Word?
    into: word
    give_up: [end]
  - say: "inner {{ word }}"
`,
  };

  it('returns from a called dialog with shared variables', async () => {
    const game = play(files);
    expect(await game.buyer('begin')).toEqual(['Word?']);
    expect(JSON.stringify(game.state)).toContain('"at":"1"');
    expect(await game.buyer('x')).toEqual(['inner x', 'back with 2 x']);
  });

  it('begins anew when the file of a running dialog has changed', async () => {
    const game = play(files);
    await game.buyer('begin');
    const changed = play({ ...files, 'inner.yaml': files['inner.yaml'].replace('Word?', 'Which word?') });
    changed.state = game.state;
    expect(await changed.buyer('begin')).toEqual(['Which word?']);
    expect(changed.notes[0]).toMatch(/^dialog\.version_missing inner@[0-9a-f]{12}$/);
  });

  it('keeps running when another file has changed', async () => {
    const game = play(files);
    await game.buyer('begin');
    const changed = play({ ...files, ...FALLBACK, 'other.yaml': 'on: {phrases: zzz}\nsteps: [end]\n' });
    changed.state = game.state;
    expect(await changed.buyer('x')).toEqual(['inner x', 'back with 2 x']);
  });

  it('does not let a caller speak after a person has taken over', async () => {
    const game = play({
      ...FALLBACK,
      'main.yaml': 'on: {phrases: begin}\nsteps: [{call: person}, {say: still here}]\n',
      'person.yaml':
        'steps: [{handoff: x, open: default, closed: default, nobody_online: default, unknown: default}]\n',
    });
    await game.buyer('begin');
    expect(await game.event('handoff.status', { outcome: 'open' })).toEqual([]);
    await game.buyer('begin');
    expect(await game.event('handoff.status', { outcome: 'closed' })).toEqual(['still here']);
  });

  it('forgets variables and place with a new episode', async () => {
    const game = play(files);
    await game.buyer('begin');
    game.episode = 2;
    expect(await game.buyer('hm')).toEqual(['I did not understand.']);
    expect(game.state).toMatchObject({ dialogs: { vars: {}, episode: 2 } });
  });

  it('stops a dialog that runs in a circle which the check cannot see, and forgets its place', async () => {
    const game = play(
      { ...FALLBACK, 'main.yaml': 'on: {phrases: begin}\nsteps: [{id: again, spin: again}]\n' },
      {},
      { steps: [(await import('./spin-step.ts')).spinStep] },
    );
    await expect(game.buyer('begin')).rejects.toMatchObject({ code: 'DIALOG_FAILED' });
    expect(game.state).toMatchObject({ dialogs: { dialogStack: [] } });
    expect(await game.buyer('hm')).toEqual(['I did not understand.']);
  });

  it('raises DIALOG_FAILED with place but without words of the buyer', async () => {
    const game = play({
      ...FALLBACK,
      'main.yaml':
        'on: {phrases: begin}\nsteps:\n  - if: order_id == "no"\n    then: [{set: {late: 1}}]\n  - say: "{{ late }}"\n',
    });
    const failure = await game.buyer('begin my-secret').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'DIALOG_FAILED',
      details: { dialog: 'main', step: '1', where: 'dialogs/main.yaml:5:5' },
    });
    expect(String(failure)).not.toContain('my-secret');
  });
});

describe('triggers', () => {
  it('counts fallbacks in a row, and starts again after something was understood', async () => {
    const game = play({
      'f.yaml': 'on: {fallback: true}\nsteps: [{say: "{{ fallback_count }}"}]\n',
      'a.yaml': 'on: {phrases: apple}\nsteps: [{say: Apple}]\n',
    });
    expect(await game.buyer('x')).toEqual(['1']);
    expect(await game.buyer('y')).toEqual(['2']);
    expect(await game.buyer('apple')).toEqual(['Apple']);
    expect(await game.buyer('z')).toEqual(['1']);
  });

  it('prefers priority, then the longer phrase, and honours conditions', async () => {
    const game = play({
      ...FALLBACK,
      'a.yaml': 'on: {phrases: order}\nsteps: [{say: a}]\n',
      'b.yaml': 'on: {phrases: cancel my order}\nsteps: [{say: b}]\n',
      'c.yaml': 'on: {phrases: order, priority: 5, when: hours.open == false}\nsteps: [{say: c}]\n',
    });
    expect(await game.buyer('Please CANCEL my order!')).toEqual(['b']);
    game.ports.hours = { open: false, opensAt: null };
    expect(await game.buyer('Please cancel my order')).toEqual(['c']);
  });

  it('starts by phrase only in the first message of an episode', async () => {
    const game = play({
      ...FALLBACK,
      'a.yaml': 'on: [{start: hi}, {start: true}]\nsteps: [{say: welcome}]\n',
    });
    expect(await game.buyer('asdf')).toEqual(['welcome']);
    expect(await game.buyer('hi')).toEqual(['I did not understand.']);
  });

  it('starts on the return from an agent, and stays silent without such a dialog', async () => {
    const silent = play(FALLBACK);
    expect(await silent.event('buyerline.returned', {})).toEqual([]);
    const game = play({ ...FALLBACK, 'r.yaml': 'on: {event: returned}\nsteps: [{say: Anything else?}]\n' });
    expect(await game.event('buyerline.returned', {})).toEqual(['Anything else?']);
  });

  it('never answers entry markers and notices, but learns from them', async () => {
    const game = play(FALLBACK);
    expect(await game.buyer({ type: 'context', from: 'product', productId: '1729' })).toEqual([]);
    expect(await game.buyer({ type: 'notice', text: 'joined' })).toEqual([]);
    expect(game.facts.productId).toBe('1729');
  });
});

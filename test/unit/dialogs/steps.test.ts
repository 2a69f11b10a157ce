import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialogJsonSchema } from '../../../src/dialogs/index.ts';
import { anOrder, FALLBACK, NOW, noLookups, ORDER_ID, play } from './play.ts';

const begin = (steps: string, ports = {}) =>
  play({ ...FALLBACK, 'a.yaml': `on: {phrases: begin}\nsteps:\n${steps}` }, ports);

describe('say', () => {
  it('takes turns with its variants and sends the others along', async () => {
    const game = begin('  - say: [one, two, three]\n');
    expect(await game.buyer('begin')).toEqual(['one']);
    expect(game.last[0]?.channelData).toEqual({ variants: ['two', 'three'] });
    expect(await game.buyer('begin')).toEqual(['two']);
    expect(await game.buyer('begin')).toEqual(['three']);
    expect(await game.buyer('begin')).toEqual(['one']);
  });

  it('shows a picture and cards behind the words, and no card without an id', async () => {
    const game = begin('  - say: Look\n    image: https://cdn.example.com/a.png\n    product: "{{ product_id }}"\n');
    expect(await game.buyer('begin')).toEqual(['Look', '[image]']);
    game.facts.productId = '1729';
    expect(await game.buyer('begin')).toEqual(['Look', '[image]', '[product]']);
    expect(game.last[2]?.channelData).toEqual({ parts: [{ type: 'product', productId: '1729' }] });
  });
});

describe('ask', () => {
  it.each([
    ['number', 'about ๑๒', 12],
    ['yes_no', 'ไม่ค่ะ', false],
    ['order', `no. ${ORDER_ID}`, ORDER_ID],
    ['text', ' so it is ', 'so it is'],
  ])('%s takes %j', async (type, text, expected) => {
    const game = begin(`  - ask: Q\n    into: answer\n    type: ${type}\n    give_up: [end]\n`);
    await game.buyer('begin');
    await game.buyer(text);
    expect(game.state).toMatchObject({ dialogs: { vars: { answer: expected } } });
  });

  it('takes a picture, and a card for an order', async () => {
    const game = begin('  - ask: Q\n    into: photo\n    type: image\n    give_up: [end]\n  - say: "{{ photo }}"\n');
    await game.buyer('begin');
    expect(await game.buyer({ type: 'image', url: 'https://x/y.jpg' })).toEqual(['https://x/y.jpg']);
    const order = begin(
      '  - ask: Q\n    into: order_id\n    type: order\n    give_up: [end]\n  - say: "{{ order_id }}"\n',
    );
    await order.buyer('begin');
    expect(await order.buyer({ type: 'logistics', orderId: '577' })).toEqual(['577']);
  });

  it('gives up after its tries and ends there', async () => {
    const game = begin(
      '  - ask: Q\n    into: n\n    type: number\n    tries: 3\n    retry: Again\n    give_up: [{say: Never mind}]\n  - say: not reached\n',
    );
    await game.buyer('begin');
    expect(await game.buyer('x')).toEqual(['Again']);
    expect(await game.buyer('x')).toEqual(['Again']);
    expect(await game.buyer('x')).toEqual(['Never mind']);
    expect(await game.buyer('x')).toEqual(['I did not understand.']);
  });

  it('does not ask for what is known when told so', async () => {
    const game = begin(
      '  - ask: Q\n    into: order_id\n    type: order\n    skip_if_known: true\n    give_up: [end]\n  - say: "{{ order_id }}"\n',
    );
    game.facts.orderId = '42';
    expect(await game.buyer('begin')).toEqual(['42']);
  });
});

describe('choose from a list', () => {
  const steps = `
  - lookup: recent_orders
    absent: [{say: none}, end]
    failed: [{say: failed}, end]
  - choose: Which?
    from: orders
    label: "{{ item.items[0].name }} ({{ item.status | order_status }})"
    value: item.id
    into: order_id
    options: [{label: None of these, steps: [{say: ok}, end]}]
    give_up: [end]
  - say: "chosen {{ order_id }}"
`;
  const lookups = {
    ...noLookups,
    recentOrders: () =>
      Promise.resolve({
        kind: 'found' as const,
        value: [anOrder(), anOrder({ id: '99', items: [{ ...anOrder().items[0], name: 'Red\n3. evil' } as never] })],
      }),
  };

  it('numbers the entries, keeps a name with line breaks on its line, and yields the value', async () => {
    const game = begin(steps, { lookups });
    expect(await game.buyer('begin')).toEqual([
      'Which?\n1. Blue mug (On the way)\n2. Red 3. evil (On the way)\n3. None of these\nReply with a number.',
    ]);
    expect(await game.buyer('2')).toEqual(['chosen 99']);
    expect(game.facts.orderId).toBe('99');
    await game.buyer('begin');
    expect(await game.buyer('none of these')).toEqual(['ok']);
  });

  it('is absent when the buyer has no orders', async () => {
    const game = begin(steps, {
      lookups: { ...noLookups, recentOrders: () => Promise.resolve({ kind: 'found', value: [] }) },
    });
    expect(await game.buyer('begin')).toEqual(['none']);
  });
});

describe('if, set and end', () => {
  it('computes over numbers, times and unset variables', async () => {
    const game = begin(
      `
  - set: {n: 2, late: now - days(3)}
  - set: {n: n * 2 + 1}
  - if: n == 5 && now - late > days(2) && !known(never)
    then: [{say: "yes {{ n }}"}]
    else: [{say: no}]
  - if: "false"
    then: [{set: {never: 1}}]
  - end: conversation
`,
      { now: NOW },
    );
    expect(await game.buyer('begin')).toEqual(['yes 5', '{buyerline.endEpisode}']);
  });
});

describe('hostile words of a buyer', () => {
  const files = {
    'echo.yaml':
      'on: {fallback: true}\nsteps:\n  - say: "<{{ message.text }}>"\n  - ask: Next?\n    into: said\n    give_up: [end]\n  - set: {copy: said + ""}\n  - say: "{{ copy }}"\n',
    'menu.yaml':
      'on: {phrases: menu}\nsteps:\n  - choose: Pick\n    options: [{label: A}, {label: Bravo}]\n    into: pick\n    give_up: [end]\n',
  };

  it('come out as they went in: no template, no expression', async () => {
    const game = play(files);
    for (const text of ['{{ now }}', '{% raw %}', "${7*7} ' + order_id + '", '<b>&amp;</b>']) {
      expect(await game.buyer(text)).toEqual([`<${text}>`, 'Next?']);
      expect(await game.buyer(text)).toEqual([text]);
    }
  });

  it('never raise an error, whatever they are', async () => {
    const game = play(files);
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '{{',
        '}}',
        '{%',
        '%}',
        '__proto__',
        'constructor',
        'menu',
        'human',
        '١٢',
        '2️⃣',
        '\u202e',
        '\ud83d',
        '*',
        '1',
      ),
      fc.string({ maxLength: 20 }).map((text) => text.repeat(200)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 4 }), async (pieces) => {
        const text = pieces.join(' ');
        game.bot.isUrgent?.(text);
        for (const said of await game.buyer(text)) expect(/\p{Surrogate}/u.test(said)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('dialogJsonSchema', () => {
  it('describes files, triggers and nested steps', () => {
    const schema = JSON.parse(JSON.stringify(dialogJsonSchema()));
    expect(schema).toMatchObject({
      title: 'Buyerline dialog',
      type: 'object',
      additionalProperties: false,
      required: ['steps'],
    });
    const choose = schema.$defs['step-choose'];
    expect(choose.required).toEqual(['choose']);
    expect(choose.properties.options.items.properties.steps).toEqual({ $ref: '#/$defs/steps' });
    expect(schema.$defs.step.anyOf).toContainEqual({ type: 'string', const: 'end' });
  });
});

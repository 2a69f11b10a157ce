import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDialogs, compileFiles, loadDialogs } from '../../../src/dialogs/index.ts';
import { FALLBACK } from './play.ts';

const encode = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));
const check = (files: Record<string, string>) =>
  compileFiles(encode({ ...FALLBACK, ...files }), 'dialogs').problems.map(({ where, what }) => `${where} ${what}`);
/** Problems of one dialog with these steps. */
const steps = (text: string) => check({ 'a.yaml': `on: {phrases: aaa}\nsteps:\n${text}` });

describe('problems name the place and what to write instead', () => {
  it('finds all of several mistakes in several files', () => {
    const problems = check({
      'a.yaml': 'on: {phrases: aaa}\nsteps:\n  - sya: hi\n  - ask: Name?\n    intp: name\n    give_up: [end]\n',
      'b.yaml': 'on: {phrases: bbb}\nsteps:\n  - goto: greting\n',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^dialogs\/a\.yaml:3:5 unknown step "sya"; did you mean "say"\?/),
      expect.stringMatching(/^dialogs\/a\.yaml:4:5 "into" is missing/),
      expect.stringMatching(/^dialogs\/a\.yaml:5:5 unknown key "intp"; did you mean "into"\?/),
      expect.stringMatching(/^dialogs\/b\.yaml:3:11 there is no dialog and no step of this file named "greting"/),
    ]);
  });

  it.each([
    ['  - say: "{{ oder_id }}"\n', /:3:10 unknown variable "oder_id"; did you mean "order_id"\?/],
    [
      '  - if: fallback_cont > 1\n    then: [end]\n',
      /:3:9 unknown variable "fallback_cont"; did you mean "fallback_count"\?/,
    ],
    [
      '  - lookup: order\n    absent: [end]\n    failed: [end]\n  - say: "{{ order.trackingNumber }}"\n',
      /"order" has no "trackingNumber"; did you mean "tracking_number"\?/,
    ],
    ['  - say: "{{ order_id | mony }}"\n', /undefined filter: mony/],
    ['  - say: "{% include \'secret\' %}"\n', /texts cannot include files/],
    ['  - say: "{{ order_id"\n', /the template cannot be read/],
    ['  - if: order_id = "x"\n    then: [end]\n', /to compare, write == with two signs/],
    ['  - set: {topic: late parcel}\n', /to write a text, put quotes inside the quotes: "'late parcel'"/],
    ['  - set: {now: 1}\n', /"now" is set by Buyerline/],
    ['  - if: "\'abc\'.matches(message.text)"\n    then: [end]\n', /what a buyer writes is never a pattern/],
    ['  - ask: Name?\n    into: name\n', /:3:5 this ask has no "give_up"/],
    ['  - choose: Which?\n    give_up: [end]\n', /this menu is empty/],
    ['  - handoff: x\n    open: default\n', /does not say what happens on "closed", "nobody_online", "unknown"/],
    [
      '  - handoff: x\n    open: [{ask: Name?, into: n, give_up: [end]}]\n    closed: default\n    nobody_online: default\n    unknown: default\n',
      /"ask" cannot stand here/,
    ],
    ['  - lookup: order\n    failed: [end]\n', /this lookup has no "absent"/],
    ['  - goto: fallback\n  - say: never\n', /:4:5 nothing leads to this step/],
    ['  - id: again\n    say: hi\n  - goto: again\n', /goes round in a circle/],
    [
      '  - id: again\n    handoff: x\n    open: default\n    closed: [{goto: again}]\n    nobody_online: default\n    unknown: default\n',
      /goes round in a circle/,
    ],
    ['  - say: hi\n    ask: who\n', /"say" and "ask" are two steps/],
    ['  - hello there\n', /"hello there" is not a step/],
    ['  - say\n', /"say" needs a value/],
    ['  - call: a\n', /goes round in a circle/],
    ['  - id: x\n    say: a\n  - id: x\n    say: b\n', /the id "x" stands twice/],
    ['  - say: {en: hi, english: hello}\n', /write one text, a list of variants, or a text per language/],
    ['  - say: hi\n    image: chart.png\n', /write the whole address/],
  ])('%j', (text, expected) => {
    expect(steps(text)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('says which languages a text lacks', () => {
    const problems = check({
      'bridge.yaml': 'languages: [en, th, vi]\n',
      'a.yaml': 'on: {phrases: aaa}\nsteps:\n  - say: {en: hi}\n',
    });
    expect(problems).toEqual(['dialogs/a.yaml:3:10 this text is missing in th, vi; bridge.yaml lists these languages']);
  });

  it('refuses two dialogs for the same words, kind or fallback, unless a priority or condition decides', () => {
    expect(
      check({ 'a.yaml': 'on: {phrases: Héllo}\nsteps: [end]\n', 'b.yaml': 'on: {phrases: hello}\nsteps: [end]\n' }),
    ).toEqual([
      expect.stringMatching(/^dialogs\/b\.yaml:1:15 the phrase "hello" already stands at dialogs\/a\.yaml:1:15/),
    ]);
    expect(
      check({
        'a.yaml': 'on: {phrases: hello}\nsteps: [end]\n',
        'b.yaml': 'on: {phrases: hello, priority: 1}\nsteps: [end]\n',
      }),
    ).toEqual([]);
    expect(check({ 'a.yaml': 'on: {fallback: true}\nsteps: [end]\n' })).toEqual([
      expect.stringContaining('"fallback: true" already stands'),
    ]);
  });

  it('wants a fallback without a condition, and a way into every dialog', () => {
    const none = compileFiles(encode({ 'a.yaml': 'on: {phrases: aaa}\nsteps: [end]\n' }), 'dialogs').problems;
    expect(none.map((p) => p.what)).toEqual([
      expect.stringContaining('no dialog answers what nothing else understands'),
    ]);
    expect(check({ 'a.yaml': 'steps: [end]\n' })).toEqual([expect.stringContaining('nothing starts this dialog')]);
  });

  it('checks bridge.yaml with its own words', () => {
    expect(
      check({
        'bridge.yaml':
          'langages: [en]\nhours: {time_zone: Asia/Bankok, mon-fry: 09:00-18:00}\nbudgets: {queue: soon}\ntexts: {handoff.qued: hi}\nreply_mode: manual\n',
      }),
    ).toEqual([
      expect.stringMatching(/bridge\.yaml:1:1 unknown key "langages"; did you mean "languages"\?/),
      expect.stringMatching(/bridge\.yaml:2:20 .*no such time zone/),
      expect.stringMatching(/bridge\.yaml:2:\d+ .*unknown key "mon-fry"; did you mean "mon-fri"\?/),
      expect.stringMatching(/bridge\.yaml:3:18 "queue": write a time from 10s to 7d/),
      expect.stringMatching(/bridge\.yaml:4:9 unknown text "handoff.qued"; did you mean "handoff.queued"\?/),
      expect.stringMatching(/bridge\.yaml:5:13 "reply_mode": write auto, assist or off/),
    ]);
  });
});

describe('bad files', () => {
  it.each([
    ['a tab', 'on: {phrases: a b}\nsteps:\n\t- say: hi\n', /a tab stands here|cannot be read as YAML/],
    ['a key twice', 'on: {phrases: aaa}\nsteps: [end]\nsteps: [end]\n', /this key stands twice/],
    ['an open quote', 'on: {phrases: "aaa}\nsteps: [end]\n', /cannot be read as YAML/],
    ['a list instead of a dialog', '- a\n- b\n', /write keys and values here/],
    ['nothing', '', /write keys and values here/],
    ['deep nesting', `on: ${'['.repeat(5000)}${']'.repeat(5000)}\nsteps: [end]\n`, /nested too deeply/],
    ['deep dashes', `on: {phrases: aaa}\nsteps:\n${'- '.repeat(3000)}end\n`, /nested too deeply/],
  ])('%s', (_name, text, expected) => {
    expect(check({ 'a.yaml': text })).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('refuses alias bombs and bytes that are not UTF-8', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefg'
      .split('')
      .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`;
    expect(check({ 'a.yaml': bomb })).toEqual(expect.arrayContaining([expect.stringContaining('too many aliases')]));
    const files = new Map([...encode(FALLBACK), ['a.yaml', Uint8Array.from([0xff, 0xfe, 0x41])] as const]);
    expect(compileFiles(files, 'dialogs').problems[0]?.what).toContain('not UTF-8');
  });

  it('reads 5,000 steps without exhausting the stack', () => {
    const text = `on: {phrases: aaa}\nsteps:\n${'  - say: hi\n'.repeat(5000)}`;
    expect(check({ 'a.yaml': text })).toEqual([]);
  });

  it('never throws, whatever stands in a file', () => {
    const word = fc.constantFrom(
      'on',
      'steps',
      'say',
      'ask',
      'choose',
      'options',
      'label',
      'goto',
      'if',
      'then',
      'handoff',
      'open',
      'id',
      'set',
      'into',
      'from',
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(word, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree.value, fc.string({ unit: 'binary' }), (value, raw) => {
        compileFiles(
          encode({
            'a.yaml': JSON.stringify({ on: { phrases: 'aaa' }, steps: [value] }),
            'b.yaml': raw,
            'bridge.yaml': JSON.stringify(value),
          }),
          'd',
        );
      }),
      { numRuns: 150 },
    );
  });
});

describe('the folder', () => {
  it('loads, ignores other files, names a wrong ending, and changes its version with any byte', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dialogs-'));
    try {
      await writeFile(join(dir, 'README.md'), 'x');
      await writeFile(join(dir, 'a.yaml'), 'on: {fallback: true}\nsteps: [{say: hi}]\n');
      const first = await loadDialogs(dir);
      expect([...first.dialogs.keys()]).toEqual(['a']);
      await writeFile(join(dir, 'a.yaml'), 'on: {fallback: true}\nsteps: [{say: ho}]\n');
      expect((await loadDialogs(dir)).version).not.toBe(first.version);
      await writeFile(join(dir, 'b.yml'), 'on: {fallback: true}\n');
      expect((await checkDialogs(dir))[0]?.what).toContain('ends in .yaml');
      await expect(loadDialogs(dir)).rejects.toMatchObject({ code: 'DIALOG_FILES_INVALID' });
    } finally {
      await rm(dir, { recursive: true });
    }
    expect(await checkDialogs(dir)).toEqual([{ where: dir, what: expect.stringContaining('no such folder') }]);
  });
});

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { compileFiles } from '../../../src/dialogs/index.ts';

/** The examples of dialogs/README.md are what people copy: each must be right. */
const readme = await readFile(new URL('../../../dialogs/README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) =>
  (match[1] ?? '').replaceAll(' …', ' words'),
);

const NAMED = ['human-please', 'where-is-my-order', 'greeting', 'find-order'];
const problemsOf = (files: Record<string, string>) => {
  const others = Object.fromEntries(
    NAMED.map((name) => [`${name}.yaml`, `on: {phrases: stub ${name}}\nsteps: [end]\n`]),
  );
  const known =
    'steps:\n  - set: {pieces: 1, asked: 1, topic: 1, message_left: 1, dummy: 1}\n  - lookup: order\n    absent: [end]\n    failed: [end]\n  - lookup: recent_orders\n    absent: [end]\n    failed: [end]\n';
  const all = {
    ...others,
    'fallback.yaml': 'on: {fallback: true}\nsteps: [end]\n',
    'known.yaml': `on: {phrases: kkk}\n${known}`,
    ...files,
  };
  return compileFiles(new Map(Object.entries(all).map(([name, text]) => [name, new TextEncoder().encode(text)])), 'd')
    .problems;
};

describe('dialogs/README.md', () => {
  it('holds examples', () => expect(blocks.length).toBeGreaterThan(15));

  it.each(blocks.map((block) => [block]))('%s', (block) => {
    const kind = /^languages:/m.test(block)
      ? 'bridge'
      : /^steps:/m.test(block)
        ? 'file'
        : /^on:/m.test(block)
          ? 'trigger'
          : 'steps';
    if (kind === 'bridge') {
      expect(problemsOf({ 'bridge.yaml': block }).filter((p) => p.where.startsWith('d/bridge'))).toEqual([]);
    } else if (kind === 'file' || kind === 'trigger') {
      const body = kind === 'file' ? block : `${block}\nsteps: [end]\n`;
      expect(problemsOf({ 'example.yaml': body })).toEqual([]);
    } else {
      // Each step alone: examples beside each other need not make a flow.
      const steps: unknown = parseDocument(block).toJS();
      expect(Array.isArray(steps)).toBe(true);
      for (const step of Array.isArray(steps) ? steps : [])
        expect(problemsOf({ 'example.yaml': JSON.stringify({ on: { phrases: 'example' }, steps: [step] }) })).toEqual(
          [],
        );
    }
  });
});

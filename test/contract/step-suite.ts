import { describe, expect, it } from 'vitest';
import { compileFiles, dialogJsonSchema, type StepDefinition } from '../../src/dialogs/index.ts';
import { play } from '../unit/dialogs/play.ts';

/** What a kind of step must bring to be tested: one right way to write it, with nothing else needed around it. */
export interface StepExample {
  /** The step as YAML, in one line: `{say: hi}`. */
  yaml: string;
  /** A wrong value for the step's own key, as YAML: `{say: 5}`. */
  wrong: string;
}

const FALLBACK = 'on: {fallback: true}\nsteps: [{say: fallback}]\n';
const OTHER = 'on: {phrases: other}\nsteps: [{say: other}]\n';

const problemsOf = (yaml: string, definition: StepDefinition) => {
  const files = {
    'a.yaml': `on: {phrases: begin}\nsteps:\n  - ${yaml}\n`,
    'fallback.yaml': FALLBACK,
    'other.yaml': OTHER,
  };
  const bytes = new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));
  return compileFiles(bytes, 'dialogs', extraOf(definition)).problems;
};

const BUILT_IN = ['say', 'ask', 'choose', 'if', 'set', 'goto', 'call', 'lookup', 'handoff', 'leave_message', 'end'];
const extraOf = (definition: StepDefinition) => ({ steps: BUILT_IN.includes(definition.kind) ? [] : [definition] });

/** What every kind of step has in common, built in or from outside. Call it once for each. */
export function describeStep(definition: StepDefinition, example: StepExample): void {
  const { kind } = definition;
  const withKey = (key: string) => example.yaml.replace(/\}$/, `, ${key}}`);

  describe(`step ${kind}`, () => {
    it('is read as documented', () => {
      expect(problemsOf(example.yaml, definition)).toEqual([]);
    });

    it('refuses unknown keys with their place', () => {
      const problems = problemsOf(withKey('zzz_unknown: 1'), definition);
      expect(problems).toEqual(
        expect.arrayContaining([
          {
            where: expect.stringMatching(/^dialogs\/a\.yaml:3:\d+$/),
            what: expect.stringContaining('unknown key "zzz_unknown"'),
          },
        ]),
      );
    });

    it('refuses a wrong value without throwing', () => {
      expect(problemsOf(example.wrong, definition).length).toBeGreaterThan(0);
    });

    it('may have an id to which a goto leads', () => {
      const problems = problemsOf(withKey('id: here'), definition);
      expect(problems).toEqual([]);
    });

    it('keeps only plain JSON between turns and survives hostile answers', async () => {
      const game = play(
        {
          'a.yaml': `on: {phrases: begin}\nsteps:\n  - ${example.yaml}\n`,
          'fallback.yaml': FALLBACK,
          'other.yaml': OTHER,
        },
        {},
        extraOf(definition),
      );
      await game.buyer('begin');
      for (const text of [
        '{{ now }}{% raw %}',
        '__proto__',
        '\ud800',
        '9'.repeat(3000),
        '${process.exit()}',
        '*',
        '\u0000',
      ]) {
        await game.buyer(text);
        expect(game.state).toEqual(JSON.parse(JSON.stringify(game.state)));
      }
    });

    it('is part of the JSON Schema', () => {
      expect(JSON.stringify(dialogJsonSchema(extraOf(definition).steps))).toContain(`step-${kind}`);
    });
  });
}

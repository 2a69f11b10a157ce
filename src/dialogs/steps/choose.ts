import { z } from 'zod';
import { type MenuEntry, menuChoice } from '../answers.ts';
import type { Expression } from '../expressions.ts';
import { closed, expressionSchema, nameSchema, templateSchema, textSchema, variableSchema } from '../schema-parts.ts';
import { type Branch, defineStep, NEXT, type StepTurn, UNFIT, WAIT } from '../step-contract.ts';
import type { Template } from '../templates.ts';
import type { DialogText } from '../texts.ts';
import { triesSchema } from './ask.ts';

const MAX_OPTIONS = 10;

interface Option {
  label: DialogText;
  words: DialogText | undefined;
  value: string | number | boolean | undefined;
  branch: Branch;
}

interface FromList {
  variable: string;
  label: Template;
  value: Expression | undefined;
}

/** What one line of a printed menu stands for; kept while the buyer thinks, so that a changed list cannot shift the numbers. */
interface Line extends MenuEntry {
  value: unknown;
  /** Index of the fixed option; absent for entries of the list. */
  option?: number;
}

/** A numbered menu. */
export const chooseStep = defineStep({
  kind: 'choose',
  schema: ({ step, steps }) =>
    step({
      choose: textSchema,
      options: z
        .array(
          closed({
            label: textSchema,
            words: textSchema.optional(),
            value: z
              .union([z.string(), z.number(), z.boolean()], { error: 'write a text, a number, true or false' })
              .optional(),
            goto: nameSchema.optional(),
            steps: steps.optional(),
          }),
          { error: 'write a list of options, each with "- label: …"' },
        )
        .max(MAX_OPTIONS, `a menu may have ${MAX_OPTIONS} options; split it into two`)
        .optional(),
      from: variableSchema.optional(),
      label: templateSchema.optional(),
      value: expressionSchema.optional(),
      into: variableSchema.optional(),
      retry: textSchema.optional(),
      tries: triesSchema,
      give_up: steps.optional(),
    }),
  compile(step, compiler) {
    const question = compiler.text(step.choose, ['choose']);
    const retry = step.retry === undefined ? question : compiler.text(step.retry, ['retry']);
    const tries = step.tries ?? 2;
    const written = step.options ?? [];
    if (written.length === 0 && step.from === undefined)
      compiler.problem([], 'this menu is empty; write "options:" with one "- label: …" for each line');
    if (step.from !== undefined && step.label === undefined)
      compiler.problem(['from'], 'options from a list need "label:", for example label: "{{ item.name }}"');
    if (step.from === undefined && (step.label !== undefined || step.value !== undefined))
      compiler.problem(
        [step.label === undefined ? 'value' : 'label'],
        'this belongs to "from:"; for a fixed menu write it inside "options:"',
      );
    if (step.value !== undefined && step.into === undefined)
      compiler.problem(['value'], 'the value goes nowhere; add "into: <variable>"');
    if (step.give_up === undefined)
      compiler.problem(
        [],
        'this choose has no "give_up"; write the steps for a buyer who picks nothing, for example goto: human-please',
      );
    const from = step.from === undefined ? undefined : compileFrom(step.from);
    const options = written.map((option, i): Option => {
      const at = ['options', i];
      if (option.goto !== undefined && option.steps !== undefined)
        compiler.problem([...at, 'goto'], 'write either "goto" or "steps", not both');
      if (option.value !== undefined && step.into === undefined)
        compiler.problem([...at, 'value'], 'the value goes nowhere; add "into: <variable>" to the menu');
      const steps = option.steps ?? (option.goto === undefined ? undefined : [{ goto: option.goto }]);
      return {
        label: compiler.text(option.label, [...at, 'label']),
        words: option.words === undefined ? undefined : compiler.text(option.words, [...at, 'words']),
        value: option.value,
        branch: compiler.branch(steps, option.steps === undefined ? [...at, 'goto'] : [...at, 'steps']),
      };
    });
    if (step.into !== undefined) compiler.writes(step.into, ['into'], 'text');
    const giveUp = compiler.branch(step.give_up, ['give_up'], { ends: 'dialog' });

    function compileFrom(variable: string): FromList {
      compiler.expression(variable, ['from']);
      return compiler.withVariables({ item: 'any' }, () => ({
        variable,
        label: compiler.template(step.label ?? '-', ['label']),
        value: step.value === undefined ? undefined : compiler.expression(step.value, ['value']),
      }));
    }
    return {
      waits: 'buyer',
      neverNext: from === undefined,
      async run(turn) {
        const lines = menuLines(turn, options, from);
        if (lines.length === 0) return { do: 'branch', to: giveUp };
        turn.memory.lines = lines;
        await sayMenu(turn, question, lines);
        return WAIT;
      },
      answer(turn) {
        const lines = (turn.memory.lines ?? []) as Line[];
        const index = menuChoice(turn.text, lines);
        const line = index === undefined ? undefined : lines[index];
        if (line === undefined) return UNFIT;
        if (step.into !== undefined) turn.set(step.into, line.value);
        const option = line.option === undefined ? undefined : options[line.option];
        return option === undefined ? NEXT : { do: 'branch', to: option.branch };
      },
      async retry(turn) {
        const failed = Number(turn.memory.failed ?? 0) + 1;
        if (failed >= tries) return { do: 'branch', to: giveUp };
        turn.memory.failed = failed;
        await sayMenu(turn, retry, (turn.memory.lines ?? []) as Line[]);
        return WAIT;
      },
    };
  },
});

/** `words: [a, b]` are all meant at once, unlike the variants of something said. */
function menuLines(turn: StepTurn, options: readonly Option[], from: FromList | undefined): Line[] {
  const lines: Line[] = [];
  const list = from === undefined ? undefined : turn.get(from.variable);
  if (from !== undefined && Array.isArray(list)) {
    for (const item of list.slice(0, MAX_OPTIONS)) {
      const extra = { item };
      const label = oneLine(turn.render(from.label, extra));
      lines.push({ label, words: [], value: from.value === undefined ? label : turn.evaluate(from.value, extra) });
    }
  }
  options.forEach((option, i) => {
    const [label = '', ...others] = turn.renderText(option.label).map(oneLine);
    const words = option.words === undefined ? [] : turn.renderText(option.words);
    lines.push({ label, words: [...others, ...words], value: option.value ?? label, option: i });
  });
  return lines;
}

async function sayMenu(turn: StepTurn, question: DialogText, lines: readonly Line[]): Promise<void> {
  const menu = lines.map((line, i) => `${i + 1}. ${line.label}`).join('\n');
  const hint = turn.bridgeWords('menu.hint');
  await turn.say(turn.renderText(question).map((text) => [text, menu, hint].filter((part) => part !== '').join('\n')));
}

/** A product's name may hold line breaks, which would look like further lines of the menu. */
const oneLine = (text: string): string => [...text.replace(/\s+/gu, ' ').trim()].slice(0, 80).join('');

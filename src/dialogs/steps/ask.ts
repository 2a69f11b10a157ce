import { z } from 'zod';
import { numberIn, orderIdIn, yesNoIn } from '../answers.ts';
import { isKnown } from '../expressions.ts';
import { textSchema, variableSchema } from '../schema-parts.ts';
import { defineStep, NEXT, type StepTurn, UNFIT, WAIT } from '../step-contract.ts';

const TYPES = ['text', 'number', 'order', 'yes_no', 'image'] as const;
type AnswerType = (typeof TYPES)[number];

/** An answer is kept for the length of the episode: longer ones are cut. */
const MAX_ANSWER = 2_000;

/** How often the buyer may answer before `give_up`. */
export const triesSchema = z.number({ error: 'write a number from 1 to 5' }).int().min(1).max(5).optional();

/** Asks the buyer, waits, and puts the answer into a variable. */
export const askStep = defineStep({
  kind: 'ask',
  schema: ({ step, steps }) =>
    step({
      ask: textSchema,
      into: variableSchema,
      type: z.enum(TYPES, { error: `write one of ${TYPES.join(', ')}` }).optional(),
      skip_if_known: z.boolean({ error: 'write true or false' }).optional(),
      retry: textSchema.optional(),
      tries: triesSchema,
      give_up: steps.optional(),
    }),
  compile(step, compiler) {
    const question = compiler.text(step.ask, ['ask']);
    const retry = step.retry === undefined ? question : compiler.text(step.retry, ['retry']);
    const type = step.type ?? 'text';
    const tries = step.tries ?? 2;
    if (step.give_up === undefined)
      compiler.problem(
        [],
        'this ask has no "give_up"; write the steps for a buyer who does not answer it, for example goto: human-please',
      );
    const giveUp = compiler.branch(step.give_up, ['give_up'], { ends: 'dialog' });
    compiler.writes(step.into, ['into'], 'text');
    return {
      waits: 'buyer',
      async run(turn) {
        if (step.skip_if_known === true && isKnown(turn.get(step.into))) return NEXT;
        await turn.say(turn.renderText(question));
        return WAIT;
      },
      answer(turn) {
        const value = answerIn(turn, type);
        if (value === undefined) return UNFIT;
        turn.set(step.into, value);
        return NEXT;
      },
      async retry(turn) {
        const failed = Number(turn.memory.failed ?? 0) + 1;
        if (failed >= tries) return { do: 'branch', to: giveUp };
        turn.memory.failed = failed;
        await turn.say(turn.renderText(retry));
        return WAIT;
      },
    };
  },
});

function answerIn(turn: StepTurn, type: AnswerType): string | number | boolean | undefined {
  switch (type) {
    case 'text':
      return turn.text.trim() === '' ? undefined : [...turn.text.trim()].slice(0, MAX_ANSWER).join('');
    case 'number':
      return numberIn(turn.text);
    case 'yes_no':
      return yesNoIn(turn.text);
    case 'order': {
      const card = turn.cards.find(
        (part) => part.type === 'order' || part.type === 'logistics' || part.type === 'return',
      );
      return card?.orderId ?? orderIdIn(turn.text);
    }
    case 'image':
      return turn.cards.find((part) => part.type === 'image')?.url;
  }
}

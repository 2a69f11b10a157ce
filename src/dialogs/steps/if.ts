import { isTrue } from '../expressions.ts';
import { expressionSchema } from '../schema-parts.ts';
import { defineStep, type StepResult } from '../step-contract.ts';

/** Goes one way or the other. */
export const ifStep = defineStep({
  kind: 'if',
  // biome-ignore lint/suspicious/noThenProperty: "then" is the word people expect in a file; its value is a list, never a function
  schema: ({ step, steps }) => step({ if: expressionSchema, then: steps, else: steps.optional() }),
  compile(step, compiler) {
    const condition = compiler.expression(step.if, ['if']);
    const yes: StepResult = { do: 'branch', to: compiler.branch(step.then, ['then']) };
    const no: StepResult = { do: 'branch', to: compiler.branch(step.else, ['else']) };
    return { neverNext: true, run: (turn) => (isTrue(turn.evaluate(condition)) ? yes : no) };
  },
});

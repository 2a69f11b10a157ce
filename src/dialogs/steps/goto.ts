import { nameSchema } from '../schema-parts.ts';
import { defineStep, type StepResult } from '../step-contract.ts';

/** Goes on in another dialog, which takes the place of this one, or at a step of this file. */
export const gotoStep = defineStep({
  kind: 'goto',
  schema: ({ step }) => step({ goto: nameSchema }),
  compile(step, compiler) {
    const result: StepResult = { do: 'goto', to: compiler.target(step.goto, ['goto'], 'goto') };
    return { neverNext: true, run: () => result };
  },
});

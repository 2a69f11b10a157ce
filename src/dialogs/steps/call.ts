import { nameSchema } from '../schema-parts.ts';
import { defineStep, type StepResult } from '../step-contract.ts';

/** Runs another dialog, then goes on here. */
export const callStep = defineStep({
  kind: 'call',
  schema: ({ step }) => step({ call: nameSchema }),
  compile(step, compiler) {
    const result: StepResult = { do: 'call', to: compiler.target(step.call, ['call'], 'call') };
    return { run: () => result };
  },
});

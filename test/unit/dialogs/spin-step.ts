import { defineStep, type StepDefinition } from '../../../src/dialogs/index.ts';
import { nameSchema } from '../../../src/dialogs/schema-parts.ts';

/** A step from outside whose loop no graph check can see: it claims to wait for the buyer and does not. */
export const spinStep: StepDefinition = defineStep({
  kind: 'spin',
  schema: ({ step }) => step({ spin: nameSchema }),
  compile(step, compiler) {
    const to = compiler.target(step.spin, ['spin'], 'goto');
    return { waits: 'buyer', run: () => ({ do: 'goto', to }), answer: () => ({ do: 'unfit' }) };
  },
});

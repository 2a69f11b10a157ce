import { z } from 'zod';
import { defineStep, type StepResult } from '../step-contract.ts';

const END: StepResult = { do: 'end' };

/** Ends this dialog; `end: conversation` also closes the conversation. */
export const endStep = defineStep({
  kind: 'end',
  bare: 'dialog',
  schema: ({ step }) =>
    step({ end: z.enum(['dialog', 'conversation'], { error: 'write "- end" or "- end: conversation"' }) }),
  compile(step) {
    if (step.end === 'dialog') return { neverNext: true, run: () => END };
    return {
      neverNext: true,
      async run(turn) {
        await turn.endConversation();
        return { do: 'end_all' };
      },
    };
  },
});

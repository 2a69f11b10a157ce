import { z } from 'zod';
import { expressionSchema, variableSchema } from '../schema-parts.ts';
import { defineStep, NEXT } from '../step-contract.ts';

/** Gives variables a value. */
export const setStep = defineStep({
  kind: 'set',
  schema: ({ step }) =>
    step({ set: z.record(variableSchema, expressionSchema, { error: 'write "variable: value" below, further in' }) }),
  compile(step, compiler) {
    const values = Object.entries(step.set).map(([name, source]) => {
      compiler.writes(name, ['set', name]);
      return { name, expression: compiler.expression(source, ['set', name]) };
    });
    return {
      run(turn) {
        for (const { name, expression } of values) turn.set(name, turn.evaluate(expression));
        return NEXT;
      },
    };
  },
});

import { externalId, templateSchema } from '../schema-parts.ts';
import { defineStep, NEXT } from '../step-contract.ts';

/** Leaves a message for the agents, who read it when they are back. */
export const leaveMessageStep = defineStep({
  kind: 'leave_message',
  schema: ({ step }) =>
    step({ leave_message: templateSchema, group: externalId.optional(), agent: externalId.optional() }),
  compile(step, compiler) {
    const words = compiler.template(step.leave_message, ['leave_message']);
    return {
      async run(turn) {
        const text = turn.render(words).trim();
        if (text !== '') {
          await turn.leaveMessage({
            text,
            ...(step.group === undefined ? {} : { groupId: step.group }),
            ...(step.agent === undefined ? {} : { agentId: step.agent }),
          });
        }
        return NEXT;
      },
    };
  },
});

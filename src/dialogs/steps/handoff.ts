import { z } from 'zod';
import { BOT_EVENTS, type HandoffStatus } from '../../contracts/bot.ts';
import { externalId, templateSchema } from '../schema-parts.ts';
import { type Branch, defineStep, WAIT } from '../step-contract.ts';

type Outcome = HandoffStatus['outcome'];
const OUTCOMES: readonly Outcome[] = ['open', 'closed', 'nobody_online', 'unknown'];

/**
 * Asks for a person and says nothing: only the answer decides what is true. The four answers have their own steps; `default` leaves the words to the
 * bridge. After `open` the dialog ends, after the others it goes on.
 */
export const handoffStep = defineStep({
  kind: 'handoff',
  schema: ({ step, steps }) => {
    const branch = z
      .union([z.literal('default'), steps], {
        error: 'write "default" for the words of the bridge, or a list of steps',
      })
      .optional();
    return step({
      handoff: z.string({ error: 'write the reason, such as buyer_asked' }).min(1).max(100),
      group: externalId.optional(),
      agent: externalId.optional(),
      note: templateSchema.optional(),
      open: branch,
      closed: branch,
      nobody_online: branch,
      unknown: branch,
    });
  },
  compile(step, compiler) {
    const note = step.note === undefined ? undefined : compiler.template(step.note, ['note']);
    const missing = OUTCOMES.filter((outcome) => step[outcome] === undefined);
    if (missing.length > 0) {
      const them = missing.map((outcome) => `"${outcome}"`).join(', ');
      compiler.problem(
        [],
        `this handoff does not say what happens on ${them}; write steps, or "default" for the words of the bridge`,
      );
    }
    const branches = {} as Record<Outcome, Branch>;
    for (const outcome of OUTCOMES) {
      const written = step[outcome];
      const steps = written === 'default' ? undefined : written;
      branches[outcome] =
        outcome === 'open'
          ? compiler.branch(steps, [outcome], { ends: 'all', only: ['say', 'set'] })
          : compiler.branch(steps, [outcome]);
    }
    const ownWords = OUTCOMES.filter((outcome) => step[outcome] !== undefined && step[outcome] !== 'default');
    return {
      waits: 'desk',
      neverNext: true,
      async run(turn) {
        const agentNote = note === undefined ? '' : turn.render(note).trim();
        await turn.handoff({
          reason: step.handoff,
          ...(step.group === undefined ? {} : { groupId: step.group }),
          ...(step.agent === undefined ? {} : { agentId: step.agent }),
          ...(agentNote === '' ? {} : { note: agentNote }),
          awaited: true,
          ownWords,
        });
        return WAIT;
      },
      event(turn, name, value) {
        if (name !== BOT_EVENTS.handoffStatus) return undefined;
        const outcome = outcomeOf(value);
        turn.ports.note({ what: 'handoff.answered', detail: outcome });
        return { do: 'branch', to: branches[outcome] };
      },
    };
  },
});

function outcomeOf(value: unknown): Outcome {
  const outcome = value !== null && typeof value === 'object' && 'outcome' in value ? value.outcome : undefined;
  return OUTCOMES.find((known) => known === outcome) ?? 'unknown';
}

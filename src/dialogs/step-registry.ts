import { z } from 'zod';
import { InvariantError } from '../common/errors.ts';
import { closed, nameSchema } from './schema-parts.ts';
import type { RawSteps, SchemaParts, StepDefinition } from './step-contract.ts';
import { askStep } from './steps/ask.ts';
import { callStep } from './steps/call.ts';
import { chooseStep } from './steps/choose.ts';
import { endStep } from './steps/end.ts';
import { gotoStep } from './steps/goto.ts';
import { handoffStep } from './steps/handoff.ts';
import { ifStep } from './steps/if.ts';
import { leaveMessageStep } from './steps/leave-message.ts';
import { lookupStep } from './steps/lookup.ts';
import { sayStep } from './steps/say.ts';
import { setStep } from './steps/set.ts';

export const BUILT_IN_STEPS: readonly StepDefinition[] = [
  sayStep,
  askStep,
  chooseStep,
  ifStep,
  setStep,
  gotoStep,
  callStep,
  lookupStep,
  handoffStep,
  leaveMessageStep,
  endStep,
];

export interface StepRegistry {
  readonly kinds: readonly string[];
  get(kind: string): RegisteredStep | undefined;
}
export interface RegisteredStep {
  definition: StepDefinition;
  /** The step alone; nested steps are checked when they are compiled. */
  schema: z.ZodType;
}

const STEP_LIST = 'write a list of steps, each beginning with "- "';

/** Building the schemas costs 20 ms, which a reload on every save need not pay; they never change. */
let builtIn: ReadonlyMap<string, RegisteredStep> | undefined;

/** The built-in kinds and those from outside. A kind that exists twice is a mistake of the program. */
export function createStepRegistry(extra: readonly StepDefinition[] = []): StepRegistry {
  const parts = schemaParts(z.array(z.unknown(), { error: STEP_LIST }));
  const register = (steps: Map<string, RegisteredStep>, definitions: readonly StepDefinition[]) => {
    for (const definition of definitions) {
      if (steps.has(definition.kind))
        throw new InvariantError(`the dialog step "${definition.kind}" is registered twice`);
      steps.set(definition.kind, { definition, schema: definition.schema(parts) });
    }
    return steps;
  };
  builtIn ??= register(new Map(), BUILT_IN_STEPS);
  const steps = register(new Map(builtIn), extra);
  return { kinds: [...steps.keys()], get: (kind) => steps.get(kind) };
}

export function schemaParts(steps: z.ZodType<RawSteps>): SchemaParts {
  return {
    steps,
    step: (shape) => closed({ id: nameSchema.optional(), ...shape }, 'the keys of this step') as never,
  };
}

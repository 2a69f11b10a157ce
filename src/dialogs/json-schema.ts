import { z } from 'zod';
import { dialogFileSchema } from './dialog-schema.ts';
import type { RawSteps, StepDefinition } from './step-contract.ts';
import { BUILT_IN_STEPS, schemaParts } from './step-registry.ts';

/**
 * JSON Schema (draft 2020-12) of a dialog file, made from the same zod schemas that the loader uses, so that an editor completes and
 * underlines what the check would. Refer to it in a file's first line: `# yaml-language-server: $schema=dialog.schema.json`.
 */
export function dialogJsonSchema(extra: readonly StepDefinition[] = []): Record<string, unknown> {
  const definitions = [...BUILT_IN_STEPS, ...extra];
  const steps: z.ZodType<RawSteps> = z.lazy(() => stepList);
  const parts = schemaParts(steps);
  const kinds = definitions.map((definition) => definition.schema(parts).meta({ id: `step-${definition.kind}` }));
  const bare = definitions
    .filter((definition) => definition.bare !== undefined)
    .map((definition) => z.literal(definition.kind));
  const stepList = z
    .array(z.union([...kinds, ...bare]).meta({ id: 'step' }))
    .meta({ id: 'steps', description: 'Steps, from top to bottom' });
  return {
    ...z.toJSONSchema(dialogFileSchema(stepList.min(1)), { io: 'input', unrepresentable: 'any' }),
    title: 'Buyerline dialog',
  };
}

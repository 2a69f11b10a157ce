import { BUILT_IN_STEPS } from '../../src/dialogs/step-registry.ts';
import { spinStep } from '../unit/dialogs/spin-step.ts';
import { describeStep, type StepExample } from './step-suite.ts';

const EXAMPLES: Record<string, StepExample> = {
  say: { yaml: '{say: "{{ message.text }}"}', wrong: '{say: 5}' },
  ask: { yaml: '{ask: Name?, into: name, give_up: [end]}', wrong: '{ask: Name?, into: Not A Name, give_up: [end]}' },
  choose: {
    yaml: '{choose: Which?, options: [{label: A}, {label: B, goto: other}], give_up: [end]}',
    wrong: '{choose: Which?, options: [A], give_up: [end]}',
  },
  if: { yaml: '{if: message.text == "x", then: [end]}', wrong: '{if: message.text ==, then: [end]}' },
  set: { yaml: '{set: {seen: message.text}}', wrong: '{set: {seen: message.}}' },
  goto: { yaml: '{goto: other}', wrong: '{goto: nowhere}' },
  call: { yaml: '{call: other}', wrong: '{call: nowhere}' },
  lookup: {
    yaml: '{lookup: order, absent: [end], failed: [end]}',
    wrong: '{lookup: weather, absent: [end], failed: [end]}',
  },
  handoff: {
    yaml: '{handoff: x, note: "{{ message.text }}", open: default, closed: default, nobody_online: default, unknown: default}',
    wrong: '{handoff: x, open: maybe}',
  },
  leave_message: { yaml: '{leave_message: "{{ message.text }}"}', wrong: '{leave_message: [a]}' },
  end: { yaml: '{end: conversation}', wrong: '{end: everything}' },
};

for (const definition of BUILT_IN_STEPS) {
  const example = EXAMPLES[definition.kind];
  if (example === undefined) throw new Error(`write an example for the step ${definition.kind}`);
  describeStep(definition, example);
}

// A step from outside passes the same suite. It would spin for ever if run, so here it leads elsewhere.
describeStep({ ...spinStep, kind: 'spin' }, { yaml: '{spin: other}', wrong: '{spin: nowhere}' });

import type { Problem } from '../common/errors.ts';
import type { CompiledDialog } from './compiled-dialog.ts';
import { suggestion } from './nearest.ts';

/** Resolves every `goto` and `call`: a step id of the same file, else a dialog. */
export function linkTargets(dialogs: ReadonlyMap<string, CompiledDialog>): Problem[] {
  const problems: Problem[] = [];
  for (const dialog of dialogs.values()) {
    for (const target of dialog.nodes.flatMap((node) => node.targets)) {
      const step = target.how === 'goto' ? dialog.byStepId.get(target.name) : undefined;
      const other = dialogs.get(target.name);
      if (step !== undefined && other !== undefined) {
        problems.push({
          where: target.where,
          what: `"${target.name}" is both a step of this file and a dialog; give the step another id`,
        });
      } else if (step !== undefined) target.resolved = { node: step };
      else if (other !== undefined) target.resolved = { dialog: other };
      else
        problems.push({
          where: target.where,
          what: unknownTarget(target.name, target.how, dialog, [...dialogs.keys()]),
        });
    }
  }
  return problems;
}

function unknownTarget(name: string, how: 'goto' | 'call', dialog: CompiledDialog, names: string[]): string {
  if (how === 'call' && dialog.byStepId.has(name))
    return `"${name}" is a step of this file; "call" runs a whole dialog, use "goto" for a step`;
  const known = how === 'goto' ? [...names, ...dialog.byStepId.keys()] : names;
  const what = how === 'goto' ? 'no dialog and no step of this file' : 'no dialog';
  return `there is ${what} named "${name}"; ${suggestion(name, known)}`;
}

import type { Problem } from '../common/errors.ts';
import { type CompiledDialog, END_NODE, type StepNode } from './compiled-dialog.ts';

/** What a schema cannot see: steps that nothing reaches, and circles in which the buyer never gets a word in. Call after `linkTargets`. */
export function checkGraph(dialogs: ReadonlyMap<string, CompiledDialog>): Problem[] {
  return [...[...dialogs.values()].flatMap(unreachableSteps), ...uncalledDialogs(dialogs), ...loops(dialogs)];
}

/** Nodes of the same dialog to which a step may go. */
function ways(node: StepNode): number[] {
  const jumps = node.targets.flatMap((target) =>
    target.resolved !== undefined && 'node' in target.resolved ? [target.resolved.node] : [],
  );
  // An empty branch leads to what follows the step.
  const onward = node.code.neverNext === true ? [] : [node.next];
  return [...node.branches, ...onward, ...jumps].filter((index) => index >= 0);
}

function unreachableSteps(dialog: CompiledDialog): Problem[] {
  const reached = new Set<number>();
  const open = dialog.entry === END_NODE ? [] : [dialog.entry];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const node = dialog.nodes[index];
    if (node === undefined || reached.has(index)) continue;
    reached.add(index);
    open.push(...ways(node));
  }
  return dialog.lists.flatMap((list) => {
    if (list.owner !== undefined && !reached.has(list.owner)) return [];
    const first = list.nodes.find((index) => !reached.has(index));
    const node = first === undefined ? undefined : dialog.nodes[first];
    if (node === undefined) return [];
    return [
      {
        where: node.where,
        what: 'nothing leads to this step; the one before it always goes elsewhere. Remove it, or give it an id and a goto',
      },
    ];
  });
}

function uncalledDialogs(dialogs: ReadonlyMap<string, CompiledDialog>): Problem[] {
  const named = new Set<string>();
  for (const dialog of dialogs.values()) {
    for (const node of dialog.nodes) {
      for (const { resolved } of node.targets)
        if (resolved !== undefined && 'dialog' in resolved && resolved.dialog !== dialog)
          named.add(resolved.dialog.name);
    }
  }
  return [...dialogs.values()]
    .filter((dialog) => dialog.triggers.length === 0 && !named.has(dialog.name))
    .map((dialog) => ({
      where: `${dialog.file}:1:1`,
      what: 'nothing starts this dialog; give it an "on:" with phrases, or a goto or call from another dialog',
    }));
}

/** Circles that pass no step at which the buyer answers (waiting for the desk is not a turn of the buyer). */
function loops(dialogs: ReadonlyMap<string, CompiledDialog>): Problem[] {
  const state = new Map<StepNode, 'open' | 'done'>();
  const problems: Problem[] = [];
  const nextOf = (dialog: CompiledDialog, node: StepNode): [CompiledDialog, StepNode][] => {
    if (node.code.waits === 'buyer') return [];
    const here = ways(node).flatMap((index): [CompiledDialog, StepNode][] => {
      const next = dialog.nodes[index];
      return next === undefined ? [] : [[dialog, next]];
    });
    const away = node.targets.flatMap(({ resolved }): [CompiledDialog, StepNode][] => {
      if (resolved === undefined || 'node' in resolved) return [];
      const entry = resolved.dialog.nodes[resolved.dialog.entry];
      return entry === undefined ? [] : [[resolved.dialog, entry]];
    });
    return [...here, ...away];
  };
  // By hand instead of recursion: 5,000 steps in a row must not exhaust the stack.
  for (const dialog of dialogs.values()) {
    for (const start of dialog.nodes) {
      if (state.has(start)) continue;
      const trail: { node: StepNode; rest: [CompiledDialog, StepNode][] }[] = [];
      const enter = (owner: CompiledDialog, node: StepNode) => {
        state.set(node, 'open');
        trail.push({ node, rest: nextOf(owner, node) });
      };
      enter(dialog, start);
      for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
        const step = top.rest.pop();
        if (step === undefined) {
          state.set(top.node, 'done');
          trail.pop();
        } else if (state.get(step[1]) === 'open') {
          problems.push({
            where: top.node.where,
            what: `this goes round in a circle back to ${step[1].where} without asking the buyer anything; put an ask or a choose between`,
          });
        } else if (!state.has(step[1])) enter(step[0], step[1]);
      }
    }
  }
  return problems;
}

import type { Expression } from './expressions.ts';
import type { Phrase } from './phrases.ts';
import type { StepCode } from './step-contract.ts';
import type { Shape, VariablePath } from './variables.ts';

/** Index of "the dialog ends here". */
export const END_NODE = -1;
/** Index of "every dialog of the conversation ends here". */
export const END_ALL_NODE = -2;

/** One step, laid flat: `next` and the branches are indexes into the same list. */
export interface StepNode {
  index: number;
  /** Place in the file as a conversation stores it: `2.options.0.steps.1`. */
  path: string;
  kind: string;
  id: string | undefined;
  /** `dialogs/a.yaml:3:5`. */
  where: string;
  next: number;
  branches: number[];
  code: StepCode;
  targets: TargetRef[];
}

/** Where a target leads: a step of the same file, or another dialog. */
export type ResolvedTarget = { node: number } | { dialog: CompiledDialog };

/** A name in a `goto` or `call`. `resolved` is filled in once all files are read. */
export interface TargetRef {
  name: string;
  how: 'goto' | 'call';
  where: string;
  resolved?: ResolvedTarget;
}

export interface Trigger {
  dialog: string;
  where: string;
  kind: 'phrases' | 'message' | 'start' | 'fallback' | 'event';
  phrases: { phrase: Phrase; written: string; where: string }[];
  messageTypes: readonly string[];
  event: string | undefined;
  priority: number;
  urgent: boolean;
  when: Expression | undefined;
}

/** Something read in a template or expression. */
export interface VariableRead {
  path: VariablePath;
  where: string;
  /** Variables that exist only there (`item`). */
  local: Readonly<Record<string, Shape>>;
}

/** Steps of one list in order, and the step that holds the list. */
export interface StepList {
  owner: number | undefined;
  nodes: readonly number[];
}

/** One file, compiled; not yet checked against the others. */
export interface CompiledDialog {
  name: string;
  /** 12 hex digits of the file's SHA-256. */
  hash: string;
  /** `name@hash`: what a running conversation stores. */
  id: string;
  file: string;
  description: string | undefined;
  triggers: Trigger[];
  nodes: StepNode[];
  entry: number;
  byPath: ReadonlyMap<string, number>;
  byStepId: ReadonlyMap<string, number>;
  lists: StepList[];
  reads: VariableRead[];
  writes: { variable: string; shape: Shape; where: string }[];
  /** Texts with language keys, for finding missing ones. */
  texts: { languages: readonly string[]; where: string }[];
}

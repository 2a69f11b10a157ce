import type { z } from 'zod';
import type { BotPorts, HandoffInitiate, LeaveMessage } from '../contracts/bot.ts';
import type { MessagePart } from '../contracts/message.ts';
import type { Expression } from './expressions.ts';
import type { RawExpression, RawText } from './schema-parts.ts';
import type { Template } from './templates.ts';
import type { DialogText } from './texts.ts';
import type { Shape } from './variables.ts';
import type { SourcePath } from './yaml-source.ts';

/**
 * The contract of a step kind. One file `steps/<kind>.ts` exports a {@link StepDefinition}: the word in the file, the zod schema of the whole step
 * (from which the JSON Schema is made too), and how it compiles into {@link StepCode}. A step from outside the repository does the same and is
 * passed to `loadDialogs(dir, { steps: [myStep] })`. `test/contract/step-suite.ts` checks what all have in common.
 */
export interface StepDefinition {
  /** The key that marks the step in a file: `say`. */
  readonly kind: string;
  /** What `- kind` without a value means; absent when a value is needed. Example: `dialog` for `- end`. */
  readonly bare?: string;
  /** Schema of the whole step. Must be closed (refuse unknown keys) and allow `id`, which {@link SchemaParts.step} does. */
  schema(parts: SchemaParts): z.ZodType;
  /** `step` is what the schema let through. */
  compile(step: unknown, compiler: StepCompiler): StepCode;
}

/** Pieces for a step's schema. */
export interface SchemaParts {
  /** A closed object with the optional `id` that every step has. */
  step<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType<z.output<z.ZodObject<Shape>>>;
  /** A nested list of steps; each is checked when it is compiled, so here it is plain. */
  steps: z.ZodType<RawSteps>;
}
export type RawSteps = readonly unknown[];

/** Keeps the type of the schema for `compile`. */
export function defineStep<Schema extends z.ZodType>(definition: {
  kind: string;
  bare?: string;
  schema(parts: SchemaParts): Schema;
  compile(step: z.output<Schema>, compiler: StepCompiler): StepCode;
}): StepDefinition {
  return {
    kind: definition.kind,
    bare: definition.bare,
    schema: definition.schema,
    compile: (step, compiler) => definition.compile(step as z.output<Schema>, compiler),
  };
}

/** A place to go on at, chosen when the file was compiled. Opaque. */
export interface Branch {
  readonly branch: number;
}
/** A dialog, or a step of this file. */
export interface Target {
  readonly name: string;
}

/** What a step may ask for while it is compiled. `at` is the path inside the step, so that problems point at the right place. */
export interface StepCompiler {
  text(raw: RawText, at: SourcePath): DialogText;
  /** One text for agents or platforms, not per language. */
  template(raw: string, at: SourcePath): Template;
  expression(raw: RawExpression, at: SourcePath): Expression;
  /** A template or expression inside may also read these variables. */
  withVariables<T>(extra: Record<string, Shape>, compile: () => T): T;
  /**
   * Steps of a branch; afterwards the dialog goes on behind this step. `ends`: instead this dialog ends, or all that called it too.
   * `only`: the step kinds that may stand there.
   */
  branch(
    steps: RawSteps | undefined,
    at: SourcePath,
    options?: { ends?: 'dialog' | 'all'; only?: readonly string[] },
  ): Branch;
  /** A place named by `goto` (dialog or step id) or `call` (dialog). */
  target(name: string, at: SourcePath, how: 'goto' | 'call'): Target;
  /** This step puts something into a variable. */
  writes(variable: string, at: SourcePath, shape?: Shape): void;
  problem(at: SourcePath, what: string): void;
}

export type StepResult =
  | { do: 'next' }
  | { do: 'branch'; to: Branch }
  | { do: 'goto'; to: Target }
  | { do: 'call'; to: Target }
  /** The turn ends here; the next event of the conversation comes to `answer` or `event`. */
  | { do: 'wait' }
  /** Only from `answer`: it does not fit. Another dialog may take over, else `retry` runs. */
  | { do: 'unfit' }
  | { do: 'end' }
  /** Ends every dialog of the conversation. */
  | { do: 'end_all' };

/** A compiled step. It holds no state: everything that outlives a turn is in `turn.memory` or a variable. */
export interface StepCode {
  /** `buyer`, `desk`: may return `wait` and then needs `answer` or `event`. Graph checks rest on it. */
  readonly waits?: 'buyer' | 'desk';
  /** True when it never answers `next`: it leaves (`goto`, `end`) or always takes a branch (`if`). */
  readonly neverNext?: boolean;
  run(turn: StepTurn): StepResult | Promise<StepResult>;
  /** The buyer wrote while this step waits. */
  answer?(turn: StepTurn): StepResult | Promise<StepResult>;
  /** The answer did not fit and nobody took over. */
  retry?(turn: StepTurn): StepResult | Promise<StepResult>;
  /** An event came while this step waits; `undefined`: not mine. */
  event?(turn: StepTurn, name: string, value: unknown): StepResult | undefined | Promise<StepResult | undefined>;
}

export const NEXT: StepResult = { do: 'next' };
export const WAIT: StepResult = { do: 'wait' };
export const UNFIT: StepResult = { do: 'unfit' };

/** What a running step can see and do. */
export interface StepTurn {
  readonly ports: BotPorts;
  /** Buyer's words of this turn, bursts joined by line breaks. */
  readonly text: string;
  /** Visible parts of this turn that are more than text. */
  readonly cards: readonly MessagePart[];
  /** Plain JSON that lives while the dialog waits at this step; empty when the step is entered. */
  memory: Record<string, unknown>;
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  evaluate(expression: Expression, extra?: Readonly<Record<string, unknown>>): unknown;
  render(template: Template, extra?: Readonly<Record<string, unknown>>): string;
  /** All variants in the buyer's language, the one to say first. */
  renderText(text: DialogText, extra?: Readonly<Record<string, unknown>>): string[];
  /** Says the first, keeps the others for a platform that refuses repeats. */
  say(variants: readonly string[]): Promise<void>;
  show(part: MessagePart): Promise<void>;
  /** The bridge's own words in the buyer's language (`menu.hint`). */
  bridgeWords(key: 'menu.hint'): string;
  handoff(request: HandoffInitiate): Promise<void>;
  leaveMessage(message: LeaveMessage): Promise<void>;
  endConversation(): Promise<void>;
}

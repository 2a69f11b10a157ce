import { z } from 'zod';
import type { Problem } from '../common/errors.ts';
import { compileTriggers } from './compile-triggers.ts';
import { type CompiledDialog, END_ALL_NODE, END_NODE, type StepNode, type TargetRef } from './compiled-dialog.ts';
import { dialogFileSchema } from './dialog-schema.ts';
import { compileExpression, type Expression } from './expressions.ts';
import { suggestion } from './nearest.ts';
import { problemsOfIssues } from './problems.ts';
import type { StepCode, StepCompiler } from './step-contract.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';
import { compileTemplate, type Template } from './templates.ts';
import { compileText } from './texts.ts';
import { BUILT_IN, RESERVED, SETTABLE, type Shape, type VariablePath } from './variables.ts';
import type { SourcePath, YamlSource } from './yaml-source.ts';

const fileSchema = dialogFileSchema(
  z.array(z.unknown(), { error: 'write a list of steps, each beginning with "- "' }).min(1, 'write at least one step'),
);

/** Deeper is unreadable, and bounds recursion. */
const MAX_NESTING = 20;
const NOTHING: StepCode = { run: () => ({ do: 'next' }) };

/** Compiles one file as far as it goes: what is wrong is added to `problems`, and the rest is still looked at. */
export function compileDialog(
  file: { name: string; hash: string; source: YamlSource },
  registry: StepRegistry,
  problems: Problem[],
): CompiledDialog | undefined {
  const { source } = file;
  const parsed = fileSchema.safeParse(source.content);
  if (!parsed.success) problems.push(...problemsOfIssues(parsed.error.issues, source, []));
  const content = source.content;
  if (content === null || typeof content !== 'object' || Array.isArray(content)) return undefined;
  const dialog: CompiledDialog = {
    name: file.name,
    hash: file.hash,
    id: `${file.name}@${file.hash}`,
    file: source.file,
    description: parsed.success ? parsed.data.description : undefined,
    triggers: [],
    nodes: [],
    entry: END_NODE,
    byPath: new Map(),
    byStepId: new Map(),
    lists: [],
    reads: [],
    writes: [],
    texts: [],
  };
  dialog.triggers = compileTriggers(file.name, parsed.success ? parsed.data.on : undefined, source, dialog, problems);
  const steps = 'steps' in content && Array.isArray(content.steps) ? content.steps : [];
  const walker = new StepWalker(dialog, source, registry, problems);
  dialog.entry = walker.list(steps, ['steps'], END_NODE, undefined, 0);
  dialog.byPath = new Map(dialog.nodes.map((node) => [node.path, node.index]));
  dialog.byStepId = walker.stepIds;
  return dialog;
}

class StepWalker {
  readonly stepIds = new Map<string, number>();
  private local: Readonly<Record<string, Shape>> = {};

  constructor(
    private readonly dialog: CompiledDialog,
    private readonly source: YamlSource,
    private readonly registry: StepRegistry,
    private readonly problems: Problem[],
  ) {}

  /** Compiles a list from its end, so that each step knows what follows it. Answers the index of its first step. */
  list(steps: readonly unknown[], at: SourcePath, after: number, owner: number | undefined, depth: number): number {
    if (depth > MAX_NESTING) {
      this.problems.push({
        where: this.source.at(at),
        what: 'nested too deeply; move this part into its own dialog and call it',
      });
      return after;
    }
    const nodes: number[] = [];
    let next = after;
    for (let i = steps.length - 1; i >= 0; i--) {
      const index = this.step(steps[i], [...at, i], next, depth);
      if (index === undefined) continue;
      nodes.unshift(index);
      next = index;
    }
    this.dialog.lists.push({ owner, nodes });
    return next;
  }

  private step(written: unknown, at: SourcePath, next: number, depth: number): number | undefined {
    const found = this.kindOf(written, at);
    if (found === undefined) return undefined;
    const { registered, value } = found;
    const parsed = registered.schema.safeParse(value);
    const index = this.dialog.nodes.length;
    const id = typeof value.id === 'string' ? value.id : undefined;
    const node: StepNode = {
      index,
      path: at.slice(1).join('.'),
      kind: registered.definition.kind,
      id,
      where: this.source.at(at),
      next,
      branches: [],
      code: NOTHING,
      targets: [],
    };
    this.dialog.nodes.push(node);
    if (id !== undefined) {
      if (this.stepIds.has(id))
        this.problems.push({
          where: this.source.at([...at, 'id']),
          what: `the id "${id}" stands twice in this file; choose another`,
        });
      this.stepIds.set(id, index);
    }
    if (parsed.success) {
      node.code = registered.definition.compile(parsed.data, this.compiler(node, at, depth));
    } else {
      this.problems.push(...problemsOfIssues(parsed.error.issues, this.source, at));
      // The nested steps are still looked at, so that one mistake does not hide the others.
      for (const [key, inner] of Object.entries(value)) this.nested(inner, [...at, key], node, depth);
    }
    return index;
  }

  private nested(value: unknown, at: SourcePath, node: StepNode, depth: number): void {
    if (!Array.isArray(value)) return;
    const key = at.at(-1);
    const isSteps = value.some((inner) => this.looksLikeStep(inner));
    if (isSteps && key !== 'options') node.branches.push(this.list(value, at, node.next, node.index, depth + 1));
    else if (key === 'options') {
      value.forEach((option: unknown, i) => {
        if (option !== null && typeof option === 'object' && 'steps' in option)
          this.nested(option.steps, [...at, i, 'steps'], node, depth);
      });
    }
  }

  private looksLikeStep = (value: unknown): boolean =>
    value !== null &&
    typeof value === 'object' &&
    Object.keys(value).some((key) => this.registry.get(key) !== undefined);

  /** Which kind of step is this? Says what to write when it cannot be told. */
  private kindOf(
    written: unknown,
    at: SourcePath,
  ): { registered: RegisteredStep; value: Record<string, unknown> } | undefined {
    const complain = (what: string, where = this.source.at(at)) => {
      this.problems.push({ where, what });
      return undefined;
    };
    const { kinds } = this.registry;
    if (typeof written === 'string') {
      const registered = this.registry.get(written);
      if (registered?.definition.bare !== undefined)
        return { registered, value: { [written]: registered.definition.bare } };
      if (registered !== undefined) return complain(`"${written}" needs a value; write "- ${written}: …"`);
      return complain(
        `"${written.slice(0, 40)}" is not a step; ${suggestion(written.slice(0, 40), kinds)} (to say it, write "- say: …")`,
      );
    }
    if (written === null || typeof written !== 'object' || Array.isArray(written))
      return complain(`this is not a step; write for example "- say: Hello" (steps: ${kinds.join(', ')})`);
    const keys = Object.keys(written);
    const present = keys.filter((key) => this.registry.get(key) !== undefined);
    const [kind, second] = present;
    if (kind === undefined) {
      const first = keys[0] ?? '';
      return complain(`unknown step "${first}"; ${suggestion(first, kinds)}`, this.source.atKey(at, first));
    }
    if (second !== undefined)
      return complain(
        `"${kind}" and "${second}" are two steps; begin each with its own "- "`,
        this.source.atKey(at, second),
      );
    const registered = this.registry.get(kind);
    return registered === undefined ? undefined : { registered, value: written as Record<string, unknown> };
  }

  private compiler(node: StepNode, at: SourcePath, depth: number): StepCompiler {
    const place = (inner: SourcePath) => this.source.at([...at, ...inner]);
    const reads = (paths: readonly VariablePath[], where: string) => {
      for (const path of paths) this.dialog.reads.push({ path, where, local: this.local });
    };
    return {
      text: (raw, inner) => {
        const compiled = compileText(raw);
        for (const problem of compiled.problems)
          this.problems.push({ where: place([...inner, ...problem.at]), what: problem.what });
        for (const { template, at: deeper } of compiled.templates) reads(template.reads, place([...inner, ...deeper]));
        if (compiled.text.languages !== null)
          this.dialog.texts.push({ languages: compiled.text.languages, where: place(inner) });
        return compiled.text;
      },
      template: (raw, inner): Template => {
        const compiled = compileTemplate(raw);
        if ('problem' in compiled) {
          this.problems.push({ where: place(inner), what: compiled.problem });
          return { source: raw, reads: [], render: () => '' };
        }
        reads(compiled.template.reads, place(inner));
        return compiled.template;
      },
      expression: (raw, inner): Expression => {
        const compiled = compileExpression(raw);
        if ('problem' in compiled) {
          this.problems.push({ where: place(inner), what: compiled.problem });
          return { source: String(raw), reads: [], evaluate: () => null };
        }
        reads(compiled.expression.reads, place(inner));
        return compiled.expression;
      },
      withVariables: (extra, compile) => {
        const before = this.local;
        this.local = { ...before, ...extra };
        try {
          return compile();
        } finally {
          this.local = before;
        }
      },
      branch: (steps, inner, options = {}) => {
        const after = options.ends === 'all' ? END_ALL_NODE : options.ends === 'dialog' ? END_NODE : node.next;
        if (options.only !== undefined) this.refuseOthers(steps ?? [], [...at, ...inner], options.only);
        const entry = this.list(steps ?? [], [...at, ...inner], after, node.index, depth + 1);
        node.branches.push(entry);
        return { branch: entry };
      },
      target: (name, inner, how) => {
        const target: TargetRef = { name, how, where: place(inner) };
        node.targets.push(target);
        return target;
      },
      writes: (variable, inner, shape = 'any') => {
        if (RESERVED.has(variable))
          this.problems.push({
            where: place(inner),
            what: `"${variable}" is a word of the language; choose another name`,
          });
        else if (Object.hasOwn(BUILT_IN, variable) && !SETTABLE.has(variable))
          this.problems.push({ where: place(inner), what: `"${variable}" is set by Buyerline; choose another name` });
        else this.dialog.writes.push({ variable, shape, where: place(inner) });
      },
      problem: (inner, what) => this.problems.push({ where: place(inner), what }),
    };
  }

  private refuseOthers(steps: readonly unknown[], at: SourcePath, only: readonly string[]): void {
    steps.forEach((step, i) => {
      const key =
        typeof step === 'string'
          ? step
          : Object.keys((step ?? {}) as object).find((k) => this.registry.get(k) !== undefined);
      if (key !== undefined && this.registry.get(key) !== undefined && !only.includes(key)) {
        this.problems.push({
          where: this.source.at([...at, i]),
          what: `"${key}" cannot stand here, a person has the conversation now; only ${only.join(' and ')} can`,
        });
      }
    });
  }
}

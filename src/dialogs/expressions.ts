import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { RawExpression } from './schema-parts.ts';
import type { VariablePath } from './variables.ts';

/**
 * Conditions and values are CEL: typed, without loops, without a way to the host. They are compiled when files are loaded; at run time only
 * values go in, so that nothing a buyer writes can become an expression.
 */
export interface Expression {
  readonly source: string;
  /** Everything that it reads, for the check. */
  readonly reads: readonly VariablePath[];
  /** `get` answers a variable's value, `undefined` when it has none. The result is plain JSON. Throws on a type error. */
  evaluate(get: (name: string) => unknown): unknown;
}

const SECOND = 1000;
const environment = createEnvironment();

function createEnvironment(): Environment {
  const cel = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 500, maxDepth: 30 },
  });
  // Variables come as JavaScript numbers, which CEL takes for doubles, while a written 1 is an int: let them meet.
  const arithmetic: Record<string, (left: number, right: number) => number> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
    '%': (left, right) => left % right,
  };
  for (const [operator, apply] of Object.entries(arithmetic)) {
    const mixed = (left: unknown, right: unknown): number => apply(Number(left), Number(right));
    cel.registerOperator(`double ${operator} int`, mixed);
    cel.registerOperator(`int ${operator} double`, mixed);
  }
  cel.registerFunction('known(dyn): bool', isKnown);
  const spans: Record<string, number> = { minutes: 60 * SECOND, hours: 3600 * SECOND, days: 24 * 3600 * SECOND };
  for (const [name, unit] of Object.entries(spans)) {
    const span = (count: unknown): number => Number(count) * unit;
    cel.registerFunction(`${name}(int): double`, span);
    cel.registerFunction(`${name}(double): double`, span);
  }
  return cel;
}

/** Has a value: not unset, not an empty text, not an empty list. */
export function isKnown(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

/** True, or known and neither 0 nor false. */
export const isTrue = (value: unknown): boolean => value !== false && value !== 0 && isKnown(value);

/** Compiles, or says in words what is wrong. */
export function compileExpression(raw: RawExpression): { expression: Expression } | { problem: string } {
  if (typeof raw !== 'string') return { expression: { source: String(raw), reads: [], evaluate: () => raw } };
  let parsed: ParseResult;
  try {
    parsed = environment.parse(raw);
    const checked = parsed.check();
    if (!checked.valid) return { problem: expressionHelp(raw, checked.error?.message ?? 'wrong types') };
  } catch (thrown) {
    return { problem: expressionHelp(raw, thrown instanceof Error ? thrown.message : 'cannot be read') };
  }
  const reads: VariablePath[] = [];
  const wrong = walk(parsed.ast, new Set(), reads);
  if (wrong !== null) return { problem: wrong };
  const names = [...new Set(reads.map((path) => String(path[0])))];
  return {
    expression: {
      source: raw,
      reads,
      evaluate(get) {
        const scope: Record<string, unknown> = {};
        for (const name of names) scope[name] = get(name) ?? null;
        return toPlain(parsed(scope));
      },
    },
  };
}

function expressionHelp(source: string, message: string): string {
  const first = (message.split('\n')[0] ?? '').slice(0, 160);
  const word = /^[\p{L}\p{N}][\p{L}\p{N} ]*$/u.test(source);
  if (/[^=!<>]=[^=]/.test(source)) return `${first}; to compare, write == with two signs`;
  return word
    ? `${first}; to write a text, put quotes inside the quotes: "'${source}'"`
    : `not an expression: ${first}`;
}

/** Collects what is read. Names bound by `exists(x, …)` and its like are not variables. */
function walk(node: ASTNode, bound: ReadonlySet<string>, reads: VariablePath[]): string | null {
  const path = pathOf(node);
  if (path !== null && typeof path[0] === 'string') {
    if (!bound.has(path[0])) reads.push(path);
    return indexProblems(node, bound, reads);
  }
  switch (node.op) {
    case 'value':
    case 'id':
      return null;
    case 'rcall': {
      const [name, receiver, args] = node.args;
      const first = args[0];
      if (name === 'matches' && first?.op !== 'value')
        return 'matches() wants a pattern in quotes, not a variable: what a buyer writes is never a pattern';
      const macro = ['all', 'exists', 'exists_one', 'map', 'filter'].includes(name) && first?.op === 'id';
      const inner = macro ? new Set([...bound, String(first.args)]) : bound;
      return firstOf([receiver], bound, reads) ?? firstOf(macro ? args.slice(1) : args, inner, reads);
    }
    case 'call': {
      const [name, args] = node.args;
      if (name === 'matches' && args[1]?.op !== 'value')
        return 'matches() wants a pattern in quotes, not a variable: what a buyer writes is never a pattern';
      return firstOf(args, bound, reads);
    }
    case 'list':
      return firstOf(node.args, bound, reads);
    case 'map':
      return firstOf(node.args.flat(), bound, reads);
    case '.':
    case '.?':
      return walk(node.args[0], bound, reads);
    case '!_':
    case '-_':
      return walk(node.args, bound, reads);
    default:
      return firstOf(node.args, bound, reads);
  }
}

function firstOf(nodes: readonly ASTNode[], bound: ReadonlySet<string>, reads: VariablePath[]): string | null {
  let problem: string | null = null;
  for (const node of nodes) problem = walk(node, bound, reads) ?? problem;
  return problem;
}

/** `order.items[0].name` as a path; `null` when it does not begin with a variable. */
function pathOf(node: ASTNode): VariablePath | null {
  if (node.op === 'id') return [node.args];
  if (node.op === '.') {
    const before = pathOf(node.args[0]);
    return before === null ? null : [...before, node.args[1]];
  }
  if (node.op === '[]') {
    const before = pathOf(node.args[0]);
    if (before === null) return null;
    const index = node.args[1];
    const value = index.op === 'value' ? index.args : null;
    return [...before, typeof value === 'string' ? value : typeof value === 'bigint' ? Number(value) : null];
  }
  return null;
}

/** The `i` of `orders[i]` is read too. */
function indexProblems(node: ASTNode, bound: ReadonlySet<string>, reads: VariablePath[]): string | null {
  if (node.op === '.') return indexProblems(node.args[0], bound, reads);
  if (node.op === '[]') return walk(node.args[1], bound, reads) ?? indexProblems(node.args[0], bound, reads);
  return null;
}

/** CEL's values as JSON holds them: 64-bit integers become numbers, timestamps milliseconds. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), toPlain(inner)]));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}

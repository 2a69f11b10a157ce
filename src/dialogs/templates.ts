import { Liquid, type Template as LiquidNode } from 'liquidjs';
import { registerFilters } from './filters.ts';
import type { VariablePath } from './variables.ts';

/**
 * Texts are Liquid. They are compiled when files are loaded and never later: what a buyer wrote goes in as a value, and its `{{` stays text.
 * Own properties only, unknown variables fail, no files, bounded time and memory.
 */
export interface Template {
  readonly source: string;
  readonly reads: readonly VariablePath[];
  /** Plain text. Throws when a variable has no value. */
  render(scope: Record<string, unknown>): string;
}

/** Tags that load other files; a dialog has none. */
const FILE_TAGS = ['include', 'render', 'layout', 'block'];
const engine = createEngine();

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    // An empty set of templates instead of the disk: nothing a file says can read one.
    templates: {},
    cache: false,
    parseLimit: 100_000,
    renderLimit: 200,
    memoryLimit: 1_000_000,
  });
  for (const tag of FILE_TAGS) Reflect.deleteProperty(liquid.tags, tag);
  registerFilters(liquid);
  return liquid;
}

export function compileTemplate(source: string): { template: Template } | { problem: string } {
  if (!source.includes('{{') && !source.includes('{%'))
    return { template: { source, reads: [], render: () => source } };
  let nodes: LiquidNode[];
  let reads: VariablePath[];
  try {
    nodes = engine.parse(source);
    reads = engine
      .globalVariableSegmentsSync(nodes)
      .map((segments) =>
        segments.map((segment) => (typeof segment === 'string' || typeof segment === 'number' ? segment : null)),
      );
  } catch (thrown) {
    return { problem: templateHelp(thrown instanceof Error ? thrown.message : 'cannot be read') };
  }
  return { template: { source, reads, render: (scope) => String(engine.renderSync(nodes, scope)) } };
}

function templateHelp(message: string): string {
  const first = (message.split('\n')[0] ?? '').replace(/, line:.*$/, '').slice(0, 160);
  if (first.includes('undefined filter')) {
    return `${first}; filters of ours: money, date, order_status, parcel_status; of Liquid: default, upcase, truncate, size, join…`;
  }
  if (/tag "(include|render|layout|block)" not found/.test(first))
    return 'texts cannot include files; write the words here';
  return `the template cannot be read: ${first}; write {{ variable }} or {{ variable | filter }}`;
}

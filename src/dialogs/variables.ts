import { suggestion } from './nearest.ts';

/** What is known about a variable's inside. `any`: nothing, every path is allowed. */
export type Shape = 'text' | 'any' | { list: Shape } | { [field: string]: Shape };

const MONEY: Shape = { amount: 'text', currency: 'text' };
const ITEM: Shape = {
  product_id: 'text',
  sku_id: 'text',
  name: 'text',
  variant: 'text',
  quantity: 'text',
  price: MONEY,
  image_url: 'text',
};
export const ORDER_SHAPE: Shape = {
  id: 'text',
  status: 'text',
  raw_status: 'text',
  created_at: 'text',
  paid_at: 'text',
  ship_by: 'text',
  deliver_by: 'text',
  delivered_at: 'text',
  total: MONEY,
  carrier: 'text',
  tracking_number: 'text',
  package_ids: { list: 'text' },
  items: { list: ITEM },
};
const TRACKING_STEP: Shape = { text: 'text', at: 'text' };
export const TRACKING_SHAPE: Shape = {
  order_id: 'text',
  carrier: 'text',
  tracking_number: 'text',
  steps: { list: TRACKING_STEP },
  latest: TRACKING_STEP,
};
export const PRODUCT_SHAPE: Shape = {
  id: 'text',
  title: 'text',
  description: 'text',
  price: MONEY,
  in_stock: 'text',
  variants: { list: { id: 'text', name: 'text', price: MONEY, stock: 'text' } },
  image_url: 'text',
};

/** Variables that every dialog has. `SETTABLE` ones may also be written. */
export const BUILT_IN: Readonly<Record<string, Shape>> = {
  buyer: { name: 'text' },
  shop: { id: 'text', channel: 'text', market: 'text', time_zone: 'text' },
  language: 'text',
  hours: { open: 'text', opens_at: 'text' },
  message: { text: 'text', type: 'text' },
  order_id: 'text',
  product_id: 'text',
  fallback_count: 'text',
  now: 'text',
};
export const SETTABLE: ReadonlySet<string> = new Set(['order_id', 'product_id']);

/** Words of Liquid and CEL that cannot name a variable. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...[
    'true',
    'false',
    'null',
    'nil',
    'empty',
    'blank',
    'in',
    'and',
    'or',
    'not',
    'contains',
    'forloop',
    'tablerowloop',
  ],
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package'],
  ...[
    'namespace',
    'return',
    'var',
    'void',
    'while',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'bytes',
    'list',
    'map',
    'type',
    'dyn',
  ],
]);

/** Reading of a variable: `['order', 'items', 0, 'name']`; a `null` segment stands for one that is only known at run time. */
export type VariablePath = readonly (string | number | null)[];

/** Liquid's own properties of texts and lists. */
const LIQUID_EXTRAS = new Set(['size', 'first', 'last']);

/** What is wrong with reading this path, or `null`. `shapes` holds every variable that exists. */
export function pathProblem(path: VariablePath, shapes: ReadonlyMap<string, Shape>): string | null {
  const root = path[0];
  if (typeof root !== 'string') return null;
  let shape = shapes.get(root);
  if (shape === undefined) {
    return `unknown variable "${root}"; ${suggestion(root, [...shapes.keys()])}`;
  }
  let soFar = root;
  for (const segment of path.slice(1)) {
    if (shape === 'any' || shape === undefined) return null;
    if (shape === 'text') {
      if (segment === null || (typeof segment === 'string' && LIQUID_EXTRAS.has(segment))) return null;
      return `"${soFar}" has no parts, so "${soFar}.${segment}" says nothing; write "${soFar}"`;
    }
    if (isList(shape)) {
      if (typeof segment === 'string' && segment === 'size') return null;
      if (segment === null || typeof segment === 'number' || LIQUID_EXTRAS.has(segment)) shape = shape.list;
      else return `"${soFar}" is a list; write "${soFar}[0].${segment}" or go through it with {% for %}`;
    } else {
      if (segment === null) return null;
      const inner: Shape | undefined = Object.hasOwn(shape, segment) ? shape[segment] : undefined;
      if (inner === undefined)
        return `"${soFar}" has no "${segment}"; ${suggestion(String(segment), Object.keys(shape))}`;
      shape = inner;
    }
    soFar = typeof segment === 'number' || segment === null ? `${soFar}[${segment ?? 0}]` : `${soFar}.${segment}`;
  }
  return null;
}

const isList = (shape: Shape): shape is { list: Shape } =>
  typeof shape === 'object' && Object.keys(shape).length === 1 && Object.hasOwn(shape, 'list');

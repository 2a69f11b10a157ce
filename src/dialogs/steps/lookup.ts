import { z } from 'zod';
import type { Found, Order, Product, Tracking } from '../../contracts/lookups.ts';
import { expressionSchema, variableSchema } from '../schema-parts.ts';
import { defineStep, type StepResult, type StepTurn } from '../step-contract.ts';
import { ORDER_SHAPE, PRODUCT_SHAPE, type Shape, TRACKING_SHAPE } from '../variables.ts';

const KINDS = {
  order: { into: 'order', by: 'order_id', shape: ORDER_SHAPE },
  recent_orders: { into: 'orders', by: null, shape: { list: ORDER_SHAPE } },
  tracking: { into: 'tracking', by: 'order_id', shape: TRACKING_SHAPE },
  product: { into: 'product', by: 'product_id', shape: PRODUCT_SHAPE },
} as const satisfies Record<string, { into: string; by: string | null; shape: Shape }>;
const KIND_NAMES = ['order', 'recent_orders', 'tracking', 'product'] as const;

/** Asks the marketplace. An answer is found, absent (also: another buyer's) or failed, and each has its own steps. */
export const lookupStep = defineStep({
  kind: 'lookup',
  schema: ({ step, steps }) =>
    step({
      lookup: z.enum(KIND_NAMES, { error: `write one of ${KIND_NAMES.join(', ')}` }),
      by: expressionSchema.optional(),
      limit: z.number({ error: 'write a number from 1 to 10' }).int().min(1).max(10).optional(),
      into: variableSchema.optional(),
      found: steps.optional(),
      absent: steps.optional(),
      failed: steps.optional(),
    }),
  compile(step, compiler) {
    const kind = KINDS[step.lookup];
    const into = step.into ?? kind.into;
    if (step.by !== undefined && kind.by === null)
      compiler.problem(['by'], 'recent_orders are those of this buyer; leave "by" out');
    if (step.limit !== undefined && kind.by !== null)
      compiler.problem(['limit'], '"limit" belongs to recent_orders; leave it out');
    const by = kind.by === null ? undefined : compiler.expression(step.by ?? kind.by, ['by']);
    for (const branch of ['absent', 'failed'] as const) {
      if (step[branch] === undefined)
        compiler.problem(
          [],
          `this lookup has no "${branch}"; write what the buyer is told when ${branch === 'absent' ? 'there is no such thing' : 'the marketplace cannot be asked'}`,
        );
    }
    compiler.writes(into, step.into === undefined ? ['lookup'] : ['into'], kind.shape);
    const found: StepResult = { do: 'branch', to: compiler.branch(step.found, ['found']) };
    const absent: StepResult = { do: 'branch', to: compiler.branch(step.absent, ['absent']) };
    const failed: StepResult = { do: 'branch', to: compiler.branch(step.failed, ['failed']) };
    return {
      neverNext: true,
      async run(turn) {
        const id = by === undefined ? '' : String(turn.evaluate(by) ?? '').trim();
        // Nothing to look for is not worth a call, and a platform may answer an empty id with something odd.
        if (by !== undefined && id === '') return absent;
        const answer = await ask(turn, step.lookup, id, step.limit ?? 3);
        if (answer.kind === 'failed') {
          turn.ports.note({ what: 'lookup.failed', detail: `${step.lookup}: ${answer.reason}` });
          return failed;
        }
        if (answer.kind === 'absent') return absent;
        turn.set(into, answer.value);
        if (step.lookup === 'order' || step.lookup === 'tracking') turn.ports.learn({ orderId: id });
        if (step.lookup === 'product') turn.ports.learn({ productId: id });
        return found;
      },
    };
  },
});

async function ask(
  turn: StepTurn,
  kind: (typeof KIND_NAMES)[number],
  id: string,
  limit: number,
): Promise<Found<unknown>> {
  const { lookups } = turn.ports;
  try {
    switch (kind) {
      case 'order':
        return mapFound(await lookups.order(id), orderValue);
      case 'tracking':
        return mapFound(await lookups.tracking(id), trackingValue);
      case 'product':
        return mapFound(await lookups.product(id), productValue);
      case 'recent_orders': {
        const answer = await lookups.recentOrders(limit);
        if (answer.kind === 'found' && answer.value.length === 0) return { kind: 'absent' };
        return mapFound(answer, (orders) => orders.slice(0, limit).map(orderValue));
      }
    }
  } catch (thrown) {
    // A channel should answer `failed`; one that throws must not cost the buyer the dialog's own words for it.
    return { kind: 'failed', reason: thrown instanceof Error ? thrown.name : 'error' };
  }
}

const mapFound = <T>(answer: Found<T>, map: (value: T) => unknown): Found<unknown> =>
  answer.kind === 'found' ? { kind: 'found', value: map(answer.value) } : answer;

const text = (value: string | null): string => value ?? '';

const orderValue = (order: Order) => ({
  id: order.id,
  status: order.status,
  raw_status: order.rawStatus,
  created_at: order.createdAt,
  paid_at: order.paidAt,
  ship_by: order.shipBy,
  deliver_by: order.deliverBy,
  delivered_at: order.deliveredAt,
  total: order.total,
  carrier: text(order.carrier),
  tracking_number: text(order.trackingNumber),
  package_ids: order.packageIds,
  items: order.items.map((item) => ({
    product_id: item.productId,
    sku_id: item.skuId,
    name: item.name,
    variant: item.variant,
    quantity: item.quantity,
    price: item.price,
    image_url: text(item.imageUrl),
  })),
});

const trackingValue = (tracking: Tracking) => ({
  order_id: tracking.orderId,
  carrier: text(tracking.carrier),
  tracking_number: text(tracking.trackingNumber),
  // The newest twenty are plenty, and the value is stored with the conversation.
  steps: tracking.steps.slice(0, 20).map((step) => ({ text: step.text, at: step.at })),
  latest: tracking.steps[0] ?? null,
});

const productValue = (product: Product) => ({
  id: product.id,
  title: product.title,
  description: product.description,
  price: product.price,
  in_stock: product.inStock,
  variants: product.variants,
  image_url: text(product.imageUrl),
});

import { convert } from 'html-to-text';
import type { Money, Order, OrderItem, OrderStatus, Product } from '../../contracts/lookups.ts';
import type { ApiLineItem, ApiOrder, ApiProduct } from './schema.ts';

/** Order detail says `CANCELLED`, the webhook `CANCEL`. Source: `get-order-detail` (202309), `1-order-status-change`. */
const STATUSES: Readonly<Record<string, OrderStatus>> = {
  UNPAID: 'unpaid',
  ON_HOLD: 'on_hold',
  AWAITING_SHIPMENT: 'to_ship',
  PARTIALLY_SHIPPING: 'partly_shipped',
  AWAITING_COLLECTION: 'to_collect',
  IN_TRANSIT: 'in_transit',
  DELIVERED: 'delivered',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  CANCEL: 'cancelled',
};

export const orderStatusOf = (raw: string): OrderStatus =>
  (Object.hasOwn(STATUSES, raw) ? STATUSES[raw] : undefined) ?? 'unknown';

const atMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
const moneyOf = (amount: string | null | undefined, currency: string | undefined): Money | null =>
  amount && currency ? { amount, currency } : null;

export function toOrder(order: ApiOrder): Order {
  const firstWith = (read: (item: ApiLineItem) => string): string | null =>
    orNull(order.line_items.map(read).find((text) => text !== ''));
  const packageIds = [...order.packages.map((parcel) => parcel.id), ...order.line_items.map((item) => item.package_id)];
  return {
    id: order.id,
    status: orderStatusOf(order.status),
    rawStatus: order.status,
    createdAt: atMs(order.create_time),
    paidAt: atMs(order.paid_time),
    shipBy: atMs(order.rts_sla_time ?? order.shipping_due_time),
    deliverBy: atMs(order.delivery_sla_time),
    deliveredAt: atMs(order.delivery_time),
    total: moneyOf(order.payment?.total_amount, order.payment?.currency),
    carrier: orNull(order.shipping_provider) ?? firstWith((item) => item.shipping_provider_name),
    trackingNumber: orNull(order.tracking_number) ?? firstWith((item) => item.tracking_number),
    packageIds: [...new Set(packageIds.filter((id) => id !== null))],
    items: itemsOf(order.line_items),
  };
}

/** There is one line per unit and no quantity: equal `sku_id`s are counted. */
function itemsOf(lines: readonly ApiLineItem[]): OrderItem[] {
  const items = new Map<string, OrderItem>();
  for (const line of lines) {
    const key = line.sku_id ?? `${line.product_id ?? ''} ${line.product_name} ${line.sku_name}`;
    const known = items.get(key);
    if (known !== undefined) {
      known.quantity += 1;
      continue;
    }
    items.set(key, {
      productId: line.product_id ?? '',
      skuId: line.sku_id ?? '',
      name: line.product_name,
      variant: line.sku_name,
      quantity: 1,
      price: moneyOf(line.sale_price, line.currency),
      imageUrl: orNull(line.sku_image),
    });
  }
  return [...items.values()];
}

const DESCRIPTION_LIMIT = 2_000;

export function toProduct(product: ApiProduct): Product {
  const variants = product.skus.map((sku) => ({
    id: sku.id,
    name: sku.sales_attributes
      .map((attribute) => attribute.value_name)
      .filter((name) => name !== '')
      .join(' / '),
    price: moneyOf(sku.price?.sale_price, sku.price?.currency),
    stock: sku.inventory ? sku.inventory.reduce((sum, place) => sum + place.quantity, 0) : null,
  }));
  const stocks = variants.map((variant) => variant.stock).filter((stock) => stock !== null);
  return {
    id: product.id,
    title: product.title,
    description: plainText(product.description),
    price: cheapest(variants.map((variant) => variant.price)),
    inStock: stocks.some((stock) => stock > 0)
      ? true
      : stocks.length > 0 && stocks.length === variants.length
        ? false
        : null,
    variants,
    imageUrl: product.main_images[0]?.urls[0] ?? null,
  };
}

/** Compared as numbers, given as the platform wrote it. */
function cheapest(prices: readonly (Money | null)[]): Money | null {
  let best: Money | null = null;
  for (const price of prices)
    if (price !== null && (best === null || Number(price.amount) < Number(best.amount))) best = price;
  return best;
}

/** Product descriptions are HTML; pictures and link targets say nothing in a chat. */
function plainText(html: string): string {
  const text = convert(html, {
    wordwrap: false,
    limits: { maxInputLength: 100_000, maxDepth: 50, ellipsis: '' },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { ignoreHref: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
  const characters = [...text.replace(/\n{3,}/g, '\n\n').trim()];
  return characters.length <= DESCRIPTION_LIMIT
    ? characters.join('')
    : `${characters.slice(0, DESCRIPTION_LIMIT - 1).join('')}…`;
}

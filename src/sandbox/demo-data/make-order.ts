import type { OrderLine, TiktokOrder, TiktokPackage, TrackingEvent } from '../tiktok/types.ts';
import type { DemoProduct } from './products.ts';

const HOUR_MS = 3_600_000;

export interface OrderRecipe {
  id: string;
  buyerUserId: string;
  status: string;
  /** Hours between the order and now. */
  ageHours: number;
  product: DemoProduct;
  /** Places in the product's list of variants; one order line per unit, as the platform has no quantity. */
  units: number[];
  carrier: string;
  trackingNumber: string;
  hasReturn?: boolean;
}

const SHIPPED = new Set(['IN_TRANSIT', 'DELIVERED', 'COMPLETED', 'PARTIALLY_SHIPPING']);
const PACKED = new Set([...SHIPPED, 'AWAITING_COLLECTION']);
const ARRIVED = new Set(['DELIVERED', 'COMPLETED']);

/** An order with its parcel and tracking, consistent with its status. Money is text, as on the platform. */
export function makeOrder(recipe: OrderRecipe, nowMs: number): { order: TiktokOrder; parcels: TiktokPackage[] } {
  const { product, status } = recipe;
  const createdMs = nowMs - recipe.ageHours * HOUR_MS;
  const sec = (hours: number) => Math.floor((createdMs + hours * HOUR_MS) / 1000);
  const packed = PACKED.has(status);
  const shipped = SHIPPED.has(status);
  const packageId = `1152${recipe.id.slice(3)}`;
  const lines = recipe.units.map((at, unit): OrderLine => {
    const variant = product.variants[at] ?? { id: '0', name: '', price: '0', stock: 0 };
    // Of a partly shipped order only the first unit has left.
    const left = packed && (status !== 'PARTIALLY_SHIPPING' || unit === 0);
    return {
      id: `${recipe.id.slice(0, 16)}${10 + unit}`,
      product_id: product.id,
      product_name: product.title,
      sku_id: variant.id,
      sku_name: variant.name,
      sku_image: `https://img.invalid/${variant.id}.jpg`,
      sale_price: variant.price,
      currency: product.currency,
      display_status: left || status !== 'PARTIALLY_SHIPPING' ? status : 'AWAITING_SHIPMENT',
      package_id: left ? packageId : '',
      package_status: left ? (ARRIVED.has(status) ? 'COMPLETED' : 'PROCESSING') : '',
      tracking_number: left && shipped ? recipe.trackingNumber : '',
      shipping_provider_name: left ? recipe.carrier : '',
    };
  });
  const total = lines.reduce((sum, line) => sum + Number(line.sale_price), 0);
  const decimals = product.currency === 'IDR' ? 0 : 2;
  const order: TiktokOrder = {
    shopId: product.shopId,
    buyerUserId: recipe.buyerUserId,
    id: recipe.id,
    createdMs,
    hasReturn: recipe.hasReturn ?? false,
    returnable: status === 'DELIVERED' ? [...new Set(lines.map((line) => line.sku_id))] : [],
    tracking: trackingOf(recipe, createdMs, nowMs),
    detail: {
      id: recipe.id,
      user_id: recipe.buyerUserId,
      status,
      create_time: sec(0),
      paid_time: status === 'UNPAID' ? 0 : sec(0.1),
      update_time: sec(Math.min(recipe.ageHours, 30)),
      cancel_reason: status === 'CANCELLED' ? 'No longer needed' : '',
      is_buyer_request_cancel: false,
      buyer_message: '',
      shipping_provider: packed ? recipe.carrier : '',
      tracking_number: shipped ? recipe.trackingNumber : '',
      delivery_option_name: 'Standard shipping',
      rts_sla_time: sec(48),
      shipping_due_time: sec(48),
      delivery_sla_time: sec(168),
      ...(ARRIVED.has(status) ? { delivery_time: sec(Math.min(recipe.ageHours, 90)) } : {}),
      packages: packed ? [{ id: packageId }] : [],
      payment: {
        currency: product.currency,
        total_amount: total.toFixed(decimals),
        sub_total: total.toFixed(decimals),
        shipping_fee: (0).toFixed(decimals),
      },
      line_items: lines,
      recipient_address: {
        name: 'M**',
        phone_number: '(+**)*******12',
        full_address: '*** (masked)',
        postal_code: '***',
      },
    },
  };
  const parcels = packed
    ? [
        {
          shopId: product.shopId,
          id: packageId,
          detail: {
            package_id: packageId,
            package_status: ARRIVED.has(status) ? 'COMPLETED' : shipped ? 'FULFILLING' : 'PROCESSING',
            tracking_number: recipe.trackingNumber,
            shipping_provider_name: recipe.carrier,
            last_mile_tracking_number: '',
            orders: [{ id: recipe.id }],
          },
        },
      ]
    : [];
  return { order, parcels };
}

/** Newest first; times in milliseconds, unlike the rest of the API. */
function trackingOf(recipe: OrderRecipe, createdMs: number, nowMs: number): TrackingEvent[] {
  if (!PACKED.has(recipe.status)) return [];
  const steps: [number, string][] = [[6, 'Label created']];
  if (SHIPPED.has(recipe.status))
    steps.push([20, `Parcel handed to ${recipe.carrier}`], [34, 'Parcel arrived at the sorting centre']);
  if (ARRIVED.has(recipe.status)) steps.push([88, 'Out for delivery'], [90, 'Delivered']);
  return steps
    .map(([hours, description]) => ({ description, update_time_millis: Math.round(createdMs + hours * HOUR_MS) }))
    .filter((event) => event.update_time_millis <= nowMs)
    .reverse();
}

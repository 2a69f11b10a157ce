import type { TiktokOrder, TiktokPackage } from '../tiktok/types.ts';
import { makeOrder, type OrderRecipe } from './make-order.ts';
import { DEMO_PRODUCTS, type DemoProduct } from './products.ts';
import { DEMO_BUYERS } from './shops.ts';

const userId = (handle: string): string => DEMO_BUYERS.find((buyer) => buyer.handle === handle)?.userId ?? '';
const product = (at: number): DemoProduct => {
  const found = DEMO_PRODUCTS[at];
  if (found === undefined) throw new RangeError(`the demo has no product ${at}`);
  return found;
};

type Row = [
  id: string,
  buyer: string,
  status: string,
  ageHours: number,
  product: number,
  units: number[],
  carrier: string,
  tracking: string,
];

/** Every status once in the British shop; the other two have what their buyers ask about. */
const ROWS: readonly Row[] = [
  ['576461413038785751', 'mia', 'UNPAID', 1, 0, [1], 'Evri', ''],
  ['576461413038785752', 'mia', 'IN_TRANSIT', 60, 0, [0, 0], 'Evri', 'H00HYA0012345678'],
  ['576461413038785753', 'oliver', 'ON_HOLD', 2, 1, [0], 'Royal Mail', ''],
  ['576461413038785754', 'oliver', 'AWAITING_SHIPMENT', 20, 1, [0, 1], 'Royal Mail', ''],
  ['576461413038785755', 'xiaoyu', 'PARTIALLY_SHIPPING', 50, 1, [0, 1], 'Royal Mail', 'RM448812309GB'],
  ['576461413038785756', 'xiaoyu', 'AWAITING_COLLECTION', 26, 0, [1], 'Evri', 'H00HYA0012345699'],
  ['576461413038785757', 'weiting', 'DELIVERED', 120, 0, [0], 'Evri', 'H00HYA0012345701'],
  ['576461413038785758', 'weiting', 'COMPLETED', 700, 1, [1], 'Royal Mail', 'RM448812377GB'],
  ['576461413038785759', 'mia', 'CANCELLED', 300, 1, [0], 'Royal Mail', ''],
  ['577120983344567101', 'somchai', 'IN_TRANSIT', 48, 2, [0], 'Flash Express', 'TH47028812345B'],
  ['577120983344567102', 'ploy', 'DELIVERED', 130, 2, [0, 0], 'J&T Express', '820099123456'],
  ['577120983344567103', 'ploy', 'AWAITING_SHIPMENT', 10, 2, [0], 'Flash Express', ''],
  ['578330190022334501', 'budi', 'IN_TRANSIT', 72, 3, [1], 'JNE', 'JN0012345678'],
  ['578330190022334502', 'putri', 'AWAITING_COLLECTION', 30, 3, [0], 'SiCepat', '004512345678'],
];

export function demoOrders(nowMs: number): { orders: TiktokOrder[]; packages: TiktokPackage[] } {
  const made = ROWS.map(([id, buyer, status, ageHours, at, units, carrier, trackingNumber]) => {
    const recipe: OrderRecipe = {
      id,
      buyerUserId: userId(buyer),
      status,
      ageHours,
      product: product(at),
      units,
      carrier,
      trackingNumber,
    };
    return makeOrder(recipe, nowMs);
  });
  return { orders: made.map((row) => row.order), packages: made.flatMap((row) => row.parcels) };
}

/** Money is a decimal text as the platform gives it; never a float. */
export interface Money {
  amount: string;
  currency: string;
}

export type OrderStatus =
  | 'unpaid'
  | 'on_hold'
  | 'to_ship'
  | 'partly_shipped'
  | 'to_collect'
  | 'in_transit'
  | 'delivered'
  | 'completed'
  | 'cancelled'
  | 'unknown';

export interface OrderItem {
  productId: string;
  skuId: string;
  name: string;
  variant: string;
  quantity: number;
  price: Money | null;
  imageUrl: string | null;
}

export interface Order {
  id: string;
  status: OrderStatus;
  /** The platform's own word. */
  rawStatus: string;
  createdAt: number | null;
  paidAt: number | null;
  /** Latest time by which the shop must ship. */
  shipBy: number | null;
  /** Promised delivery, when the platform states one. */
  deliverBy: number | null;
  deliveredAt: number | null;
  total: Money | null;
  carrier: string | null;
  trackingNumber: string | null;
  packageIds: string[];
  items: OrderItem[];
}

export interface TrackingStep {
  text: string;
  at: number;
}

/** Newest step first. */
export interface Tracking {
  orderId: string;
  carrier: string | null;
  trackingNumber: string | null;
  steps: TrackingStep[];
}

export interface Product {
  id: string;
  title: string;
  /** Plain text, shortened to 2,000 characters. */
  description: string;
  price: Money | null;
  inStock: boolean | null;
  variants: { id: string; name: string; price: Money | null; stock: number | null }[];
  imageUrl: string | null;
}

/** `absent`: no such thing, or not this buyer's. `failed`: could not be asked; say so, never guess. */
export type Found<T> = { kind: 'found'; value: T } | { kind: 'absent' } | { kind: 'failed'; reason: string };

/** Scoped to one buyer by the channel: an order of another buyer is `absent`. */
export interface Lookups {
  order(orderId: string): Promise<Found<Order>>;
  /** Newest first. */
  recentOrders(limit: number): Promise<Found<Order[]>>;
  tracking(orderId: string): Promise<Found<Tracking>>;
  product(productId: string): Promise<Found<Product>>;
}

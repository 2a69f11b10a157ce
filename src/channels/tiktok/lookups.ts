import type { Conversation } from '../../contracts/conversation.ts';
import type { Found, Lookups, Order } from '../../contracts/lookups.ts';
import type { Buyers } from './buyers.ts';
import type { Commerce } from './commerce.ts';
import type { ApiFailure } from './errors.ts';
import { toOrder, toProduct } from './to-facts.ts';

/** What can be an order or product id at all; anything else is not worth a call. */
const ID = /^\d{6,32}$/;

/**
 * Reading calls for a dialog, scoped to this conversation's buyer: an order whose `user_id` is not the buyer's is `absent`, whoever asks
 * for it, so that nobody learns about another person's order by typing a number.
 */
export function createLookups(deps: { commerce: Commerce; buyers: Buyers }, conversation: Conversation): Lookups {
  const { commerce } = deps;
  const { shopId } = conversation;

  const ownOrder = async (orderId: string): Promise<Found<Order>> => {
    if (!ID.test(orderId)) return { kind: 'absent' };
    const buyer = await deps.buyers.userIdOf(conversation);
    if (buyer.kind !== 'found') return buyer;
    const result = await commerce.getOrders(shopId, [orderId]);
    if (result.kind === 'failed') return notFound(result);
    const order = result.data.orders.find((found) => found.id === orderId && found.user_id === buyer.value);
    return order === undefined ? { kind: 'absent' } : { kind: 'found', value: toOrder(order) };
  };

  return {
    order: ownOrder,
    async recentOrders(limit) {
      const buyer = await deps.buyers.userIdOf(conversation);
      if (buyer.kind !== 'found') return buyer;
      const result = await commerce.searchOrders(shopId, buyer.value, limit);
      if (result.kind === 'failed') return notFound(result);
      const orders = result.data.orders
        .filter((order) => order.user_id === buyer.value)
        .sort((a, b) => (b.create_time ?? 0) - (a.create_time ?? 0))
        .slice(0, Math.max(0, limit));
      return { kind: 'found', value: orders.map(toOrder) };
    },
    async tracking(orderId) {
      const order = await ownOrder(orderId);
      if (order.kind !== 'found') return order;
      const result = await commerce.getTracking(shopId, orderId);
      if (result.kind === 'failed') return notFound(result);
      const steps = result.data.tracking
        .map((step) => ({ text: step.description, at: step.update_time_millis }))
        .sort((a, b) => b.at - a.at);
      const { carrier, trackingNumber } = order.value;
      return { kind: 'found', value: { orderId, carrier, trackingNumber, steps } };
    },
    async product(productId) {
      if (!ID.test(productId)) return { kind: 'absent' };
      const result = await commerce.getProduct(shopId, productId);
      if (result.kind === 'failed') return notFound(result);
      return { kind: 'found', value: toProduct(result.data) };
    },
  };
}

const notFound = (failure: ApiFailure): { kind: 'absent' } | { kind: 'failed'; reason: string } =>
  failure.effect === 'absent' ? { kind: 'absent' } : { kind: 'failed', reason: failure.reason };

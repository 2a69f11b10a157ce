import type { z } from 'zod';
import { AUTHORIZED_SHOPS, type Client, nothing, type ShopCall } from './client.ts';
import type { ApiResult } from './errors.ts';
import {
  type ApiOrder,
  type ApiProduct,
  type AuthorizedShop,
  authorizedShopsSchema,
  eligibilitySchema,
  ordersSchema,
  packageSchema,
  productSchema,
  trackingSchema,
  webhooksSchema,
} from './schema.ts';
import type { ApiAccess, Transport } from './transport.ts';

/** Orders, parcels, products and the shop itself; none of these counts against the customer-service quota. */
export interface Commerce {
  /** At most 50 ids. Scope `seller.order.info`. */
  getOrders(shopId: string, orderIds: readonly string[]): Promise<ApiResult<{ orders: ApiOrder[] }>>;
  /** Newest first, at most 100. */
  searchOrders(shopId: string, buyerUserId: string, limit: number): Promise<ApiResult<{ orders: ApiOrder[] }>>;
  /** Scope `seller.logistics`; times in milliseconds. */
  getTracking(shopId: string, orderId: string): Promise<ApiResult<z.output<typeof trackingSchema>>>;
  getPackage(shopId: string, packageId: string): Promise<ApiResult<z.output<typeof packageSchema>>>;
  getProduct(shopId: string, productId: string): Promise<ApiResult<ApiProduct>>;
  /** What may be returned or refunded; a RETURN_REFUND_CARD of anything else is refused. */
  getAftersaleEligibility(shopId: string, orderId: string): Promise<ApiResult<z.output<typeof eligibilitySchema>>>;
  listWebhooks(shopId: string): Promise<ApiResult<z.output<typeof webhooksSchema>>>;
  /** `eventType` is a name, `NEW_MESSAGE`, although payloads carry numbers; `address` up to 255 characters. */
  updateWebhook(shopId: string, eventType: string, address: string): Promise<ApiResult<unknown>>;
  /** Succeeds when there was none. */
  deleteWebhook(shopId: string, eventType: string): Promise<ApiResult<unknown>>;
}

export function createCommerce(client: Client): Commerce {
  const read = <T extends z.ZodType>(
    shopId: string,
    endpoint: string,
    path: string,
    schema: T,
    query?: ShopCall['query'],
  ): Promise<ApiResult<z.output<T>>> =>
    client.call({ shopId, endpoint, method: 'GET', path, query, priority: 'lookup', counted: false }, schema);
  const webhooks = { path: '/event/202309/webhooks', priority: 'low', counted: false } as const;
  return {
    getOrders: (shopId, orderIds) =>
      read(shopId, 'orders.get', '/order/202309/orders', ordersSchema, { ids: orderIds.join(',') }),
    searchOrders: (shopId, buyerUserId, limit) =>
      client.call(
        {
          shopId,
          endpoint: 'orders.search',
          method: 'POST',
          path: '/order/202309/orders/search',
          query: {
            page_size: String(Math.max(1, Math.min(100, limit))),
            sort_field: 'create_time',
            sort_order: 'DESC',
          },
          body: { buyer_user_id: buyerUserId },
          priority: 'lookup',
          counted: false,
        },
        ordersSchema,
      ),
    getTracking: (shopId, orderId) =>
      read(
        shopId,
        'orders.tracking',
        `/fulfillment/202309/orders/${encodeURIComponent(orderId)}/tracking`,
        trackingSchema,
      ),
    getPackage: (shopId, packageId) =>
      read(shopId, 'packages.get', `/fulfillment/202309/packages/${encodeURIComponent(packageId)}`, packageSchema),
    getProduct: (shopId, productId) =>
      read(shopId, 'products.get', `/product/202309/products/${encodeURIComponent(productId)}`, productSchema),
    getAftersaleEligibility: (shopId, orderId) =>
      read(
        shopId,
        'aftersale.eligibility',
        `/return_refund/202309/orders/${encodeURIComponent(orderId)}/aftersale_eligibility`,
        eligibilitySchema,
      ),
    listWebhooks: (shopId) =>
      client.call({ ...webhooks, shopId, endpoint: 'webhooks.list', method: 'GET' }, webhooksSchema),
    updateWebhook: (shopId, eventType, address) =>
      client.call(
        {
          ...webhooks,
          shopId,
          endpoint: 'webhooks.update',
          method: 'PUT',
          body: { address, event_type: eventType },
        },
        nothing,
      ),
    deleteWebhook: (shopId, eventType) =>
      client.call(
        { ...webhooks, shopId, endpoint: 'webhooks.delete', method: 'DELETE', body: { event_type: eventType } },
        nothing,
      ),
  };
}

/** Which shops a token covers, each with the cipher that its calls need. The one call that knows no shop yet. */
export async function getAuthorizedShops(
  transport: Transport,
  accessToken: string,
): Promise<ApiResult<AuthorizedShop[]>> {
  const access: ApiAccess = { accessToken, cipher: null };
  let result = await transport.call(AUTHORIZED_SHOPS, access);
  // The code of a callback works once: a hiccup here would cost the seller another round.
  if (result.kind === 'failed' && (result.effect === 'internal' || result.effect === 'retry'))
    result = await transport.call(AUTHORIZED_SHOPS, access);
  if (result.kind === 'failed') return result;
  const read = authorizedShopsSchema.safeParse(result.data);
  if (read.success) return { kind: 'ok', data: read.data.shops, serverAt: result.serverAt };
  return { kind: 'failed', code: 'shape', effect: 'internal', reason: 'the list of shops has an unknown shape' };
}

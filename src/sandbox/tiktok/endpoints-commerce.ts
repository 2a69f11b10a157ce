import { CODES, refuse } from './codes.ts';
import { type Call, type Endpoint, readBody, readPageSize, type TiktokPlatform } from './endpoint.ts';
import { EVENT_NAMES } from './webhooks.ts';

const KNOWN_EVENTS = new Set(Object.values(EVENT_NAMES));

/** Orders, parcels, products, returns, shops and webhook subscriptions (reference sections 2, 3 and 9). */
export const COMMERCE_ENDPOINTS: readonly Endpoint[] = [
  {
    name: 'shops.list',
    method: 'GET',
    path: '/authorization/202309/shops',
    scope: null,
    shopScoped: false,
    run: (call, platform) => ({
      shops: [...platform.world.shops.values()]
        .filter((shop) => shop.openId === call.token.openId)
        .map(({ id, name, region, sellerType, cipher, code }) => ({
          id,
          name,
          region,
          seller_type: sellerType,
          cipher,
          code,
        })),
    }),
  },
  ...['202309', '202507'].map(
    (version): Endpoint => ({
      name: 'orders.get',
      method: 'GET',
      path: `/order/${version}/orders`,
      scope: 'seller.order.info',
      shopScoped: true,
      run(call, platform) {
        const ids = (call.request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
        if (ids.length === 0 || ids.length > 50) refuse(CODES.BAD_REQUEST, 'ids must hold 1 to 50 order ids');
        const orders = ids.flatMap((id) => {
          const order = platform.world.orders.get(id);
          return order?.shopId === call.shop.id ? [order.detail] : [];
        });
        if (orders.length === 0) refuse(CODES.NOT_YOUR_ORDER, 'the order does not belong to this seller');
        return { orders };
      },
    }),
  ),
  {
    name: 'orders.search',
    method: 'POST',
    path: '/order/202309/orders/search',
    scope: 'seller.order.info',
    shopScoped: true,
    run: searchOrders,
  },
  {
    name: 'orders.tracking',
    method: 'GET',
    path: '/fulfillment/202309/orders/:id/tracking',
    scope: 'seller.logistics',
    shopScoped: true,
    run: (call, platform) => ({ tracking: orderOf(call, platform).tracking }),
  },
  {
    name: 'packages.get',
    method: 'GET',
    path: '/fulfillment/202309/packages/:id',
    scope: 'seller.fulfillment.basic',
    shopScoped: true,
    run(call, platform) {
      const parcel = platform.world.packages.get(call.params.id ?? '');
      return parcel?.shopId === call.shop.id ? parcel.detail : refuse(CODES.NOT_YOUR_ORDER, 'no such package');
    },
  },
  {
    name: 'products.get',
    method: 'GET',
    path: '/product/202309/products/:id',
    scope: 'seller.product.basic',
    shopScoped: true,
    run(call, platform) {
      const product = platform.world.products.get(call.params.id ?? '');
      return product?.shopId === call.shop.id ? product.detail : refuse(CODES.NO_PRODUCT, 'the product does not exist');
    },
  },
  {
    name: 'returns.eligibility',
    method: 'GET',
    path: '/return_refund/202309/orders/:id/aftersale_eligibility',
    scope: 'seller.return_refund.basic',
    shopScoped: true,
    run(call, platform) {
      const order = orderOf(call, platform);
      const skus = [...new Set(order.detail.line_items.map((line) => line.sku_id))];
      return {
        sku_eligibility: skus.map((sku) => ({
          sku_id: sku,
          line_item_eligibility: ['RETURN_AND_REFUND', 'REFUND_ONLY'].map((kind) => ({
            request_type: kind,
            eligible: order.returnable.includes(sku),
            ineligible_reason: order.returnable.includes(sku) ? '' : 'The after-sale period is over or has not begun',
          })),
        })),
      };
    },
  },
  {
    name: 'returns.search',
    method: 'POST',
    path: '/return_refund/202309/returns/search',
    scope: 'seller.return_refund.basic',
    shopScoped: true,
    run(call, platform) {
      readPageSize(call.request, 50, CODES.BAD_REQUEST);
      const body = readBody(call.request, CODES.BAD_REQUEST);
      const orderIds = Array.isArray(body.order_ids) ? body.order_ids : null;
      const buyerIds = Array.isArray(body.buyer_user_ids) ? body.buyer_user_ids : null;
      const orders = [...platform.world.orders.values()].filter(
        (order) =>
          order.shopId === call.shop.id &&
          order.hasReturn &&
          (orderIds === null || orderIds.includes(order.id)) &&
          (buyerIds === null || buyerIds.includes(order.buyerUserId)),
      );
      return {
        next_page_token: '',
        total_count: orders.length,
        return_orders: orders.map((order) => ({
          return_id: `4${order.id.slice(1)}`,
          order_id: order.id,
          return_type: 'RETURN_AND_REFUND',
          return_status: 'RETURN_OR_REFUND_REQUEST_PENDING',
          create_time: Math.floor(order.createdMs / 1000),
        })),
      };
    },
  },
  {
    name: 'webhooks.list',
    method: 'GET',
    path: '/event/202309/webhooks',
    scope: null,
    shopScoped: true,
    run(call, platform) {
      const rows = [...(platform.world.subscriptions.get(call.shop.id) ?? [])].map(([event, row]) => ({
        event_type: event,
        address: row.address,
        create_time: row.createdSec,
        update_time: row.updatedSec,
      }));
      return { total_count: rows.length, webhooks: rows };
    },
  },
  {
    name: 'webhooks.update',
    method: 'PUT',
    path: '/event/202309/webhooks',
    scope: null,
    shopScoped: true,
    run(call, platform) {
      const { address, event_type: event } = readBody(call.request, CODES.BAD_REQUEST);
      if (typeof event !== 'string' || !KNOWN_EVENTS.has(event)) return refuse(CODES.BAD_REQUEST, 'unknown event_type');
      if (typeof address !== 'string' || address.length > 255 || !URL.canParse(address))
        return refuse(CODES.BAD_REQUEST, 'address must be a URL of at most 255 characters');
      const now = Math.floor(platform.world.clock.now() / 1000);
      const own = platform.world.subscriptions.get(call.shop.id) ?? new Map();
      own.set(event, { address, createdSec: own.get(event)?.createdSec ?? now, updatedSec: now });
      platform.world.subscriptions.set(call.shop.id, own);
      return {};
    },
  },
  {
    name: 'webhooks.delete',
    method: 'DELETE',
    path: '/event/202309/webhooks',
    scope: null,
    shopScoped: true,
    run(call, platform) {
      const { event_type: event } = readBody(call.request, CODES.BAD_REQUEST);
      if (typeof event !== 'string') return refuse(CODES.BAD_REQUEST, 'event_type is missing');
      platform.world.subscriptions.get(call.shop.id)?.delete(event);
      return {};
    },
  },
];

function orderOf(call: Call, platform: TiktokPlatform) {
  const order = platform.world.orders.get(call.params.id ?? '');
  return order !== undefined && order.shopId === call.shop.id
    ? order
    : refuse(CODES.NOT_YOUR_ORDER, 'the order does not belong to this seller');
}

function searchOrders(call: Call, platform: TiktokPlatform): unknown {
  const size = readPageSize(call.request, 100, CODES.BAD_REQUEST);
  const order = call.request.query.get('sort_order') ?? 'DESC';
  if (order !== 'ASC' && order !== 'DESC') refuse(CODES.BAD_REQUEST, 'sort_order must be ASC or DESC');
  const body = readBody(call.request, CODES.BAD_REQUEST);
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : undefined);
  const seconds = (name: string) => (typeof body[name] === 'number' ? body[name] : undefined);
  const [buyer, status] = [text('buyer_user_id'), text('order_status')];
  const [from, until] = [seconds('create_time_ge'), seconds('create_time_lt')];
  const rows = [...platform.world.orders.values()]
    .filter(
      (row) =>
        row.shopId === call.shop.id &&
        (buyer === undefined || row.buyerUserId === buyer) &&
        (status === undefined || row.detail.status === status) &&
        (from === undefined || row.createdMs >= from * 1000) &&
        (until === undefined || row.createdMs < until * 1000),
    )
    .sort((a, b) => (order === 'ASC' ? a.createdMs - b.createdMs : b.createdMs - a.createdMs));
  const scope = `orders/${call.shop.id}/${order}/${buyer ?? ''}/${status ?? ''}`;
  const token = call.request.query.get('page_token');
  const anchor = token === null || token === '' ? '0' : platform.pages.read(scope, token);
  if (anchor === null) return refuse(CODES.BAD_REQUEST, 'page_token is invalid');
  const start = Number(anchor);
  const page = rows.slice(start, start + size);
  return {
    next_page_token: start + size < rows.length ? platform.pages.make(scope, String(start + size)) : '',
    total_count: rows.length,
    orders: page.map((row) => row.detail),
  };
}

import type { z } from 'zod';
import { ControlError, type ControlRoutes, plainRoute, route } from '../control.ts';
import type { ChangeHub } from '../kernel/change-hub.ts';
import {
  advanceSchema,
  clearFaultsSchema,
  listSchema,
  type PlanDeliveriesInput,
  planDeliveriesSchema,
} from '../kernel/control-inputs.ts';
import { type DeliveryChaos, type DeliveryPlan, deliveryChaosSchema } from '../kernel/delivery-plan.ts';
import { type Fault, faultSchema } from '../kernel/faults.ts';
import { composeMessage } from './compose.ts';
import * as schemas from './control-schemas.ts';
import type { Endpoint, TiktokPlatform } from './endpoint.ts';
import type { TiktokNoise } from './options.ts';
import type { TiktokConversation, TiktokShop } from './types.ts';
import { messageView } from './views.ts';
import type { WebhookDelivery, Webhooks } from './webhooks.ts';

export interface MessageRef {
  shopId: string;
  conversationId: string;
  messageId: string;
  index: string;
}

export interface ConversationView {
  id: string;
  shopId: string;
  buyer: { handle: string; userId: string; imUserId: string; nickname: string };
  open: boolean;
  unread: number;
  agentJoined: boolean;
  /** As the API shows them, with `via`: buyer, api, seller_app or platform. */
  messages: (Record<string, unknown> & { via: string })[];
}

export interface TiktokControl {
  world(): Record<string, unknown>;
  buyerMessage(input: schemas.BuyerMessageInput): MessageRef;
  staffReply(input: schemas.StaffReplyInput): MessageRef;
  robotSay(input: z.infer<typeof schemas.robotSaySchema>): MessageRef;
  conversations(input?: z.infer<typeof schemas.conversationsSchema>): ConversationView[];
  closeConversation(input: { conversationId: string }): void;
  setFault(fault: Fault): void;
  faults(): Fault[];
  clearFaults(input?: { endpoint?: string }): void;
  advance(input: { ms: number; wire?: boolean }): { now: number };
  planDeliveries(input: PlanDeliveriesInput): void;
  setChaos(rates: DeliveryChaos): void;
  deliveries(input?: { limit?: number }): WebhookDelivery[];
  setWebhookUrl(input: z.infer<typeof schemas.webhookUrlSchema>): void;
  emitWebhook(input: z.infer<typeof schemas.emitSchema>): WebhookDelivery;
  resendWebhook(input: { notificationId: string }): void;
  setOauthRedirect(input: { url: string }): void;
  expireToken(input?: { shopId?: string }): void;
  setScopes(input: z.infer<typeof schemas.scopesSchema>): void;
  deauthorise(input?: { shopId?: string }): void;
  setOrderStatus(input: z.infer<typeof schemas.orderStatusSchema>): void;
  configure(input: z.infer<typeof schemas.tiktokSettingsSchema>): void;
  endpoints(): string[];
  stats(): Record<string, unknown>;
}

export interface TiktokControlParts {
  platform: TiktokPlatform;
  webhooks: Webhooks;
  plan: DeliveryPlan;
  changes: ChangeHub;
  noise: TiktokNoise;
  endpoints: readonly Endpoint[];
}

export function createTiktokControl(parts: TiktokControlParts): TiktokControl {
  const { platform, webhooks } = parts;
  const { world, chat } = platform;

  const shopOf = (shopId: string | undefined): TiktokShop => {
    const shop = world.shop(shopId);
    if (shop === undefined) throw new ControlError('no such shop');
    return shop;
  };
  const conversationById = (id: string): TiktokConversation => {
    const conversation = world.conversations.get(id);
    if (conversation === undefined) throw new ControlError('no such conversation');
    return conversation;
  };
  const ref = (conversation: TiktokConversation, message: { id: string; index: string }): MessageRef => ({
    shopId: conversation.shopId,
    conversationId: conversation.id,
    messageId: message.id,
    index: message.index,
  });
  const tokensOf = (shopId: string | undefined) => {
    const { openId } = shopOf(shopId);
    return world.tokens.filter((token) => token.openId === openId);
  };
  const view = (conversation: TiktokConversation): ConversationView => {
    const buyer = world.buyer(conversation.buyerUserId);
    return {
      id: conversation.id,
      shopId: conversation.shopId,
      buyer: { handle: buyer.handle, userId: buyer.userId, imUserId: buyer.imUserId, nickname: buyer.nickname },
      open: conversation.open,
      unread: conversation.unread,
      agentJoined: conversation.agentJoined,
      messages: conversation.messages.map((row) => ({ ...messageView(platform, row), via: row.via })),
    };
  };

  return {
    world: () => ({
      shops: [...world.shops.values()],
      buyers: [...world.buyers.values()],
      orders: [...world.orders.values()].map((order) => ({
        id: order.id,
        shopId: order.shopId,
        buyerUserId: order.buyerUserId,
        status: order.detail.status,
      })),
      products: [...world.products.values()].map((product) => ({
        id: product.id,
        shopId: product.shopId,
        title: product.detail.title,
      })),
    }),
    buyerMessage(input) {
      const shop = shopOf(input.shopId);
      const buyer = world.buyer(input.buyer);
      const draft = composeMessage(platform, shop, input);
      const conversation =
        world.conversationOf(shop.id, buyer.userId) ?? world.createConversation(shop.id, buyer.userId);
      const visible = input.visible === undefined ? {} : { visible: input.visible };
      const entered = input.enterFrom === undefined ? undefined : entryMarker(input.enterFrom);
      return ref(conversation, chat.buyerSpeaks(conversation, { ...draft, ...visible }, input.deliver, entered));
    },
    staffReply(input) {
      const shop = shopOf(input.shopId);
      const conversation =
        input.conversationId === undefined
          ? world.conversationOf(shop.id, world.findBuyer(input.buyer ?? '')?.userId ?? '')
          : conversationById(input.conversationId);
      if (conversation === undefined) throw new ControlError('no such conversation');
      const draft = composeMessage(platform, shopOf(conversation.shopId), input);
      const message = chat.sellerSpeaks(
        conversation,
        { ...draft, role: 'CUSTOMER_SERVICE', via: 'seller_app' },
        input.deliver,
      );
      return ref(conversation, message);
    },
    robotSay(input) {
      const conversation = conversationById(input.conversationId);
      const message = chat.sellerSpeaks(conversation, {
        type: input.type ?? 'TEXT',
        content: JSON.stringify({ content: input.text }),
        role: input.role,
        via: 'platform',
        visible: input.visible ?? true,
      });
      return ref(conversation, message);
    },
    conversations(input = {}) {
      const userId = input.buyer === undefined ? undefined : (world.findBuyer(input.buyer)?.userId ?? '');
      return [...world.conversations.values()]
        .filter((row) => (input.shopId ?? row.shopId) === row.shopId && (userId ?? row.buyerUserId) === row.buyerUserId)
        .map(view);
    },
    closeConversation: (input) => chat.close(conversationById(input.conversationId)),
    setFault: (fault) => platform.faults.set(fault),
    faults: () => platform.faults.list(),
    clearFaults: (input = {}) => platform.faults.clear(input.endpoint),
    advance(input) {
      world.clock.advance(input.ms, { wire: input.wire === true });
      chat.sweep();
      return { now: world.clock.now() };
    },
    planDeliveries(input) {
      const only = input.only ?? 'buyer';
      parts.plan.plan(input.switches, input.times ?? 1, only === 'any' ? undefined : only);
    },
    setChaos: (rates) => parts.plan.chaos(rates),
    deliveries: (input = {}) => webhooks.deliveries().slice(-(input.limit ?? 200)),
    setWebhookUrl(input) {
      webhooks.setUrl(input.url);
      if (input.version !== undefined) webhooks.setVersion(input.version);
    },
    emitWebhook: (input) => webhooks.notify(shopOf(input.shopId).id, input.type, input.data, input.deliver),
    resendWebhook(input) {
      if (!webhooks.resend(input.notificationId)) throw new ControlError('no such delivery, or no address for it');
    },
    setOauthRedirect(input) {
      platform.oauthRedirectUrl = input.url;
    },
    expireToken(input = {}) {
      for (const token of tokensOf(input.shopId)) token.accessExpiresSec = 0;
    },
    setScopes(input) {
      for (const token of tokensOf(input.shopId)) token.scopes = [...input.scopes];
    },
    deauthorise(input = {}) {
      const shop = shopOf(input.shopId);
      world.tokens = world.tokens.filter((token) => token.openId !== shop.openId);
      webhooks.notify(shop.id, 6, { message: 'The seller has deauthorized the app' });
    },
    setOrderStatus(input) {
      const order = world.orders.get(input.orderId);
      if (order === undefined) throw new ControlError('no such order');
      const nowMs = world.clock.now();
      order.detail.status = input.status;
      order.detail.update_time = Math.floor(nowMs / 1000);
      if (input.tracking !== undefined)
        order.tracking.unshift({ description: input.tracking, update_time_millis: nowMs });
      webhooks.notify(order.shopId, 1, {
        order_id: order.id,
        // The webhook's word differs from the order detail's (reference 3.2).
        order_status: input.status === 'CANCELLED' ? 'CANCEL' : input.status,
        is_on_hold_order: input.status === 'ON_HOLD',
        update_time: Math.floor(nowMs / 1000),
      });
      parts.changes.emit('order', { shopId: order.shopId, orderId: order.id });
    },
    configure(input) {
      for (const [name, on] of Object.entries(input.noise ?? {}))
        if (on !== undefined) parts.noise[name as keyof TiktokNoise] = on;
      if (input.sensitiveWords !== undefined)
        platform.sensitiveWords.splice(0, platform.sensitiveWords.length, ...input.sensitiveWords);
    },
    endpoints: () => [...new Set(parts.endpoints.map((endpoint) => endpoint.name))],
    stats: () => ({
      calls: Object.fromEntries(platform.calls),
      webhooks: { ...webhooks.counters },
      conversations: world.conversations.size,
      dailyQuotaUsed: Object.fromEntries(platform.daily),
    }),
  };
}

function entryMarker(from: { productId?: string; orderId?: string; text?: string }): { type: string; content: string } {
  if (from.orderId !== undefined)
    return { type: 'BUYER_ENTER_FROM_ORDER', content: JSON.stringify({ order_id: from.orderId }) };
  if (from.productId !== undefined)
    return { type: 'BUYER_ENTER_FROM_PRODUCT', content: JSON.stringify({ product_id: from.productId }) };
  return { type: 'BUYER_ENTER_FROM_TRANSFER', content: JSON.stringify({ content: from.text ?? '' }) };
}

export const tiktokControlRoutes = (control: TiktokControl): ControlRoutes => ({
  'GET world': plainRoute(control.world),
  'POST buyer/message': route(schemas.buyerMessageSchema, control.buyerMessage),
  'POST staff/reply': route(schemas.staffReplySchema, control.staffReply),
  'POST robot/say': route(schemas.robotSaySchema, control.robotSay),
  'GET conversations': route(schemas.conversationsSchema, control.conversations),
  'POST conversations/close': route(schemas.conversationSchema, control.closeConversation),
  'POST faults': route(faultSchema, control.setFault),
  'GET faults': plainRoute(control.faults),
  'POST faults/clear': route(clearFaultsSchema, control.clearFaults),
  'POST clock/advance': route(advanceSchema, control.advance),
  'POST deliveries/plan': route(planDeliveriesSchema, control.planDeliveries),
  'POST deliveries/chaos': route(deliveryChaosSchema, control.setChaos),
  'GET deliveries': route(listSchema, control.deliveries),
  'POST webhooks/url': route(schemas.webhookUrlSchema, control.setWebhookUrl),
  'POST webhooks/emit': route(schemas.emitSchema, control.emitWebhook),
  'POST webhooks/resend': route(schemas.resendSchema, control.resendWebhook),
  'POST oauth/redirect': route(schemas.urlSchema, control.setOauthRedirect),
  'POST tokens/expire': route(schemas.shopSchema, control.expireToken),
  'POST tokens/scopes': route(schemas.scopesSchema, control.setScopes),
  'POST shops/deauthorise': route(schemas.shopSchema, control.deauthorise),
  'POST orders/status': route(schemas.orderStatusSchema, control.setOrderStatus),
  'POST settings': route(schemas.tiktokSettingsSchema, control.configure),
  'GET endpoints': plainRoute(control.endpoints),
  'GET stats': plainRoute(control.stats),
});

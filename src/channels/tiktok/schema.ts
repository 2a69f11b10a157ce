import { z } from 'zod';

/**
 * What TikTok sends, as far as we read it; unknown fields pass. Ids are decimal texts of 18 or 19 digits, beyond 2^53: they stay text, and
 * one that came as a bare number was made text by `common/json.ts`. Seconds may come as a number or as decimal text.
 * Sources: Partner Center `14-new-message`, `13-new-conversation`, `get-conversations-202309`, `get-conversation-messages-202309`.
 */
/** A key that may be missing: zod asks for the presence of a plain `z.unknown()` once it is transformed. */
const anything = z.unknown().optional();

const ID = /^[A-Za-z0-9_-]{1,64}$/;

const toId = (value: unknown): string | null => {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && ID.test(text) ? text : null;
};

const toSeconds = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  // 8.64e12 s is the end of JavaScript's dates.
  return typeof number === 'number' && Number.isFinite(number) && number > 0 && number < 8.64e12 ? number : null;
};

const optionalId = anything.transform(toId);
const id = optionalId.refine((value): value is string => value !== null, 'an id is missing or is not one');
const seconds = anything.transform(toSeconds);
const text = anything.transform((value) => (typeof value === 'string' ? value : ''));
const visible = anything.transform((value) => !(value === false || value === 'false' || value === 0));
const digits = anything.transform((value) => {
  const index = toId(value);
  return index !== null && /^\d+$/.test(index) ? index : null;
});
const whole = anything.transform((value) => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
});
const role = anything.transform((value) => (typeof value === 'string' ? value.toUpperCase() : ''));

const sender = z
  .object({ im_user_id: optionalId, role, nickname: text })
  .catch({ im_user_id: null, role: '', nickname: '' });

export const envelopeSchema = z.object({
  type: anything.transform((value) => (typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value)),
  tts_notification_id: optionalId,
  shop_id: id,
  timestamp: seconds,
  data: anything,
});

const messageFields = {
  type: text,
  content: anything,
  create_time: seconds,
  is_visible: visible,
  index: digits,
  sender,
};

/** `data` of webhook 14. */
export const messageEventSchema = z.object({ message_id: id, conversation_id: id, ...messageFields });

/** A line in `messages[]` and `latest_message`: here the id is called `id`. */
export const apiMessageSchema = z.object({ id, ...messageFields });
export type ApiMessage = z.output<typeof apiMessageSchema>;

export const conversationEventSchema = z.object({ conversation_id: id, create_time: seconds });

const participant = z.object({ im_user_id: optionalId, user_id: optionalId, role, nickname: text });

const participants = z.array(participant).catch([]);

export const conversationSchema = z.object({
  id,
  can_send_message: z.boolean().nullish().catch(null),
  unread_count: whole,
  create_time: seconds,
  participants,
  latest_message: apiMessageSchema.nullish().catch(null),
});
export type ApiConversation = z.output<typeof conversationSchema>;

/** One unreadable element must not hide the others. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((values) =>
      values.flatMap((value): z.output<T>[] => {
        const read = item.safeParse(value);
        return read.success ? [read.data] : [];
      }),
    );

export const conversationPageSchema = z.object({ next_page_token: text, conversations: listOf(conversationSchema) });
export const messagePageSchema = z.object({ next_page_token: text, messages: listOf(apiMessageSchema) });
export const conversationAnswerSchema = z.object({ conversation: conversationSchema });
/** Code 0 means accepted, whatever came with it. */
export const sentSchema = z.object({ message_id: optionalId }).catch({ message_id: null });
export const createdSchema = z.object({ conversation_id: id });
export const uploadedSchema = z.object({ url: z.string().min(1), width: whole, height: whole });
export const agentSettingsSchema = z.object({ can_accept_chat: z.boolean() });

export const authorizedShopsSchema = z.object({
  shops: listOf(z.object({ id, name: text, region: text, seller_type: text, cipher: text, code: text })),
});
export type AuthorizedShop = z.output<typeof authorizedShopsSchema>['shops'][number];

/** `…_expire_in` are absolute Unix seconds whatever the name says. Source: `authorization-overview-202407`. */
export const grantSchema = z.object({
  access_token: z.string().min(1),
  access_token_expire_in: seconds,
  refresh_token: z.string().min(1),
  refresh_token_expire_in: seconds,
  open_id: text,
  seller_name: text,
  seller_base_region: text,
  user_type: whole,
  granted_scopes: z.array(z.string()).nullish().catch(null),
});
export type Grant = z.output<typeof grantSchema>;

export const webhooksSchema = z.object({
  webhooks: listOf(z.object({ event_type: z.string(), address: z.string() })),
});

export const orderEventSchema = z.object({ order_id: id, order_status: text });
export const cancellationEventSchema = z.object({ order_id: id, cancel_status: text });
export const returnEventSchema = z.object({ order_id: id, return_status: text });
export const packageEventSchema = z.object({
  sc_type: text,
  package_list: listOf(z.object({ package_id: optionalId, order_id_list: listOf(id) })),
});
export const expirationEventSchema = z.object({ expiration_time: anything }).catch({ expiration_time: null });

// ---- orders, tracking, products: `get-order-detail`, `get-tracking`, `get-product` (202309)

const money = anything.transform((value) => {
  const amount = typeof value === 'number' ? String(value) : value;
  return typeof amount === 'string' && /^-?\d+([.,]\d+)?$/.test(amount) ? amount : null;
});
const payment = z.object({ currency: text, total_amount: money }).nullish().catch(null);

const lineItemSchema = z.object({
  product_id: optionalId,
  product_name: text,
  sku_id: optionalId,
  sku_name: text,
  sku_image: text,
  sale_price: money,
  currency: text,
  package_id: optionalId,
  tracking_number: text,
  shipping_provider_name: text,
});
export type ApiLineItem = z.output<typeof lineItemSchema>;

export const orderSchema = z.object({
  id,
  user_id: optionalId,
  status: text,
  create_time: seconds,
  paid_time: seconds,
  rts_sla_time: seconds,
  shipping_due_time: seconds,
  delivery_sla_time: seconds,
  delivery_time: seconds,
  shipping_provider: text,
  tracking_number: text,
  packages: listOf(z.object({ id })),
  payment,
  line_items: listOf(lineItemSchema),
});
export type ApiOrder = z.output<typeof orderSchema>;

export const ordersSchema = z.object({ orders: listOf(orderSchema) });

/** Milliseconds here, unlike everywhere else. */
export const trackingSchema = z.object({
  tracking: listOf(z.object({ description: text, update_time_millis: whole })),
});

export const packageSchema = z.object({
  package_status: text,
  tracking_number: text,
  shipping_provider_name: text,
  last_mile_tracking_number: text,
});

const skuSchema = z.object({
  id,
  price: z.object({ sale_price: money, currency: text }).nullish().catch(null),
  sales_attributes: listOf(z.object({ name: text, value_name: text })),
  inventory: z
    .array(z.object({ quantity: whole }))
    .nullish()
    .catch(null),
});

export const productSchema = z.object({
  id,
  title: text,
  description: text,
  main_images: listOf(z.object({ urls: z.array(z.string()).catch([]) })),
  skus: listOf(skuSchema),
});
export type ApiProduct = z.output<typeof productSchema>;

export const eligibilitySchema = z.object({
  sku_eligibility: listOf(
    z.object({
      sku_id: optionalId,
      line_item_eligibility: listOf(
        z.object({ request_type: text, eligible: z.boolean().catch(false), ineligible_reason: text }),
      ),
    }),
  ),
});

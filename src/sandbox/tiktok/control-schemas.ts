import { z } from 'zod';
import { deliverySwitchesSchema } from '../kernel/delivery-plan.ts';

/** A picture or text of either side. `content`: an object is serialised, a string goes out as it stands, JSON or not. */
const messageShape = {
  type: z.string().optional(),
  text: z.string().optional(),
  content: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  productId: z.string().optional(),
  orderId: z.string().optional(),
  packageId: z.string().optional(),
  imageBase64: z.string().optional(),
  deliver: deliverySwitchesSchema.optional(),
};

export const buyerMessageSchema = z.strictObject({
  shopId: z.string().optional(),
  /** Handle, user id or chat id; an unknown name becomes a new buyer. */
  buyer: z.string().min(1),
  ...messageShape,
  /** Puts BUYER_ENTER_FROM_PRODUCT, _ORDER or _TRANSFER before the message. */
  enterFrom: z
    .strictObject({ productId: z.string().optional(), orderId: z.string().optional(), text: z.string().optional() })
    .optional(),
  visible: z.boolean().optional(),
});
export type BuyerMessageInput = z.infer<typeof buyerMessageSchema>;

export const staffReplySchema = z.strictObject({
  conversationId: z.string().optional(),
  buyer: z.string().optional(),
  shopId: z.string().optional(),
  ...messageShape,
});
export type StaffReplyInput = z.infer<typeof staffReplySchema>;

export const robotSaySchema = z.strictObject({
  conversationId: z.string(),
  role: z.enum(['SYSTEM', 'ROBOT', 'SHOP']),
  text: z.string(),
  type: z.string().optional(),
  visible: z.boolean().optional(),
});

export const conversationsSchema = z.strictObject({ shopId: z.string().optional(), buyer: z.string().optional() });
export const conversationSchema = z.strictObject({ conversationId: z.string() });
export const shopSchema = z.strictObject({ shopId: z.string().optional() });
export const scopesSchema = z.strictObject({ shopId: z.string().optional(), scopes: z.array(z.string()) });
export const webhookUrlSchema = z.strictObject({
  url: z.string().optional(),
  version: z.enum(['current', 'legacy']).optional(),
});
export const emitSchema = z.strictObject({
  shopId: z.string().optional(),
  type: z.number().int(),
  data: z.record(z.string(), z.unknown()),
  deliver: deliverySwitchesSchema.optional(),
});
export const resendSchema = z.strictObject({ notificationId: z.string() });
export const urlSchema = z.strictObject({ url: z.string() });
export const orderStatusSchema = z.strictObject({
  orderId: z.string(),
  status: z.enum([
    'UNPAID',
    'ON_HOLD',
    'AWAITING_SHIPMENT',
    'PARTIALLY_SHIPPING',
    'AWAITING_COLLECTION',
    'IN_TRANSIT',
    'DELIVERED',
    'COMPLETED',
    'CANCELLED',
  ]),
  /** A new first line of tracking. */
  tracking: z.string().optional(),
});
export const tiktokSettingsSchema = z.strictObject({
  noise: z
    .strictObject({
      agents: z.boolean().optional(),
      robot: z.boolean().optional(),
      autoReply: z.boolean().optional(),
      rating: z.boolean().optional(),
    })
    .optional(),
  sensitiveWords: z.array(z.string().min(1)).optional(),
});

/**
 * One thing in a message, the same for every marketplace. A channel translates to and from it; a type that it cannot show
 * becomes `unknown` (inbound) or is told as text (outbound).
 */
export type MessagePart =
  | { type: 'text'; text: string }
  | { type: 'image'; url: string; width?: number; height?: number }
  | { type: 'video'; url: string; coverUrl?: string; durationSec?: number; videoId?: string }
  | { type: 'audio'; url: string; name?: string; durationSec?: number }
  | { type: 'file'; url: string; name?: string }
  | { type: 'sticker'; url: string }
  | { type: 'product'; productId: string; title?: string; link?: string }
  | { type: 'order'; orderId: string; title?: string; link?: string }
  | { type: 'return'; orderId: string; skuId: string }
  | { type: 'coupon'; couponId: string }
  | { type: 'logistics'; orderId: string; packageId?: string }
  /** The buyer came from a product, an order or another agent; sets facts, is never answered by itself. */
  | { type: 'context'; from: 'product' | 'order' | 'transfer'; productId?: string; orderId?: string; text?: string }
  /** A notice of the platform (agent joined, system line); never answered. */
  | { type: 'notice'; text: string }
  /** A type that the channel's API cannot show; `label` is the platform's own word. */
  | { type: 'unknown'; label: string; text?: string };

export type PartType = MessagePart['type'];

export interface BuyerMessage {
  /** The platform's message id. */
  id: string;
  part: MessagePart;
  /** When the platform says it was written. */
  at: number;
  /** False for lines the platform hides: recorded, never answered. */
  visible: boolean;
}

/** Who wrote a line that is not the buyer's. `staff`: a person in the seller app. The rest is the platform or the shop's automation. */
export type ShopSender = 'staff' | 'shop' | 'system' | 'robot';

import { CODES, refuse } from './codes.ts';
import type { TiktokPlatform } from './endpoint.ts';
import type { TiktokShop } from './types.ts';

const MAX_CHARACTERS = 2_000;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Checks an outgoing `content` as Send Message does (reference 4.1). Returns nothing: it refuses or it is fine. */
export function checkOutgoing(platform: TiktokPlatform, shop: TiktokShop, type: unknown, content: unknown): void {
  if (typeof type !== 'string') refuse(CODES.BAD_PARAMETER, 'type must be a string');
  if (typeof content !== 'string') refuse(CODES.BAD_PARAMETER, 'content must be a JSON-serialised string');
  const fields = readFields(content);
  switch (type) {
    case 'TEXT':
      checkText(platform, fields);
      return;
    case 'IMAGE':
      checkImage(platform, shop, fields);
      return;
    case 'VIDEO':
      if (!platform.world.videos.has(textField(fields, 'vid'))) refuse(CODES.NOT_FOUND, 'no such vid');
      return;
    case 'PRODUCT_CARD':
      if (platform.world.products.get(textField(fields, 'product_id'))?.shopId !== shop.id)
        refuse(CODES.NOT_FOUND, 'no such product');
      return;
    case 'ORDER_CARD':
      orderOf(platform, shop, fields, CODES.NOT_FOUND);
      return;
    case 'LOGISTICS_CARD': {
      const order = orderOf(platform, shop, fields, CODES.NOT_FOUND);
      if (fields.package_id === undefined) return;
      const packageId = textField(fields, 'package_id');
      if (!order.detail.packages.some((parcel) => parcel.id === packageId)) refuse(CODES.NOT_FOUND, 'no such package');
      return;
    }
    case 'RETURN_REFUND_CARD': {
      const order = orderOf(platform, shop, fields, CODES.BAD_RETURN_CARD);
      if (!order.returnable.includes(textField(fields, 'sku_id')))
        refuse(CODES.BAD_RETURN_CARD, 'the item is not eligible for after-sale');
      return;
    }
    case 'COUPON_CARD':
      checkCoupon(platform, shop, textField(fields, 'coupon_id'));
      return;
    default:
      refuse(CODES.NOT_SUPPORTED, 'this message type cannot be sent');
  }
}

function readFields(content: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    refuse(CODES.BAD_PARAMETER, 'content is not a JSON string');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    refuse(CODES.BAD_PARAMETER, 'content must hold an object');
  return value as Record<string, unknown>;
}

function textField(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && value !== ''
    ? value
    : refuse(CODES.BAD_PARAMETER, `content.${name} must be a non-empty string`);
}

function checkText(platform: TiktokPlatform, fields: Record<string, unknown>): void {
  const text = textField(fields, 'content');
  if (text.trim() === '') refuse(CODES.BAD_PARAMETER, 'content.content is blank');
  if (LONE_SURROGATE.test(text)) refuse(CODES.BAD_PARAMETER, 'content.content is not well-formed Unicode');
  if ([...text].length > MAX_CHARACTERS) refuse(CODES.BAD_PARAMETER, `a text has at most ${MAX_CHARACTERS} characters`);
  const lower = text.toLowerCase();
  if (platform.sensitiveWords.some((word) => lower.includes(word.toLowerCase())))
    refuse(CODES.SENSITIVE, 'the text holds sensitive words');
}

/** Only pictures that came from the upload call of this shop may be sent. */
function checkImage(platform: TiktokPlatform, shop: TiktokShop, fields: Record<string, unknown>): void {
  const url = textField(fields, 'url');
  for (const side of ['width', 'height'])
    if (typeof fields[side] !== 'number') refuse(CODES.BAD_PARAMETER, `content.${side} must be a number`);
  const id = /\/_media\/([^/?.]+)\.\w+$/.exec(url)?.[1];
  const image = id === undefined ? undefined : platform.world.images.get(id);
  if (image === undefined || image.shopId !== shop.id || !url.startsWith(platform.url()))
    refuse(CODES.BAD_PARAMETER, 'content.url is not an uploaded picture of this shop');
}

function orderOf(platform: TiktokPlatform, shop: TiktokShop, fields: Record<string, unknown>, code: number) {
  const order = platform.world.orders.get(textField(fields, 'order_id'));
  return order !== undefined && order.shopId === shop.id ? order : refuse(code, 'no such order');
}

function checkCoupon(platform: TiktokPlatform, shop: TiktokShop, couponId: string): void {
  const coupon = platform.world.coupons.get(couponId);
  if (coupon === undefined || coupon.shopId !== shop.id) refuse(CODES.NOT_FOUND, 'no such coupon');
  if (
    coupon.status !== 'ONGOING' ||
    coupon.creationSource !== 'SELLER_CENTER' ||
    coupon.targetBuyerSegment === 'REPEAT_CUSTOMERS'
  )
    refuse(CODES.COUPON_INELIGIBLE, 'the coupon may not be sent in a chat');
  if (!platform.perCoupon.take(shop.id, platform.world.clock.now()))
    refuse(CODES.COUPON_RATE, 'coupon cards are limited to one every two seconds');
}

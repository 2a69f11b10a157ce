import { randomUUID } from 'node:crypto';
import { ControlError } from '../control.ts';
import { makePng, readImage } from '../kernel/image.ts';
import type { BuyerMessageInput, StaffReplyInput } from './control-schemas.ts';
import type { TiktokPlatform } from './endpoint.ts';
import type { TiktokShop } from './types.ts';

type MessageInput = Pick<
  BuyerMessageInput | StaffReplyInput,
  'type' | 'text' | 'content' | 'productId' | 'orderId' | 'packageId' | 'imageBase64'
>;

/** Turns the short form of the control API into a message as the marketplace stores it. */
export function composeMessage(
  platform: TiktokPlatform,
  shop: TiktokShop,
  input: MessageInput,
): { type: string; content: string } {
  const type = input.type ?? guessType(input);
  if (input.content !== undefined)
    return { type, content: typeof input.content === 'string' ? input.content : JSON.stringify(input.content) };
  return { type, content: JSON.stringify(fieldsOf(platform, shop, type, input)) };
}

function guessType(input: MessageInput): string {
  if (input.text !== undefined) return 'TEXT';
  if (input.imageBase64 !== undefined) return 'IMAGE';
  if (input.orderId !== undefined) return 'ORDER_CARD';
  return input.productId === undefined ? 'TEXT' : 'PRODUCT_CARD';
}

function fieldsOf(platform: TiktokPlatform, shop: TiktokShop, type: string, input: MessageInput): object {
  switch (type) {
    case 'IMAGE':
    case 'EMOTICONS':
      return pictureFields(platform, shop, input.imageBase64);
    case 'VIDEO':
      return videoFields(platform);
    case 'PRODUCT_CARD':
    case 'BUYER_ENTER_FROM_PRODUCT':
      return { product_id: input.productId ?? firstOf(platform.world.products, shop) };
    case 'ORDER_CARD':
    case 'BUYER_ENTER_FROM_ORDER':
      return { order_id: input.orderId ?? firstOf(platform.world.orders, shop) };
    case 'LOGISTICS_CARD': {
      const orderId = input.orderId ?? firstOf(platform.world.orders, shop);
      return { order_id: orderId, ...(input.packageId === undefined ? {} : { package_id: input.packageId }) };
    }
    case 'RETURN_REFUND_CARD': {
      const orderId = input.orderId ?? firstOf(platform.world.orders, shop);
      return { order_id: orderId, sku_id: platform.world.orders.get(orderId)?.detail.line_items[0]?.sku_id ?? '' };
    }
    case 'COUPON_CARD':
      return { coupon_id: firstOf(platform.world.coupons, shop) };
    default:
      return { content: input.text ?? '' };
  }
}

const firstOf = (things: Map<string, { id: string; shopId: string }>, shop: TiktokShop): string =>
  [...things.values()].find((thing) => thing.shopId === shop.id)?.id ?? '0';

/** Buyers' pictures carry their sizes as numeric strings, as seen on the platform. */
function pictureFields(platform: TiktokPlatform, shop: TiktokShop, base64: string | undefined): object {
  const bytes = base64 === undefined ? makePng(320, 240, [214, 88, 66]) : Buffer.from(base64, 'base64');
  const image = readImage(bytes);
  if (image === null) throw new ControlError('imageBase64 is not a jpg, gif, webp or png picture');
  const id = randomUUID().replaceAll('-', '');
  platform.world.images.set(id, {
    id,
    bytes,
    contentType: image.type === 'jpg' ? 'image/jpeg' : `image/${image.type}`,
    width: image.width,
    height: image.height,
    shopId: shop.id,
    storedMs: platform.world.clock.now(),
  });
  const url = `${platform.url()}/_media/${id}.${image.type}`;
  return { url, width: String(image.width), height: String(image.height) };
}

function videoFields(platform: TiktokPlatform): object {
  const vid = `v10394g5000c${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  platform.world.videos.add(vid);
  return {
    url: `${platform.url()}/_media/${vid}.mp4`,
    cover: `${platform.url()}/_media/${vid}.jpeg`,
    width: 720,
    height: 1280,
    duration: '12.48',
    vid,
    expire_time: Math.floor(platform.world.clock.now() / 1000) + 3_600,
    format: 'mp4',
    size: 1_204_224,
    bit_rate: 771_000,
    quality: 'original',
    codec_type: 'h264',
  };
}

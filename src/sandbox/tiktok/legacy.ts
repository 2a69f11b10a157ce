/**
 * Webhooks 8 and 9 of customer-service API v1, made from 13 and 14 by the seed's mapping ("CS API v1.0 to v2.0"):
 * other names, numeric roles, content with `imageUrl`, `goods_id` and a second JSON layer around videos.
 */
const LEGACY_TYPES: Record<string, string> = {
  TEXT: 'text',
  IMAGE: 'file_image',
  ALLOCATED_SERVICE: 'allocated_service',
  NOTIFICATION: 'notification',
  BUYER_ENTER_FROM_TRANSFER: 'use_enter_from_transfer',
  BUYER_ENTER_FROM_PRODUCT: 'user_enter_from_goods',
  BUYER_ENTER_FROM_ORDER: 'user_enter_from_order',
  PRODUCT_CARD: 'goods_card',
  ORDER_CARD: 'order_card',
  EMOTICONS: 'emoticons',
  VIDEO: 'video',
};

const LEGACY_ROLES: Record<string, number> = { BUYER: 1, SHOP: 2, CUSTOMER_SERVICE: 3, SYSTEM: 5, ROBOT: 6 };

export function toLegacy(
  type: number,
  data: Record<string, unknown>,
): { type: number; data: Record<string, unknown> } | null {
  if (type === 13) return { type: 8, data: { conv_short_id: data.conversation_id, create_time: data.create_time } };
  if (type !== 14) return null;
  const sender = data.sender as { im_user_id: string; role: string };
  const role = LEGACY_ROLES[sender.role] ?? 4;
  const kind = String(data.type);
  return {
    type: 9,
    data: {
      message_id: data.message_id,
      conv_short_id: data.conversation_id,
      content: legacyContent(kind, String(data.content)),
      is_visible: data.is_visible,
      msg_type: LEGACY_TYPES[kind] ?? 'other',
      sender_id: sender.im_user_id,
      sender_role: role,
      sender_role_v2: role,
      create_time: data.create_time,
    },
  };
}

function legacyContent(type: string, content: string): string {
  const fields = readFields(content);
  if (fields === null) return content;
  switch (type) {
    case 'IMAGE':
      return JSON.stringify({
        imageHeight: String(fields.height ?? ''),
        imageUrl: fields.url,
        imageWidth: String(fields.width ?? ''),
      });
    case 'PRODUCT_CARD':
    case 'BUYER_ENTER_FROM_PRODUCT':
      return JSON.stringify({ goods_id: fields.product_id });
    case 'VIDEO':
      return JSON.stringify({
        video_info: JSON.stringify({
          videoUrl: fields.url,
          coverUrl: fields.cover,
          videoWidth: fields.width,
          videoHeight: fields.height,
          videoDuration: Number(fields.duration),
          vid: fields.vid,
          videoExpireTime: fields.expire_time,
          videoFormat: fields.format,
          videoSize: fields.size,
          videoBitRate: fields.bit_rate,
          videoQuality: fields.quality,
          codecType: fields.codec_type,
        }),
      });
    default:
      return content;
  }
}

function readFields(content: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(content);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

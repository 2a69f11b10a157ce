import { tryParseJson } from '../../common/json.ts';

/**
 * The move from customer-service API v1 to 202309, in one place: what was called how. Source: Partner Center
 * `upgrade-customer-service-api-to-202309`. The v1 paths are documented here and never called; v1 webhooks (types 8 and 9) are
 * translated by {@link translateLegacyEnvelope} before anything else looks at them.
 *
 * The page contradicts itself in places; both spellings are read: `use_enter_from_transfer` and `user_enter_from_transfer`,
 * `user_enter_from_order` and `user_enter_from_orders`, `goods_id` and `product_id`, image sizes as text or number, and a `video_info`
 * string that is a second JSON layer (printed there without its escapes). `status` 0 and 2 are both "accepts no chats".
 */
export const LEGACY_PATHS: Readonly<Record<string, string>> = {
  'POST /api/seller/im/send_message': 'POST /customer_service/202309/conversations/{conversation_id}/messages',
  'GET /api/seller/im/customer_service/status': 'GET /customer_service/202309/agents/settings',
  'POST /api/seller/im/customer_service/status/update': 'PUT /customer_service/202309/agents/settings',
  'POST /api/seller/im/list_conversations': 'GET /customer_service/202309/conversations',
  'POST /api/seller/im/get_conversation_messages':
    'GET /customer_service/202309/conversations/{conversation_id}/messages',
  'POST /api/seller/im/img/upload': 'POST /customer_service/202309/images/upload',
  'POST /api/seller/im/mark_read': 'POST /customer_service/202309/conversations/{conversation_id}/messages/read',
  'POST /api/seller/im/create_conversation': 'POST /customer_service/202309/conversations',
};

export const LEGACY_WEBHOOK_TYPES: Readonly<Record<number, number>> = { 8: 13, 9: 14 };

export const LEGACY_MESSAGE_TYPES: Readonly<Record<string, string>> = {
  text: 'TEXT',
  file_image: 'IMAGE',
  allocated_service: 'ALLOCATED_SERVICE',
  notification: 'NOTIFICATION',
  use_enter_from_transfer: 'BUYER_ENTER_FROM_TRANSFER',
  user_enter_from_transfer: 'BUYER_ENTER_FROM_TRANSFER',
  user_enter_from_goods: 'BUYER_ENTER_FROM_PRODUCT',
  user_enter_from_order: 'BUYER_ENTER_FROM_ORDER',
  user_enter_from_orders: 'BUYER_ENTER_FROM_ORDER',
  goods_card: 'PRODUCT_CARD',
  order_card: 'ORDER_CARD',
  emoticons: 'EMOTICONS',
  video: 'VIDEO',
  other: 'OTHER',
};

/** `sender_role_v2` (and `role` of participants, which knows 1 to 3). 4 is deprecated and means nobody we know. */
export const LEGACY_ROLES: Readonly<Record<string, string>> = {
  '1': 'BUYER',
  '2': 'SHOP',
  '3': 'CUSTOMER_SERVICE',
  '5': 'SYSTEM',
  '6': 'ROBOT',
};

export const LEGACY_AGENT_STATUS: Readonly<Record<number, { can_accept_chat: boolean }>> = {
  0: { can_accept_chat: false },
  1: { can_accept_chat: true },
  2: { can_accept_chat: false },
};

/**
 * v1 always answered oldest first whatever was asked; the new API obeys.
 * @public Part of the documented mapping; v1 paths are never called.
 */
export const LEGACY_PULL_DIRECTION: Readonly<Record<number, 'ASC' | 'DESC'>> = { 0: 'ASC', 1: 'DESC' };

/**
 * Fields, requests and answers alike; `null` marks what has no successor. An end of list was `has_more: false`, now it is an empty
 * `next_page_token`. An image was uploaded as base64 inside JSON, now as multipart; the field is `data` in both. A message's id is
 * `msg_id` in v1 answers and `message_id` in v1 webhooks.
 * @public Part of the documented mapping; v1 paths are never called.
 */
export const LEGACY_FIELDS: Readonly<Record<string, string | null>> = {
  conv_short_id: 'conversation_id',
  msg_id: 'message_id',
  msg_type: 'type',
  msgs: 'messages',
  conv_with_last_msg: 'conversations',
  latest_msg: 'latest_message',
  cursor: 'page_token',
  next_cursor: 'next_page_token',
  has_more: null,
  limit: 'page_size',
  language: 'locale',
  pull_direction: 'sort_order',
  status: 'can_accept_chat',
  buyer_id: 'buyer_user_id',
  unsupport_msg_tips: 'unsupported_msg_tips',
  member_count: 'participant_count',
  participant_id: 'im_user_id',
  outer_id: 'user_id',
  nick: 'nickname',
  sender_id: 'sender.im_user_id',
  sender_role_v2: 'sender.role',
  sender_role: null,
  sender_nick: 'sender.nickname',
  sender_avatar: 'sender.avatar',
  app_id: null,
  ref_msg_info: null,
  index_in_conversation: null,
};

/** Names inside `content`, which live on in messages that were written under v1. */
export const LEGACY_CONTENT_FIELDS: Readonly<Record<string, string>> = {
  imageUrl: 'url',
  imageWidth: 'width',
  imageHeight: 'height',
  goods_id: 'product_id',
  videoUrl: 'url',
  coverUrl: 'cover',
  videoWidth: 'width',
  videoHeight: 'height',
  videoDuration: 'duration',
  videoExpireTime: 'expire_time',
  videoFormat: 'format',
  videoSize: 'size',
  videoBitRate: 'bit_rate',
  videoQuality: 'quality',
  codecType: 'codec_type',
};

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Type 9 becomes 14 and type 8 becomes 13, data included; every other envelope comes back as it is. */
export function translateLegacyEnvelope(envelope: { type: number; data: unknown }): { type: number; data: unknown } {
  const type = LEGACY_WEBHOOK_TYPES[envelope.type];
  if (type === undefined || !isFields(envelope.data)) return { type: type ?? envelope.type, data: envelope.data };
  const data = envelope.data;
  const conversation = { conversation_id: data.conv_short_id ?? data.conversation_id, create_time: data.create_time };
  if (type === 13) return { type, data: conversation };
  return {
    type,
    data: {
      ...conversation,
      message_id: data.message_id ?? data.msg_id,
      index: data.index,
      content: data.content,
      is_visible: data.is_visible,
      type: currentMessageType(data.msg_type ?? data.type),
      sender: isFields(data.sender)
        ? data.sender
        : { im_user_id: data.sender_id, role: currentRole(data.sender_role_v2 ?? data.sender_role) },
    },
  };
}

/** `goods_card` -> `PRODUCT_CARD`. A word that the table lacks is kept in capitals, which is how new types are spelled. */
const currentMessageType = (type: unknown): unknown =>
  typeof type === 'string' ? (LEGACY_MESSAGE_TYPES[type.toLowerCase()] ?? type.toUpperCase()) : type;

const currentRole = (role: unknown): unknown =>
  typeof role === 'number' || (typeof role === 'string' && /^\d+$/.test(role)) ? LEGACY_ROLES[String(role)] : role;

/** `{imageUrl, imageWidth: "304"}` -> `{url, width: "304"}`; a name that is new already wins over its old spelling. */
export function translateLegacyContent(content: Fields): Fields {
  const inner = 'video_info' in content ? videoInfo(content.video_info) : null;
  const source = inner === null ? content : { ...content, ...inner };
  let translated: Fields | null = null;
  for (const name of Object.keys(source)) {
    const current = Object.hasOwn(LEGACY_CONTENT_FIELDS, name) ? LEGACY_CONTENT_FIELDS[name] : undefined;
    if (current === undefined || Object.hasOwn(source, current)) continue;
    translated ??= { ...source };
    translated[current] = source[name];
  }
  return translated ?? source;
}

const videoInfo = (info: unknown): Fields | null => {
  const parsed = typeof info === 'string' ? tryParseJson(info) : info;
  return isFields(parsed) ? parsed : null;
};

const UNESCAPED_VIDEO = /^\s*\{\s*"video_info"\s*:\s*"(\{.*\})"\s*\}\s*$/s;

/** Reads `{"video_info": "{"videoUrl":…}"}`, which is not JSON but is how the page prints it. `null` when it is something else. */
export function readUnescapedVideo(content: string): Fields | null {
  const inner = UNESCAPED_VIDEO.exec(content)?.[1];
  return inner === undefined ? null : videoInfo(inner);
}

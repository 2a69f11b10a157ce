import type { TiktokPlatform } from './endpoint.ts';
import type { TiktokConversation, TiktokMessage } from './types.ts';

/** A message as the list calls show it. `richer`: the 2026 additions `data` and `plaintext`. */
export function messageView(
  platform: TiktokPlatform,
  message: TiktokMessage,
  richer: { data: boolean; plaintext: boolean } = { data: false, plaintext: false },
): Record<string, unknown> {
  const view: Record<string, unknown> = {
    id: message.id,
    type: message.type,
    content: message.content,
    create_time: Math.floor(message.createdMs / 1000),
    is_visible: message.visible,
    index: message.index,
    sender: {
      im_user_id: message.sender.imUserId,
      role: message.sender.role,
      nickname: message.sender.nickname,
      avatar: message.sender.avatar,
    },
  };
  if (richer.data) view.data = JSON.stringify(cardData(platform, message));
  if (richer.plaintext) view.plaintext = plainText(message);
  return view;
}

export function conversationView(
  platform: TiktokPlatform,
  conversation: TiktokConversation,
  form: 'list' | 'single',
  session: { id: boolean; info: boolean },
): Record<string, unknown> {
  const { world } = platform;
  const shop = world.shops.get(conversation.shopId);
  const buyer = world.buyers.get(conversation.buyerUserId);
  const people: Record<string, unknown>[] = [
    {
      im_user_id: buyer?.imUserId ?? '',
      user_id: conversation.buyerUserId,
      role: 'BUYER',
      nickname: buyer?.nickname ?? '',
      avatar: buyer?.avatar ?? '',
      ...(buyer?.platform === undefined ? {} : { [form === 'list' ? 'buyer_platform' : 'platform']: buyer.platform }),
    },
    { im_user_id: shop?.imUserId ?? '', user_id: shop?.id ?? '', role: 'SHOP', nickname: shop?.name ?? '', avatar: '' },
  ];
  if (conversation.agentJoined)
    people.push({
      im_user_id: shop?.agentImUserId ?? '',
      user_id: shop?.agentImUserId ?? '',
      role: 'CUSTOMER_SERVICE',
      nickname: shop?.agentName ?? '',
      avatar: '',
    });
  const view: Record<string, unknown> = {
    id: conversation.id,
    participant_count: people.length,
    unread_count: conversation.unread,
    create_time: Math.floor(conversation.createdMs / 1000),
    participants: people,
  };
  if (form === 'list') {
    view.can_send_message = platform.chat.maySend(conversation.shopId, conversation.buyerUserId);
    const latest = conversation.messages.at(-1);
    if (latest !== undefined) view.latest_message = messageView(platform, latest);
  }
  if (session.id && conversation.session !== null) view.cur_session_id = conversation.session.id;
  if (session.info && conversation.session !== null)
    view.cur_session = { id: conversation.session.id, phase: conversation.session.phase };
  return view;
}

function fieldsOf(message: TiktokMessage): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message.content);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function cardData(platform: TiktokPlatform, message: TiktokMessage): Record<string, unknown> {
  const fields = fieldsOf(message);
  const order = platform.world.orders.get(String(fields.order_id ?? ''));
  const product = platform.world.products.get(String(fields.product_id ?? ''));
  return {
    ...fields,
    ...(order === undefined ? {} : { order_status: order.detail.status }),
    ...(product === undefined ? {} : { product_title: product.detail.title }),
  };
}

function plainText(message: TiktokMessage): string {
  const fields = fieldsOf(message);
  return typeof fields.content === 'string' ? fields.content : `[${message.type}]`;
}

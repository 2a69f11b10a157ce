import { randomUUID } from 'node:crypto';
import { readImage } from '../kernel/image.ts';
import { readMultipart } from '../kernel/multipart.ts';
import { CODES, refuse } from './codes.ts';
import { checkOutgoing } from './content.ts';
import {
  type Call,
  checkLocale,
  type Endpoint,
  readBody,
  readChoice,
  readFlag,
  readPageSize,
  type TiktokPlatform,
} from './endpoint.ts';
import type { SenderRole, TiktokConversation, TiktokMessage } from './types.ts';
import { conversationView, messageView } from './views.ts';

const SCOPE = 'seller.customer_service';
const BASE = '/customer_service/202309';

/** The eight customer-service calls of 202309 and their newer neighbours (reference section 5). */
export const CHAT_ENDPOINTS: readonly Endpoint[] = [
  {
    name: 'conversations.list',
    method: 'GET',
    path: `${BASE}/conversations`,
    scope: SCOPE,
    shopScoped: true,
    daily: true,
    run: listConversations,
  },
  {
    name: 'conversations.create',
    method: 'POST',
    path: `${BASE}/conversations`,
    scope: SCOPE,
    shopScoped: true,
    run(call, platform) {
      const { buyer_user_id: buyerUserId } = readBody(call.request, CODES.BAD_PARAMETER);
      if (typeof buyerUserId !== 'string' || buyerUserId === '')
        return refuse(CODES.BAD_PARAMETER, 'buyer_user_id must be a string');
      if (!platform.world.buyers.has(buyerUserId)) refuse(CODES.NOT_FOUND, 'no such buyer');
      if (!platform.chat.maySend(call.shop.id, buyerUserId))
        refuse(CODES.MAY_NOT_CREATE, 'this buyer may not be written to');
      const known = platform.world.conversationOf(call.shop.id, buyerUserId);
      const conversation = known ?? platform.world.createConversation(call.shop.id, buyerUserId);
      platform.chat.reopen(conversation);
      return { conversation_id: conversation.id };
    },
  },
  {
    name: 'messages.list',
    method: 'GET',
    path: `${BASE}/conversations/:id/messages`,
    scope: SCOPE,
    shopScoped: true,
    daily: true,
    run: listMessages,
  },
  {
    name: 'messages.send',
    method: 'POST',
    path: `${BASE}/conversations/:id/messages`,
    scope: SCOPE,
    shopScoped: true,
    daily: true,
    run: (call, platform) => send(call, platform, 'CUSTOMER_SERVICE'),
  },
  {
    name: 'messages.send',
    method: 'POST',
    path: '/customer_service/202606/conversations/:id/messages',
    scope: SCOPE,
    shopScoped: true,
    daily: true,
    run(call, platform) {
      const role = readBody(call.request, CODES.BAD_PARAMETER).sender_role ?? 'CUSTOMER_SERVICE';
      if (role !== 'CUSTOMER_SERVICE' && role !== 'SYSTEM' && role !== 'ROBOT')
        return refuse(CODES.BAD_PARAMETER, 'sender_role must be CUSTOMER_SERVICE, SYSTEM or ROBOT');
      return send(call, platform, role);
    },
  },
  {
    name: 'messages.read',
    method: 'POST',
    path: `${BASE}/conversations/:id/messages/read`,
    scope: SCOPE,
    shopScoped: true,
    daily: true,
    run(call, platform) {
      conversationOf(call, platform).unread = 0;
      return {};
    },
  },
  {
    name: 'images.upload',
    method: 'POST',
    path: `${BASE}/images/upload`,
    scope: SCOPE,
    shopScoped: true,
    multipart: true,
    run: uploadImage,
  },
  {
    name: 'agents.settings.get',
    method: 'GET',
    path: `${BASE}/agents/settings`,
    scope: SCOPE,
    shopScoped: true,
    run: (call, platform) => ({ can_accept_chat: platform.world.acceptsChat.get(call.shop.id) === true }),
  },
  {
    name: 'agents.settings.update',
    method: 'PUT',
    path: `${BASE}/agents/settings`,
    scope: SCOPE,
    shopScoped: true,
    run(call, platform) {
      const { can_accept_chat: accepts } = readBody(call.request, CODES.BAD_PARAMETER);
      if (typeof accepts !== 'boolean') return refuse(CODES.BAD_PARAMETER, 'can_accept_chat must be true or false');
      platform.world.acceptsChat.set(call.shop.id, accepts);
      return {};
    },
  },
  {
    name: 'conversations.get',
    method: 'GET',
    path: '/customer_service/202601/conversations/:id',
    scope: SCOPE,
    shopScoped: true,
    run: (call, platform) => ({
      conversation: conversationView(platform, conversationOf(call, platform), 'single', wantedSession(call)),
    }),
  },
  {
    name: 'sessions.end',
    method: 'POST',
    path: '/customer_service/202605/conversations/:id/sessions/:session_id/end',
    scope: SCOPE,
    shopScoped: true,
    run(call, platform) {
      const conversation = conversationOf(call, platform);
      if (!conversation.open || conversation.session?.id !== call.params.session_id)
        refuse(CODES.NOT_FOUND, 'no such open session');
      platform.chat.close(conversation);
      return {};
    },
  },
  {
    name: 'performance.get',
    method: 'GET',
    path: '/customer_service/202407/performance',
    scope: SCOPE,
    shopScoped: true,
    run(call) {
      for (const name of ['support_date_ge', 'support_date_lt'])
        if (!/^\d{4}-\d{2}-\d{2}$/.test(call.request.query.get(name) ?? ''))
          refuse(CODES.BAD_PARAMETER, `${name} must be YYYY-MM-DD`);
      return {
        performance: {
          support_session_count: '12',
          response_percentage: '91.67',
          satisfaction_percentage: '83.33',
          response_time_mins: '4.2',
        },
      };
    },
  },
];

/** 45101003: nowhere. 45102007: another shop's. */
function conversationOf(call: Call, platform: TiktokPlatform): TiktokConversation {
  const conversation = platform.world.conversations.get(call.params.id ?? '');
  if (conversation === undefined) return refuse(CODES.NOT_FOUND, 'no such conversation');
  if (conversation.shopId !== call.shop.id) return refuse(CODES.NO_ACCESS, 'no access to this conversation');
  return conversation;
}

const wantedSession = (call: Call) => ({
  id: readFlag(call.request, 'need_session_id'),
  info: readFlag(call.request, 'need_session_info'),
});

function anchorOf(call: Call, platform: TiktokPlatform, scope: string): number | null {
  const token = call.request.query.get('page_token');
  if (token === null || token === '') return null;
  const anchor = platform.pages.read(scope, token);
  return anchor === null ? refuse(CODES.BAD_PARAMETER, 'page_token is invalid') : Number(anchor);
}

/** Newest activity first; the platform documents no order. */
function listConversations(call: Call, platform: TiktokPlatform): unknown {
  const size = readPageSize(call.request, 20, CODES.BAD_PARAMETER);
  checkLocale(call.request);
  const scope = `conversations/${call.shop.id}`;
  const before = anchorOf(call, platform, scope);
  const rows = [...platform.world.conversations.values()]
    .filter((row) => row.shopId === call.shop.id && (before === null || row.lastSeq < before))
    .sort((a, b) => b.lastSeq - a.lastSeq);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return {
    next_page_token: rows.length > size && last !== undefined ? platform.pages.make(scope, String(last.lastSeq)) : '',
    conversations: page.map((row) => conversationView(platform, row, 'list', wantedSession(call))),
  };
}

function listMessages(call: Call, platform: TiktokPlatform): unknown {
  const size = readPageSize(call.request, 10, CODES.BAD_PARAMETER);
  checkLocale(call.request);
  const conversation = conversationOf(call, platform);
  const order = readChoice(call.request, 'sort_order', ['DESC', 'ASC'], CODES.BAD_PARAMETER);
  readChoice(call.request, 'sort_field', ['create_time', 'index'], CODES.BAD_PARAMETER);
  const scope = `messages/${conversation.id}/${order}`;
  const anchor = anchorOf(call, platform, scope);
  const ascending = order === 'ASC';
  const rows = conversation.messages.filter(
    (row) => anchor === null || (ascending ? row.seq > anchor : row.seq < anchor),
  );
  if (!ascending) rows.reverse();
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const richer = { data: readFlag(call.request, 'need_data'), plaintext: readFlag(call.request, 'need_plaintext') };
  return {
    next_page_token: rows.length > size && last !== undefined ? platform.pages.make(scope, String(last.seq)) : '',
    unsupported_msg_tips: 'This message type is not supported here',
    messages: page.map((row: TiktokMessage) => messageView(platform, row, richer)),
  };
}

function send(call: Call, platform: TiktokPlatform, role: SenderRole): unknown {
  const conversation = conversationOf(call, platform);
  const body = readBody(call.request, CODES.BAD_PARAMETER);
  checkOutgoing(platform, call.shop, body.type, body.content);
  if (!platform.chat.maySend(call.shop.id, conversation.buyerUserId))
    refuse(CODES.MAY_NOT_SEND, 'this buyer may not be written to');
  const message = platform.chat.sellerSpeaks(conversation, {
    type: String(body.type),
    content: String(body.content),
    role,
    via: 'api',
  });
  return { message_id: message.id };
}

function uploadImage(call: Call, platform: TiktokPlatform): unknown {
  const parts = readMultipart(call.request.headers['content-type'] ?? '', call.request.body);
  if (parts === null) return refuse(CODES.BODY_FORMAT, 'the multipart body is broken');
  const part = parts.find((entry) => entry.name === 'data');
  if (part === undefined) return refuse(CODES.BAD_PARAMETER, 'the form has no field data');
  if (part.bytes.length > platform.limits.maxImageBytes) refuse(CODES.FILE_TOO_BIG, 'the picture is over 10 MB');
  const image = readImage(part.bytes);
  if (image === null) return refuse(CODES.BAD_PARAMETER, 'only jpg, gif, webp and png pictures are accepted');
  const id = randomUUID().replaceAll('-', '');
  platform.world.images.set(id, {
    id,
    bytes: part.bytes,
    contentType: image.type === 'jpg' ? 'image/jpeg' : `image/${image.type}`,
    width: image.width,
    height: image.height,
    shopId: call.shop.id,
    storedMs: platform.world.clock.now(),
  });
  return { url: `${platform.url()}/_media/${id}.${image.type}`, width: image.width, height: image.height };
}

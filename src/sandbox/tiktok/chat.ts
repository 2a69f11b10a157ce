import type { ChangeHub } from '../kernel/change-hub.ts';
import type { DeliverySwitches } from '../kernel/delivery-plan.ts';
import type { TiktokNoise } from './options.ts';
import type { TiktokConversation, TiktokMessage } from './types.ts';
import type { Webhooks } from './webhooks.ts';
import type { MessageDraft, TiktokWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Partner Center "Customer service API overview". */
const BUYER_SILENT_MS = 6 * HOUR_MS;
const SELLER_SILENT_MS = 7 * DAY_MS;
const RECENT_CHAT_MS = 30 * DAY_MS;
const RECENT_ORDER_MS = 60 * DAY_MS;

/** What happens in chats: who joins, who is told, what closes. Every message goes out as webhook 14, whoever wrote it. */
export interface Chat {
  buyerSpeaks(
    conversation: TiktokConversation,
    draft: Omit<MessageDraft, 'role' | 'via'>,
    deliver?: DeliverySwitches,
    enteredFrom?: { type: string; content: string },
  ): TiktokMessage;
  /** From the API or the seller app: reopens a closed conversation. TikTok's own lines (`via: platform`) change nothing else. */
  sellerSpeaks(conversation: TiktokConversation, draft: MessageDraft, deliver?: DeliverySwitches): TiktokMessage;
  close(conversation: TiktokConversation): void;
  reopen(conversation: TiktokConversation): void;
  /** Conversation in 30 days, order in 60, or any return (reference 5.1). */
  maySend(shopId: string, buyerUserId: string): boolean;
  /** Closes what has been silent too long. Cheap to call often. */
  sweep(): void;
}

export function createChat(world: TiktokWorld, webhooks: Webhooks, noise: TiktokNoise, changes: ChangeHub): Chat {
  const { clock } = world;
  const open = new Set<TiktokConversation>();
  let sweptAtMs = Number.NEGATIVE_INFINITY;

  const told = (conversation: TiktokConversation, message: TiktokMessage, deliver?: DeliverySwitches) => {
    webhooks.notify(conversation.shopId, 14, messageEvent(conversation, message), deliver);
    changes.emit('message', { shopId: conversation.shopId, conversationId: conversation.id, messageId: message.id });
    return message;
  };

  const platformSays = (conversation: TiktokConversation, type: string, content: string, visible = true) =>
    told(
      conversation,
      world.append(conversation, {
        type,
        content: JSON.stringify({ content }),
        role: 'SYSTEM',
        via: 'platform',
        visible,
      }),
    );

  const conversationChanged = (conversation: TiktokConversation) => {
    webhooks.notify(conversation.shopId, 13, {
      conversation_id: conversation.id,
      create_time: Math.floor(conversation.createdMs / 1000),
    });
    changes.emit('conversation', { shopId: conversation.shopId, conversationId: conversation.id });
  };

  const agentJoins = (conversation: TiktokConversation) => {
    if (conversation.agentJoined) return;
    if (noise.agents) {
      const name = world.shops.get(conversation.shopId)?.agentName ?? '';
      platformSays(conversation, 'ALLOCATED_SERVICE', `${name} has joined the conversation`);
    }
    conversation.agentJoined = true;
    if (conversation.session !== null) conversation.session.phase = 'ASSIGNED';
    if (noise.agents) conversationChanged(conversation);
  };

  const opened = (conversation: TiktokConversation) => {
    if (conversation.open) return false;
    conversation.open = true;
    open.add(conversation);
    conversation.session = { id: world.ids.next(), phase: 'AUTO_REPLY', startedMs: clock.now(), endedMs: null };
    return true;
  };

  const spoke = (conversation: TiktokConversation, who: 'buyer' | 'seller') => {
    conversation.lastSpeaker = who;
    conversation.lastSpokenMs = clock.now();
  };

  const close = (conversation: TiktokConversation) => {
    if (!conversation.open) return;
    conversation.open = false;
    open.delete(conversation);
    conversation.agentJoined = false;
    if (conversation.session !== null) conversation.session.endedMs = clock.now();
    if (noise.rating) platformSays(conversation, 'NOTIFICATION', 'Please rate this conversation', false);
    if (noise.agents) conversationChanged(conversation);
  };

  return {
    buyerSpeaks(conversation, draft, deliver, enteredFrom) {
      const fresh = opened(conversation);
      if (enteredFrom !== undefined)
        told(conversation, world.append(conversation, { ...enteredFrom, role: 'BUYER', via: 'platform' }));
      const message = world.append(conversation, { ...draft, role: 'BUYER', via: 'buyer' });
      conversation.unread += 1;
      spoke(conversation, 'buyer');
      told(conversation, message, deliver);
      if (fresh && noise.robot) {
        const content = JSON.stringify({ content: 'Hi! I am the shop assistant. I have passed your message on.' });
        told(conversation, world.append(conversation, { type: 'TEXT', content, role: 'ROBOT', via: 'platform' }));
      }
      if (fresh && noise.autoReply) {
        const content = JSON.stringify({ content: 'Thank you for your message.' });
        told(conversation, world.append(conversation, { type: 'TEXT', content, role: 'SHOP', via: 'platform' }));
      }
      if (fresh && world.acceptsChat.get(conversation.shopId) === true) agentJoins(conversation);
      return message;
    },
    sellerSpeaks(conversation, draft, deliver) {
      if (draft.via === 'platform') return told(conversation, world.append(conversation, draft), deliver);
      opened(conversation);
      if (draft.role === 'CUSTOMER_SERVICE') agentJoins(conversation);
      const message = world.append(conversation, draft);
      spoke(conversation, 'seller');
      return told(conversation, message, deliver);
    },
    close,
    reopen(conversation) {
      if (!opened(conversation)) return;
      spoke(conversation, 'seller');
      if (world.acceptsChat.get(conversation.shopId) === true) agentJoins(conversation);
    },
    maySend(shopId, buyerUserId) {
      const now = clock.now();
      const conversation = world.conversationOf(shopId, buyerUserId);
      if (conversation !== undefined && now - conversation.lastSpokenMs <= RECENT_CHAT_MS) return true;
      for (const order of world.orders.values()) {
        if (order.shopId !== shopId || order.buyerUserId !== buyerUserId) continue;
        if (order.hasReturn || now - order.createdMs <= RECENT_ORDER_MS) return true;
      }
      return false;
    },
    sweep() {
      const now = clock.now();
      if (now - sweptAtMs < 1_000) return;
      sweptAtMs = now;
      for (const conversation of [...open]) {
        const limit = conversation.lastSpeaker === 'buyer' ? SELLER_SILENT_MS : BUYER_SILENT_MS;
        if (now - conversation.lastSpokenMs >= limit) close(conversation);
      }
    },
  };
}

/** `data` of webhook 14: no name, no picture, no user id (Partner Center "14. New message"). */
function messageEvent(conversation: TiktokConversation, message: TiktokMessage): Record<string, unknown> {
  return {
    content: message.content,
    conversation_id: conversation.id,
    create_time: Math.floor(message.createdMs / 1000),
    is_visible: message.visible,
    message_id: message.id,
    index: message.index,
    type: message.type,
    sender: { im_user_id: message.sender.imUserId, role: message.sender.role },
  };
}

import type { IdSource } from '../kernel/ids.ts';
import type { SimClock } from '../kernel/sim-clock.ts';
import type {
  SenderRole,
  TiktokBuyer,
  TiktokConversation,
  TiktokCoupon,
  TiktokMessage,
  TiktokOrder,
  TiktokPackage,
  TiktokProduct,
  TiktokSeed,
  TiktokSeller,
  TiktokShop,
  TiktokToken,
} from './types.ts';

export interface MessageDraft {
  type: string;
  content: string;
  role: SenderRole;
  via: TiktokMessage['via'];
  visible?: boolean;
}

export interface StoredImage {
  id: string;
  bytes: Buffer;
  contentType: string;
  width: number;
  height: number;
  shopId: string;
  storedMs: number;
}

export interface TiktokWorld {
  sellers: Map<string, TiktokSeller>;
  shops: Map<string, TiktokShop>;
  /** By user id. */
  buyers: Map<string, TiktokBuyer>;
  orders: Map<string, TiktokOrder>;
  packages: Map<string, TiktokPackage>;
  products: Map<string, TiktokProduct>;
  coupons: Map<string, TiktokCoupon>;
  conversations: Map<string, TiktokConversation>;
  images: Map<string, StoredImage>;
  /** Ids of uploaded or received videos, the only ones that may be sent. */
  videos: Set<string>;
  tokens: TiktokToken[];
  authCodes: Map<string, { openId: string; expiresMs: number; used: boolean }>;
  /** `can_accept_chat` by shop. */
  acceptsChat: Map<string, boolean>;
  /** By shop, then event name: the address of the shop's own subscription. */
  subscriptions: Map<string, Map<string, { address: string; createdSec: number; updatedSec: number }>>;
  ids: IdSource;
  clock: SimClock;
  shopByCipher(cipher: string): TiktokShop | undefined;
  shop(shopId: string | undefined): TiktokShop | undefined;
  /** By handle, user id or chat id. */
  findBuyer(who: string): TiktokBuyer | undefined;
  /** An unknown name becomes a new buyer of that nickname. */
  buyer(who: string): TiktokBuyer;
  conversationOf(shopId: string, buyerUserId: string): TiktokConversation | undefined;
  createConversation(shopId: string, buyerUserId: string): TiktokConversation;
  append(conversation: TiktokConversation, draft: MessageDraft): TiktokMessage;
}

export function createTiktokWorld(seed: TiktokSeed, clock: SimClock, ids: IdSource): TiktokWorld {
  const byId = <T extends { id: string }>(list: T[]) => new Map(list.map((item) => [item.id, item]));
  const conversations = new Map<string, TiktokConversation>();
  const byPair = new Map<string, TiktokConversation>();
  const byName = new Map<string, TiktokBuyer>();
  const buyers = new Map<string, TiktokBuyer>();
  const addBuyer = (buyer: TiktokBuyer) => {
    buyers.set(buyer.userId, buyer);
    for (const name of [buyer.handle, buyer.userId, buyer.imUserId]) byName.set(name, buyer);
    return buyer;
  };
  for (const buyer of seed.buyers) addBuyer(buyer);
  const shops = byId(seed.shops);
  let seq = 0;

  const world: TiktokWorld = {
    sellers: new Map(seed.sellers.map((seller) => [seller.openId, seller])),
    shops,
    buyers,
    orders: byId(seed.orders),
    packages: byId(seed.packages),
    products: byId(seed.products),
    coupons: byId(seed.coupons),
    conversations,
    images: new Map(),
    videos: new Set(),
    tokens: seed.tokens.map((token) => ({ ...token })),
    authCodes: new Map(),
    acceptsChat: new Map(seed.shops.map((shop) => [shop.id, true])),
    subscriptions: new Map(),
    ids,
    clock,
    shopByCipher: (cipher) => seed.shops.find((shop) => shop.cipher === cipher),
    shop: (shopId) => (shopId === undefined ? seed.shops[0] : shops.get(shopId)),
    findBuyer: (who) => byName.get(who),
    buyer: (who) =>
      byName.get(who) ??
      addBuyer({ handle: who, userId: ids.next(), imUserId: ids.next(), nickname: who.slice(0, 60), avatar: '' }),
    conversationOf: (shopId, buyerUserId) => byPair.get(`${shopId}/${buyerUserId}`),
    createConversation(shopId, buyerUserId) {
      const conversation: TiktokConversation = {
        id: ids.next(),
        shopId,
        buyerUserId,
        createdMs: clock.now(),
        unread: 0,
        open: false,
        agentJoined: false,
        lastSpeaker: null,
        lastSpokenMs: clock.now(),
        lastSeq: 0,
        session: null,
        messages: [],
      };
      conversations.set(conversation.id, conversation);
      byPair.set(`${shopId}/${buyerUserId}`, conversation);
      return conversation;
    },
    append(conversation, draft) {
      seq += 1;
      const message: TiktokMessage = {
        id: ids.next(),
        index: ids.next(),
        seq,
        type: draft.type,
        content: draft.content,
        createdMs: clock.now(),
        visible: draft.visible ?? true,
        sender: senderOf(world, conversation, draft.role),
        via: draft.via,
      };
      conversation.messages.push(message);
      conversation.lastSeq = seq;
      return message;
    },
  };
  return world;
}

/** SYSTEM and ROBOT speak under the shop's name and id (reference section 4.2). */
function senderOf(world: TiktokWorld, conversation: TiktokConversation, role: SenderRole): TiktokMessage['sender'] {
  const shop = world.shops.get(conversation.shopId);
  const buyer = world.buyers.get(conversation.buyerUserId);
  if (role === 'BUYER')
    return { imUserId: buyer?.imUserId ?? '', role, nickname: buyer?.nickname ?? '', avatar: buyer?.avatar ?? '' };
  if (role === 'CUSTOMER_SERVICE')
    return { imUserId: shop?.agentImUserId ?? '', role, nickname: shop?.agentName ?? '', avatar: '' };
  return { imUserId: shop?.imUserId ?? '', role, nickname: shop?.name ?? '', avatar: '' };
}

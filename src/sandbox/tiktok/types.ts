/** The marketplace's own state. Ids are strings; times ending in `Ms` are milliseconds on the simulator's clock. */
export type SenderRole = 'BUYER' | 'SHOP' | 'CUSTOMER_SERVICE' | 'SYSTEM' | 'ROBOT';

export interface TiktokShop {
  id: string;
  name: string;
  /** `GB`, `TH`, `ID`… Indonesian pictures need a token to download. */
  region: string;
  sellerType: 'LOCAL' | 'CROSS_BORDER';
  cipher: string;
  code: string;
  /** The shop's identity in chats; SYSTEM and ROBOT lines carry it too. */
  imUserId: string;
  /** The chat identity under which API messages appear. */
  agentImUserId: string;
  agentName: string;
  /** The seller account that authorised the app. */
  openId: string;
}

export interface TiktokSeller {
  openId: string;
  name: string;
  baseRegion: string;
  scopes: string[];
}

export interface TiktokBuyer {
  /** Name for scripts and the control API: `mia`. */
  handle: string;
  userId: string;
  imUserId: string;
  nickname: string;
  avatar: string;
  /** Only Indonesian conversations carry it. */
  platform?: 'TIKTOK_SHOP' | 'TOKOPEDIA';
}

export interface TiktokMessage {
  id: string;
  /** Larger is newer, with gaps. */
  index: string;
  /** Order of arrival inside the simulator. */
  seq: number;
  type: string;
  /** A JSON text, except where a scenario sends something else. */
  content: string;
  createdMs: number;
  visible: boolean;
  sender: { imUserId: string; role: SenderRole; nickname: string; avatar: string };
  via: 'buyer' | 'api' | 'seller_app' | 'platform';
}

export interface TiktokConversation {
  id: string;
  shopId: string;
  buyerUserId: string;
  createdMs: number;
  unread: number;
  open: boolean;
  /** An agent serves: the third participant. */
  agentJoined: boolean;
  lastSpeaker: 'buyer' | 'seller' | null;
  lastSpokenMs: number;
  lastSeq: number;
  session: {
    id: string;
    phase: 'AUTO_REPLY' | 'QUEUED' | 'ASSIGNED';
    startedMs: number;
    endedMs: number | null;
  } | null;
  messages: TiktokMessage[];
}

export interface TrackingEvent {
  description: string;
  update_time_millis: number;
}

/** `detail` is what `GET /order/202309/orders` shows. */
export interface TiktokOrder {
  shopId: string;
  buyerUserId: string;
  id: string;
  createdMs: number;
  detail: Record<string, unknown> & { status: string; line_items: OrderLine[]; packages: { id: string }[] };
  /** Newest first. */
  tracking: TrackingEvent[];
  /** Sku ids that may still be returned. */
  returnable: string[];
  hasReturn: boolean;
}

export interface OrderLine {
  id: string;
  product_id: string;
  product_name: string;
  sku_id: string;
  sku_name: string;
  [key: string]: unknown;
}

export interface TiktokPackage {
  shopId: string;
  id: string;
  detail: Record<string, unknown>;
}

export interface TiktokProduct {
  shopId: string;
  id: string;
  detail: Record<string, unknown> & { title: string };
}

export interface TiktokCoupon {
  shopId: string;
  id: string;
  status: 'ONGOING' | 'NOT_STARTED' | 'EXPIRED' | 'DEACTIVATED';
  displayType: 'CHAT' | 'REGULAR';
  creationSource: 'SELLER_CENTER' | 'CREATOR';
  targetBuyerSegment: string;
}

export interface TiktokToken {
  openId: string;
  accessToken: string;
  refreshToken: string;
  /** Wire time, seconds. */
  accessExpiresSec: number;
  refreshExpiresSec: number;
  /** 0 seller, 1 creator, 3 partner. */
  userType: 0 | 1 | 3;
  scopes: string[];
}

export interface TiktokSeed {
  sellers: TiktokSeller[];
  shops: TiktokShop[];
  buyers: TiktokBuyer[];
  orders: TiktokOrder[];
  packages: TiktokPackage[];
  products: TiktokProduct[];
  coupons: TiktokCoupon[];
  tokens: TiktokToken[];
}

/** What the demo's routes send and the demo's page shows. Types only, so that the page may import them into the browser. */

/** The state in parts, `chat:mia`, `session:1419301`…: each is sent again as a whole when anything in it changed. */
export interface DemoSections {
  cast?: DemoCast;
  desk?: DeskView;
  [chat: `chat:${string}`]: ChatView | undefined;
  [bridge: `bridge:${string}`]: BridgeView | undefined;
  [session: `session:${string}`]: DeskSession | undefined;
}

/** One server-sent event. `whole`: forget what you had. `null`: the section is gone. */
export interface DemoPatch {
  whole: boolean;
  sections: { [name: string]: unknown };
}

export interface DemoCast {
  buyers: CastBuyer[];
}

export interface CastBuyer {
  /** `mia` */
  handle: string;
  name: string;
  /** BCP 47, `zh-Hant`. */
  language: string;
  /** `Chinese (traditional)` */
  languageName: string;
  shopId: string;
  shopName: string;
  /** Two letters, `GB`. */
  region: string;
  orders: { id: string; status: string; title: string }[];
  products: { id: string; title: string }[];
}

export interface ChatView {
  conversationId: string;
  open: boolean;
  lines: ChatLine[];
}

export interface ChatLine {
  /** The marketplace's message id. */
  id: string;
  at: number;
  /** `shop`: came over the API, so it is the bot's or an agent's. `staff`: typed in the seller app. `platform`: robot, system, automation. */
  who: 'buyer' | 'shop' | 'staff' | 'platform';
  kind: 'text' | 'picture' | 'sticker' | 'order' | 'product' | 'notice' | 'other';
  text: string;
  /** Same-origin address. */
  picture?: string;
}

export interface BridgeView {
  conversationId: string;
  /** `null` until the bridge knows the conversation. */
  owner: string | null;
  epoch: number;
  episode: number;
  language: string | null;
  /** Oldest first; early ones are left out when there are many. */
  entries: StoryLine[];
  /** The story could not be read; these entries are of the last time. */
  stale?: boolean;
}

export type StoryTone = 'plain' | 'good' | 'wait' | 'owner' | 'warn' | 'bad';
export type StoryIcon = 'buyer' | 'shop' | 'agent' | 'desk' | 'timer' | 'turn' | 'owner' | 'bot' | 'send';

export interface StoryLine {
  seq: number;
  at: number;
  icon: StoryIcon;
  tone: StoryTone;
  /** One line in plain words. */
  line: string;
  /** What else the same turn noted; empty for most. */
  more: string;
  status: string;
  /** Ordinary bookkeeping, hidden until asked for. */
  quiet: boolean;
  /** Everything the store kept about it, as JSON text. */
  detail: string;
  /** Outbound to the buyer: whose words, under which id they arrived, and what they say, so that the phone can name the speaker. */
  said?: { origin: string; agentName?: string; externalId: string | null; text: string };
}

export type AgentStatus = 'online' | 'busy' | 'offline';

export interface DeskView {
  agents: { id: number; name: string; status: AgentStatus; sessions: number; maxSessions: number }[];
  queue: { customerToken: string; name: string; place: number; assigning: boolean; lastLine: string }[];
  /** Newest first. */
  sessions: { id: number; name: string; agentName: string; open: boolean; unread: number; lastAt: number }[];
  ratings: { sessionId: number; name: string; option: string; remark: string; resolved: number | null; at: number }[];
  leftMessages: { id: string; name: string; text: string; at: number }[];
}

export interface DeskSession {
  id: number;
  name: string;
  /** Handle of the demo's buyer; `null` for a customer who is none of them. */
  buyer: string | null;
  customerToken: string;
  agentId: number;
  agentName: string;
  open: boolean;
  closeType: string | null;
  lines: DeskLine[];
}

export interface DeskLine {
  id: string;
  at: number;
  who: 'customer' | 'agent' | 'system';
  text: string;
  picture?: string;
  /** Agent lines: the push to the bridge. */
  push?: 'waiting' | 'delivered' | 'failed';
}

/** Body of `POST /demo/api/buyer`. */
export type BuyerAction = { buyer: string } & (
  | { type: 'text'; text: string }
  | { type: 'image'; imageBase64?: string }
  | { type: 'order'; orderId: string }
  | { type: 'product'; productId: string }
  | { type: 'sticker'; imageBase64?: string }
);

/** Body of `POST /demo/api/agent`. */
export type AgentAction =
  | { action: 'say'; sessionId: number; text: string }
  | { action: 'image'; sessionId: number; imageBase64?: string }
  | { action: 'transfer'; sessionId: number; toAgentId: number }
  | { action: 'close' | 'invite-survey' | 'read'; sessionId: number }
  | { action: AgentStatus; agentId: number }
  | { action: 'assign'; customerToken: string };

/** Body of `POST /demo/api/staff`: typed by a person in the seller app. */
export interface StaffAction {
  buyer: string;
  text: string;
}

/** What `bridge.yaml` decides for one shop after defaults, environment and per-shop overrides have been laid over each other. */
export interface ShopSettings {
  /** BCP 47, the first one is spoken when nothing else is known. */
  languages: string[];
  /** Region of the shop, decides between look-alike languages. */
  market: string | null;
  /** The language of agents: the packet is written in it. */
  agentLanguage: string;
  replyMode: 'auto' | 'assist' | 'off';
  firstLine: 'dialogs' | 'urobot';
  coalescing: { windowMs: number; maxMs: number };
  /** `null`: always open. */
  hours: OpeningHours | null;
  handoff: { groupId: string | null; agentId: string | null };
  budgets: Budgets;
  survey: { enabled: boolean };
  /** Older unread buyer messages found by re-reading are left alone. */
  recoverMaxAgeMs: number;
  /** Marks the buyer's messages as read once the bot has answered. */
  markRead: boolean;
}

/** Every wait's budget in milliseconds. */
export interface Budgets {
  queuePollMs: number;
  queueMs: number;
  agentSilentMs: number;
  buyerIdleMs: number;
  surveyMs: number;
  takeoverIdleMs: number;
  transferMs: number;
  episodeIdleMs: number;
}

export interface OpeningHours {
  /** IANA, `Asia/Bangkok`. */
  timeZone: string;
  /** 0 = Sunday; minutes since midnight, end exclusive; an interval may not cross midnight. */
  week: { from: number; to: number }[][];
  /** `YYYY-MM-DD` in that zone: closed all day. */
  holidays: string[];
}

/** The bridge's own words. A template may name `{place}`, `{agent}`, `{opens}`, `{title}`, `{options}`. */
export const TEXT_KEYS = [
  'handoff.asking',
  'handoff.accepted',
  'handoff.queued',
  'handoff.queue_moved',
  'handoff.still_waiting',
  'handoff.gave_up',
  'handoff.left_queue',
  'handoff.closed',
  'handoff.nobody_online',
  'handoff.unknown',
  'agent.silent',
  'agent.transferred',
  'agent.closed',
  'buyer.idle_closed',
  'survey.ask',
  'survey.remark',
  'survey.resolved',
  'survey.thanks',
  'fallback',
  'unsupported_media',
  'menu.hint',
] as const;
export type TextKey = (typeof TEXT_KEYS)[number];

export interface BridgeSettings {
  forShop(channel: string, shopId: string, region: string | null): ShopSettings;
  /** The bridge's words in a language; falls back by language family, then to English. Several variants may exist. */
  text(key: TextKey, language: string): string[];
}

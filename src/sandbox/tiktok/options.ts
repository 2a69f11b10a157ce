import type { Clock } from '../../common/clock.ts';
import type { TiktokSeed } from './types.ts';

export interface TiktokNoise {
  /** ALLOCATED_SERVICE and webhook 13 when a conversation opens and closes. */
  agents: boolean;
  /** One line of TikTok's own chatbot after the first buyer message. */
  robot: boolean;
  /** The shop's automatic greeting, role SHOP. */
  autoReply: boolean;
  /** The invisible rating request when a conversation closes. */
  rating: boolean;
}

export interface TiktokLimits {
  /** Per endpoint and shop and second; 0 switches a limit off. */
  perSecond: number;
  /** Customer-service calls (list, messages, send, read) per shop and UTC day. */
  perDay: number;
  /** Window in which one coupon card may be sent per shop: 0.5 a second. */
  couponWindowMs: number;
  maxImageBytes: number;
}

export interface TiktokSimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  appKey?: string;
  appSecret?: string;
  serviceId?: string;
  /** The app-wide address of Partner Center; a shop's own subscription wins over it. */
  webhookUrl?: string;
  /** Where the authorise page sends the seller back to. */
  oauthRedirectUrl?: string;
  /** `page` shows two links; the others answer with the redirect at once. */
  authorise?: 'page' | 'approve' | 'refuse';
  /** Shops, buyers, orders… Default: the demo world. */
  seed?: (nowMs: number) => TiktokSeed;
  clock?: Clock;
  /** Divides the waits of the webhook retry ladder; 60 turns 2 min into 2 s. */
  compress?: number;
  /** How long the receiver may take, default 3000. */
  webhookTimeoutMs?: number;
  /** `legacy` sends types 8 and 9 in the shapes of API v1. */
  webhookVersion?: 'current' | 'legacy';
  /** Whether a 401 is repeated; the official table reads as "no". */
  retryUnauthorised?: boolean;
  limits?: Partial<TiktokLimits>;
  noise?: Partial<TiktokNoise>;
  /** Words that Send Message refuses (45101006), compared without case. */
  sensitiveWords?: string[];
  /** Milliseconds after which picture addresses stop working; default never. */
  mediaTtlMs?: number;
  randomSeed?: number;
}

export const DEFAULT_LIMITS: TiktokLimits = {
  perSecond: 50,
  perDay: 10_000,
  couponWindowMs: 2_000,
  maxImageBytes: 10 * 1024 * 1024,
};

export const DEFAULT_NOISE: TiktokNoise = { agents: true, robot: true, autoReply: false, rating: true };

/** Off-platform contact is what the marketplace's filter is about. */
export const DEFAULT_SENSITIVE_WORDS = ['whatsapp', 'wechat', 'line id', 'bank transfer', 'paypal me'];

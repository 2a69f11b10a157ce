import { createHmac } from 'node:crypto';

/**
 * What the processes of the bench agree on. They are processes of their own because a load generator inside the measured
 * one would be measured too.
 */
export const APP_KEY = '6benchappkey0';
export const APP_SECRET = '00112233445566778899aabbccddeeff00112233';
const FIRST_SHOP = 7_494_049_642_000_000_000n;

/** Example: `7494049642000000000`. */
export const shopId = (number: number): string => String(FIRST_SHOP + BigInt(number));

/** Nineteen digits that differ between runs: `7494` + run (5 digits) + number (10 digits). */
export const conversationId = (run: number, number: number): string =>
  `7494${String(run).padStart(5, '0')}${String(number).padStart(10, '0')}`;

/** The number that {@link conversationId} was given. */
export const conversationNumber = (id: string): number => Number(id.slice(9));

/** Webhook signature: HMAC-SHA256 of app key + raw body under the app secret, lower-case hex (Partner Center, configuration guide). */
export const signWebhook = (body: string): string =>
  createHmac('sha256', APP_SECRET)
    .update(APP_KEY + body)
    .digest('hex');

export interface BuyerMessage {
  run: number;
  /** Of the conversation. */
  conversation: number;
  /** 1, 2, 3... within the conversation; the reply must end with it. */
  sequence: number;
  /** Unique in the run. */
  serial: number;
  shops: number;
}

/** A type 14 NEW_MESSAGE delivery, field for field as Partner Center shows it; about 440 bytes. */
export function webhookBody(message: BuyerMessage): string {
  const seconds = Math.floor(Date.now() / 1000);
  const suffix = `${String(message.run).padStart(5, '0')}${String(message.serial).padStart(10, '0')}`;
  const id = conversationId(message.run, message.conversation);
  return (
    `{"type":14,"tts_notification_id":"7327${suffix}","shop_id":"${shopId(message.conversation % message.shops)}",` +
    `"timestamp":${seconds},"data":{"content":"{\\"content\\":\\"Is this in stock? ${message.sequence}\\"}",` +
    `"conversation_id":"${id}","create_time":${seconds},"is_visible":true,"message_id":"7495${suffix}",` +
    `"index":"7496${suffix}","type":"TEXT","sender":{"im_user_id":"7497${id.slice(4)}","role":"BUYER"}}}`
  );
}

export interface LoadPlan {
  url: string;
  /** Where the platform announces replies; without it a message is complete when it is acknowledged. */
  repliesPort: number | null;
  run: number;
  connections: number;
  /** `closed`: so many messages are under way at any time. `open`: so many begin each second, whatever happens to them. */
  pace: { kind: 'closed'; inFlight: number } | { kind: 'open'; perSecond: number };
  /** A conversation's next message waits for the reply to the last. Without a limit each message opens a conversation. */
  conversations: number | null;
  shops: number;
  warmUpMs: number;
  measureMs: number;
}

export interface Percentiles {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export interface LoadResult {
  sent: number;
  /** Answered 200. */
  acknowledged: number;
  /** Answered otherwise or not at all, with how often: `{ '503': 2, ECONNRESET: 1 }`. */
  failures: Record<string, number>;
  replies: number;
  /** Completions inside the measured time, a second. */
  perSecond: number;
  /** Milliseconds; at an open pace from the moment a message was due, not from when it could be written. */
  acknowledgement: Percentiles;
  reply: Percentiles;
}

export interface PlatformReport {
  replies: number;
  conversations: number;
  /** Replies that skipped a message of their conversation. */
  outOfOrder: number;
  /** Replies to a message that had one. */
  doubled: number;
  /** Replies that do not end with a number. */
  unreadable: number;
}

/** Milliseconds, nearest rank. Sorts the array it is given. */
export function percentiles(samples: number[]): Percentiles {
  samples.sort((a, b) => a - b);
  const rank = (share: number) => samples[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN;
  return { count: samples.length, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) };
}

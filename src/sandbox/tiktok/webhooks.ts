import type { HttpClient } from '../../common/http-client.ts';
import type { ChangeHub } from '../kernel/change-hub.ts';
import type { DeliveryPlan, DeliverySwitches } from '../kernel/delivery-plan.ts';
import type { SimClock } from '../kernel/sim-clock.ts';
import { toLegacy } from './legacy.ts';
import { webhookSign } from './sign.ts';
import type { TiktokWorld } from './world.ts';

/** After each failure, in this order, then the event is given up (Partner Center "Webhook configuration guide"). */
const RETRY_WAITS_MS = [2 * 60_000, 30 * 60_000, 3 * 3_600_000, 12 * 3_600_000];
const LOG_SIZE = 5_000;

/** Subscriptions use names, payloads carry numbers (reference section 3.2). */
export const EVENT_NAMES: Record<number, string> = {
  1: 'ORDER_STATUS_CHANGE',
  3: 'RECIPIENT_ADDRESS_UPDATE',
  4: 'PACKAGE_UPDATE',
  5: 'PRODUCT_STATUS_CHANGE',
  6: 'SELLER_DEAUTHORIZATION',
  7: 'UPCOMING_AUTHORIZATION_EXPIRATION',
  11: 'CANCELLATION_STATUS_CHANGE',
  12: 'RETURN_STATUS_CHANGE',
  13: 'NEW_CONVERSATION',
  14: 'NEW_MESSAGE',
  33: 'NEW_MESSAGE_LISTENER',
};

export interface WebhookAttempt {
  atMs: number;
  /** `null`: no answer. */
  status: number | null;
  error: string | null;
  tookMs: number;
}

export interface WebhookDelivery {
  notificationId: string;
  shopId: string;
  type: number;
  /** `nobody`: no address known. `lost`: swallowed on purpose. `dropped`: the ladder ended. `refused`: answered 401. */
  state: 'waiting' | 'delivered' | 'refused' | 'dropped' | 'lost' | 'nobody';
  body: string;
  switches: DeliverySwitches;
  attempts: WebhookAttempt[];
}

export interface Webhooks {
  notify(shopId: string, type: number, data: Record<string, unknown>, own?: DeliverySwitches): WebhookDelivery;
  deliveries(): WebhookDelivery[];
  setUrl(url: string | undefined): void;
  setVersion(version: 'current' | 'legacy'): void;
  /** Sends a delivery of the log once more with the same bytes. */
  resend(notificationId: string): boolean;
  counters: { sent: number; delivered: number; failed: number; dropped: number };
}

export interface WebhookParts {
  world: TiktokWorld;
  clock: SimClock;
  plan: DeliveryPlan;
  http: HttpClient;
  changes: ChangeHub;
  stopping: AbortSignal;
  appKey: string;
  appSecret: string;
  url: string | undefined;
  version: 'current' | 'legacy';
  compress: number;
  timeoutMs: number;
  retryUnauthorised: boolean;
}

export function createWebhooks(parts: WebhookParts): Webhooks {
  const { world, clock } = parts;
  const log: WebhookDelivery[] = [];
  const counters = { sent: 0, delivered: 0, failed: 0, dropped: 0 };
  let url = parts.url;
  let version = parts.version;

  const target = (delivery: WebhookDelivery, eventName: string | undefined): string | undefined =>
    (eventName === undefined ? undefined : world.subscriptions.get(delivery.shopId)?.get(eventName)?.address) ?? url;

  async function attempt(delivery: WebhookDelivery, address: string, retry: number): Promise<void> {
    const startedMs = clock.base.now();
    const secret = delivery.switches.wrongSignature === true ? `${parts.appSecret}-other` : parts.appSecret;
    const record: WebhookAttempt = { atMs: clock.now(), status: null, error: null, tookMs: 0 };
    counters.sent += 1;
    try {
      const answer = await parts.http.call({
        method: 'POST',
        url: address,
        headers: {
          'content-type': 'application/json',
          authorization: webhookSign(parts.appKey, secret, delivery.body),
        },
        body: delivery.body,
        timeoutMs: parts.timeoutMs,
        maxBytes: 64 * 1024,
        signal: parts.stopping,
      });
      record.status = answer.status;
    } catch (thrown) {
      record.error = thrown instanceof Error ? thrown.name : 'unknown';
    }
    if (parts.stopping.aborted) return;
    record.tookMs = clock.base.now() - startedMs;
    delivery.attempts.push(record);
    settle(delivery, record, address, retry);
    parts.changes.emit('webhook', { shopId: delivery.shopId, id: delivery.notificationId, state: delivery.state });
  }

  function settle(delivery: WebhookDelivery, record: WebhookAttempt, address: string, retry: number): void {
    if (record.status === 200) {
      delivery.state = 'delivered';
      counters.delivered += 1;
      return;
    }
    counters.failed += 1;
    // A copy may have been taken already; the ladder goes on for the one that failed only while nothing was taken.
    if (delivery.state === 'delivered') return;
    if (record.status === 401 && !parts.retryUnauthorised) {
      delivery.state = 'refused';
      return;
    }
    const waitMs = RETRY_WAITS_MS[retry];
    if (waitMs === undefined) {
      delivery.state = 'dropped';
      counters.dropped += 1;
      return;
    }
    clock.schedule(waitMs / parts.compress, () => void attempt(delivery, address, retry + 1));
  }

  return {
    counters,
    deliveries: () => log,
    setUrl(next) {
      url = next;
    },
    setVersion(next) {
      version = next;
    },
    notify(shopId, type, data, own) {
      const tag = tagOf(type, data);
      const switches = parts.plan.take(own, tag);
      const legacy = version === 'legacy' ? toLegacy(type, data) : null;
      const envelope = {
        type: switches.unknownType === true ? 4099 : (legacy?.type ?? type),
        ...(legacy === null ? { tts_notification_id: world.ids.next() } : {}),
        shop_id: shopId,
        timestamp: Math.floor(clock.now() / 1000),
        data: legacy?.data ?? data,
      };
      const delivery: WebhookDelivery = {
        notificationId: 'tts_notification_id' in envelope ? String(envelope.tts_notification_id) : world.ids.next(),
        shopId,
        type: envelope.type,
        state: 'waiting',
        body: JSON.stringify(envelope),
        switches,
        attempts: [],
      };
      log.push(delivery);
      if (log.length > LOG_SIZE) log.splice(0, LOG_SIZE / 10);
      const address = target(delivery, EVENT_NAMES[type]);
      if (address === undefined) delivery.state = 'nobody';
      else if (switches.lost === true) delivery.state = 'lost';
      else
        parts.plan.dispatch(
          `${String(data.conversation_id ?? shopId)}/${tag}`,
          switches,
          () => void attempt(delivery, address, 0),
        );
      return delivery;
    },
    resend(notificationId) {
      const delivery = log.find((entry) => entry.notificationId === notificationId);
      const address = delivery === undefined ? undefined : target(delivery, EVENT_NAMES[delivery.type]);
      if (delivery === undefined || address === undefined) return false;
      void attempt(delivery, address, RETRY_WAITS_MS.length);
      return true;
    },
  };
}

/** Whose deliveries a scenario means: the buyer's words, echoes of the seller's side, or anything else. */
function tagOf(type: number, data: Record<string, unknown>): string {
  if (type !== 14) return 'other';
  const role = (data.sender as { role?: string } | undefined)?.role;
  return role === 'BUYER' ? 'buyer' : role === 'CUSTOMER_SERVICE' ? 'echo' : 'noise';
}

import type { Clock } from '../common/clock.ts';
import { BuyerlineError } from '../common/errors.ts';
import type { WebhookRequest, WebhookResult } from '../contracts/channel.ts';
import type { HttpReply, HttpRoute } from '../contracts/http.ts';
import type { AsideRecord, InboundEvent } from '../contracts/inbound.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { createLogGate } from './log-gate.ts';

/** Resolves when everything is durable. A rejection makes the platform repeat: StoreUnavailableError as 503, anything else as 500. */
export type Ingest = (input: { events: InboundEvent[]; aside: AsideRecord[] }) => Promise<void>;

export interface WebhookRouteOptions {
  /** `/webhooks/tiktok` */
  path: string;
  /** Label of the metric, `tiktok`. */
  channelName: string;
  receive(request: WebhookRequest): WebhookResult | Promise<WebhookResult>;
  ingest: Ingest;
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
}

const OK: HttpReply = { status: 200 };
const REFUSED: HttpReply = { status: 401 };
const NOT_FOUND: HttpReply = { status: 404 };

/** Verify, make durable, then acknowledge: 200, 401 for a signature that does not fit, 503 when nothing can be stored; always empty. */
export function createWebhookRoute(options: WebhookRouteOptions): HttpRoute {
  const { channelName, ingest, logger } = options;
  const answered = counter(options.metrics, channelName);
  const gate = createLogGate(options.clock);
  return {
    method: 'POST',
    path: options.path,
    async handle(request) {
      try {
        const received = options.receive({
          headers: request.headers,
          rawBody: request.rawBody,
          receivedAt: request.receivedAt,
        });
        const result = received instanceof Promise ? await received : received;
        if (result.kind === 'refused') {
          answered('refused');
          const open = gate('refused');
          if (open !== undefined) {
            logger.warn('webhook.refused', { channel: channelName, reason: result.reason, heldBack: open.held });
          }
          return REFUSED;
        }
        if (result.events.length > 0 || result.aside.length > 0) await ingest(result);
        answered('accepted');
        return OK;
      } catch (thrown) {
        answered(failureOf(thrown));
        throw thrown;
      }
    },
  };
}

export interface DeskPushRouteOptions {
  desk: {
    /** `/webhooks/udesk/:secret` */
    readonly webhookPath: string;
    secretFits(secret: string): boolean;
    receive(rawBody: Buffer, receivedAt: number): { events: InboundEvent[]; aside: AsideRecord[] };
  };
  /** Label of the metric, default `udesk`. */
  deskName?: string;
  ingest: Ingest;
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
}

/** Udesk signs nothing: its secret stands in the path, and a wrong one is answered exactly like a path that does not exist. */
export function createDeskPushRoute(options: DeskPushRouteOptions): HttpRoute {
  const { desk, ingest, logger } = options;
  const deskName = options.deskName ?? 'udesk';
  const answered = counter(options.metrics, deskName);
  const gate = createLogGate(options.clock);
  return {
    method: 'POST',
    path: desk.webhookPath,
    async handle(request) {
      if (!desk.secretFits(request.params.secret ?? '')) {
        answered('refused');
        const open = gate('refused');
        if (open !== undefined) {
          logger.warn('webhook.refused', { channel: deskName, reason: 'wrong_secret', heldBack: open.held });
        }
        return NOT_FOUND;
      }
      try {
        const pushed = desk.receive(request.rawBody, request.receivedAt);
        if (pushed.events.length > 0 || pushed.aside.length > 0) await ingest(pushed);
        answered('accepted');
        return OK;
      } catch (thrown) {
        answered(failureOf(thrown));
        throw thrown;
      }
    },
  };
}

const failureOf = (thrown: unknown): 'unavailable' | 'failed' =>
  thrown instanceof BuyerlineError && thrown.retryable ? 'unavailable' : 'failed';

/** One label object per answer: they are few, and this runs for every webhook. */
function counter(metrics: Metrics, channel: string): (answer: keyof typeof labels) => void {
  const labels = {
    accepted: { channel, answer: 'accepted' },
    refused: { channel, answer: 'refused' },
    unavailable: { channel, answer: 'unavailable' },
    failed: { channel, answer: 'failed' },
  };
  return (answer) => metrics.count('buyerline_webhooks_total', labels[answer]);
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../common/clock.ts';
import { BuyerlineError } from '../common/errors.ts';
import type { HttpClient } from '../common/http-client.ts';
import type { Desk, DeskOutcome } from '../contracts/desk.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { type Called, type UdeskAccount, UdeskClient } from './client.ts';
import { Customers } from './customers.ts';
import { diagnoseUdesk } from './diagnose.ts';
import { endpoints } from './endpoints.ts';
import { sendMessage } from './messages.ts';
import { toFailure } from './outcome.ts';
import { openSession, readCustomerStatus, readQueueStatus } from './sessions.ts';
import { toInbound } from './to-inbound.ts';
import type { OutboundStyle } from './to-outbound.ts';
import { Votes } from './votes.ts';

export interface UdeskConfig extends UdeskAccount {
  /** Last piece of the receiving address; the only protection of pushes, which Udesk does not sign. */
  pushSecret: string;
  /** Key of structured messages; not needed for buyers, whom Udesk excludes from that call. */
  structKey?: string;
  /** Group, channel and agent of a handoff that names none. */
  groupId?: string;
  channel?: string;
  defaultAgentId?: string;
  /** Defaults: `html`, no native video. */
  style?: Partial<OutboundStyle>;
  /** Bound on one call in milliseconds, default 8,000. */
  callTimeoutMs?: number;
}

export interface UdeskDeps {
  config: UdeskConfig;
  http: HttpClient;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  random?: () => number;
}

const SESSION_GONE = 9200;
const NO_SESSION_OR_VALUE = 2062;

/**
 * Udesk as the desk: agent sessions through its IM open API, answers and events through its pushes.
 * `POST /webhooks/udesk/:secret` belongs to it; answer 200 with an empty body within 5 s, 404 when {@link Desk.secretFits} says no.
 */
export function createUdeskDesk(deps: UdeskDeps): Desk {
  const { config, http, clock, metrics, logger } = deps;
  const client = new UdeskClient({
    account: config,
    http,
    clock,
    logger,
    metrics,
    random: deps.random,
    timeoutMs: config.callTimeoutMs,
  });
  const customers = new Customers(client);
  const votes = new Votes(client);
  const defaults = { groupId: config.groupId, defaultAgentId: config.defaultAgentId, channel: config.channel };
  const style: OutboundStyle = { messageMarkup: 'html', nativeVideo: false, ...config.style };
  const secretDigest = digest(config.pushSecret);
  const onRepaired = () => {
    metrics.count('buyerline_inbound_events_total', { channel: 'udesk', outcome: 'repaired' });
    logger.warn('desk.push_repaired');
  };
  return {
    name: 'udesk',
    webhookPath: '/webhooks/udesk/:secret',
    // Hashes have one length, so comparing them tells nothing about the secret's own.
    secretFits: (secret) => config.pushSecret !== '' && timingSafeEqual(digest(secret), secretDigest),
    receive: (rawBody) => toInbound(rawBody, onRepaired),
    open: (open) => openSession({ client, customers, defaults }, open),
    send: (send) => sendMessage(client, { ...defaults, style }, send),
    close: async (sessionId, signal) =>
      doneOrGone(await client.call(endpoints.closeSession, { session_id: sessionId }, { signal })),
    leaveQueue: async (customerToken, queueKey, signal) => {
      if (queueKey === '')
        return {
          kind: 'refused',
          next: 'dead',
          code: 'queue_key',
          reason: 'Udesk gave no queue key, so the place cannot be given up',
        };
      return doneOrGone(
        await client.call(endpoints.leaveQueue, { customer_token: customerToken, queue: queueKey }, { signal }),
      );
    },
    rate: (vote, signal) => votes.rate(vote, signal),
    queueStatus: async (customerToken, signal) => resultOf(await readQueueStatus(client, customerToken, signal)),
    customerStatus: async (customerToken, signal) =>
      resultOf(await readCustomerStatus(client, customerToken, { signal })),
    underPressure: () => client.budget.underPressure(),
    diagnose: () => diagnoseUdesk(client, config),
    stop: async () => client.stop(),
  };
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/** What is closed or left already needs no second time. */
function doneOrGone(called: Called<unknown>): DeskOutcome {
  if (called.kind === 'answered') return { kind: 'accepted' };
  if (called.kind === 'refused' && (called.code === SESSION_GONE || called.code === NO_SESSION_OR_VALUE))
    return { kind: 'accepted' };
  return toFailure(called);
}

function resultOf<R>(called: Called<R>): R {
  if (called.kind === 'answered') return called.result;
  throw new BuyerlineError('DESK_API_FAILED', called.reason, {
    retryable: called.kind !== 'refused' || called.next === 'retry',
    details: { outcome: called.kind, code: called.kind === 'unknown' ? null : called.code },
  });
}

import type { Clock } from '../../common/clock.ts';
import { BuyerlineError } from '../../common/errors.ts';
import type { HttpReply, HttpRequest, HttpRoute } from '../../contracts/http.ts';
import type { AsideRecord, InboundEvent } from '../../contracts/inbound.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { Metrics } from '../../contracts/metrics.ts';
import type { Verdict } from './authentication.ts';
import { serviceUrlProblem, whyNotLocal } from './local-caller.ts';
import type { References } from './references.ts';
import { type IncomingActivity, readActivity } from './schema.ts';
import { CHANNEL, conversationRefOf, toInbound } from './to-inbound.ts';

export interface MessagesRouteDeps {
  /** `null`: nobody but this machine is served. */
  authenticate: ((authorization: string | undefined, activity: IncomingActivity) => Promise<Verdict>) | null;
  references: References;
  ingest: (input: { events: InboundEvent[]; aside: AsideRecord[] }) => Promise<void>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

const OK: HttpReply = { status: 200 };
/** The answer would have to be in the response, and ours is written later, by a turn that may wait for the buyer's next line. */
const BUFFERED_MODES = new Set(['expectReplies', 'stream']);
const WARN_EVERY_MS = 5_000;

/**
 * `POST /api/messages`. 200: durable. 400: no activity. 401: no or a false token. 403: without an app id, a caller or an answering address
 * outside this machine. 501: an activity that wants its answer in the response. 503: nothing could be stored, or Microsoft's keys not read.
 * A body says in our words what is wrong; what a library said about it goes nowhere.
 */
export function createMessagesRoute(deps: MessagesRouteDeps): HttpRoute {
  const { clock, logger, metrics } = deps;
  const hasApp = deps.authenticate !== null;
  const count = (answer: string) => metrics.count('buyerline_webhooks_total', { channel: CHANNEL, answer });
  let warnAt = 0;
  let heldBack = 0;

  const refuse = (status: number, reason: string, message: string): HttpReply => {
    count('refused');
    const now = clock.now();
    if (now < warnAt) heldBack += 1;
    else {
      logger.warn('webhook.refused', { channel: CHANNEL, reason, heldBack });
      warnAt = now + WARN_EVERY_MS;
      heldBack = 0;
    }
    return says(status, 'Refused', message);
  };

  async function handle(request: HttpRequest): Promise<HttpReply> {
    if (!hasApp) {
      const reason = whyNotLocal(request);
      if (reason !== null)
        return refuse(403, reason, 'without MICROSOFT_APP_ID only callers on this machine are served');
    } else if (request.headers.authorization === undefined) {
      return refuse(401, 'no token', 'the Authorization header is missing');
    }
    const read = readActivity(request.rawBody);
    if (read.kind === 'unreadable') {
      count('unreadable');
      return says(400, 'BadSyntax', read.problem);
    }
    const { activity } = read;
    const problem = serviceUrlProblem(activity.serviceUrl, hasApp);
    if (problem === 'unusable') {
      count('unreadable');
      return says(400, 'BadArgument', 'serviceUrl: is no address that an answer could be sent to');
    }
    if (problem === 'not-local')
      return refuse(403, 'foreign serviceUrl', 'without MICROSOFT_APP_ID the serviceUrl must be on this machine');
    const verdict = (await deps.authenticate?.(request.headers.authorization, activity)) ?? 'genuine';
    if (verdict === 'refused') return refuse(401, 'false token', 'the token does not fit');
    if (verdict === 'unavailable') {
      count('unavailable');
      logger.warn('botframework.keys_unavailable');
      return says(503, 'ServiceError', 'the token cannot be checked now, try again');
    }
    if (activity.type === 'invoke' || BUFFERED_MODES.has(activity.deliveryMode ?? '')) {
      count('unsupported');
      return says(501, 'NotImplemented', 'activities that want their answer in the response are not served');
    }
    const events = toInbound(activity, request.receivedAt);
    if (events.length > 0) {
      // First: an answer may be due as soon as the events are stored.
      if (activity.type === 'message') await deps.references.remember(conversationRefOf(activity), activity);
      await deps.ingest({ events, aside: [] });
    }
    count('accepted');
    return OK;
  }

  return {
    method: 'POST',
    path: '/api/messages',
    async handle(request) {
      try {
        return await handle(request);
      } catch (thrown) {
        count(thrown instanceof BuyerlineError && thrown.retryable ? 'unavailable' : 'failed');
        throw thrown;
      }
    },
  };
}

/** In the shape of Bot Framework's ErrorResponse. */
const says = (status: number, code: string, message: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code, message } }),
});

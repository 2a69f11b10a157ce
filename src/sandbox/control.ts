/**
 * The control API of the simulators: what a test in another process, or the demo page, does in the place of people.
 * JSON over HTTP under `/_control/` of each simulator, unsigned; the same as methods of `simulator.control`.
 * POST takes a JSON body, GET the query. Wrong input: 400 `{error}`. Unknown thing: 404 `{error}`.
 * `GET /_control/events` streams every change as server-sent events (`data: {simulator, kind, at, ref}`).
 *
 * Both
 * | call | method | input -> output |
 * | --- | --- | --- |
 * | POST faults | setFault | one fault (kernel/faults.ts) -> `{}` |
 * | GET faults / POST faults/clear | faults / clearFaults | `{endpoint?}` -> list / `{}` |
 * | POST clock/advance | advance | `{ms, wire?}`; `wire` moves the clock that judges timestamps and tokens too -> `{now}` |
 * | POST deliveries/plan | planDeliveries | `{switches, times?, only?}` for the next deliveries (kernel/delivery-plan.ts) -> `{}` |
 * | POST deliveries/chaos | setChaos | rates 0..1 -> `{}` |
 * | GET deliveries | deliveries | `{limit?}` -> newest last, each with its attempts |
 * | GET stats, GET endpoints | stats, endpoints | counters by endpoint and code; names for faults |
 *
 * TikTok Shop
 * | call | method | input -> output |
 * | --- | --- | --- |
 * | GET world | world | -> shops, buyers, orders, products |
 * | POST buyer/message | buyerMessage | `{shopId?, buyer, type?, text?, content?, productId?, orderId?, imageBase64?, enterFrom?, visible?, deliver?}` -> ids |
 * | GET conversations | conversations | `{shopId?, buyer?}` -> conversations with messages |
 * | POST staff/reply | staffReply | `{conversationId or buyer, shopId?, type?, text?, content?, deliver?}`: typed in the seller app |
 * | POST robot/say | robotSay | `{conversationId, role, text, type?, visible?}`: SYSTEM, ROBOT or SHOP noise |
 * | POST conversations/close | closeConversation | `{conversationId}` |
 * | POST webhooks/url | setWebhookUrl | `{url?, version?}` |
 * | POST webhooks/emit | emitWebhook | `{shopId?, type, data, deliver?}`: any event, signed |
 * | POST webhooks/resend | resendWebhook | `{notificationId}`: the same bytes again |
 * | POST oauth/redirect | setOauthRedirect | `{url}` |
 * | POST tokens/expire | expireToken | `{shopId?}` -> 105002 until refreshed |
 * | POST tokens/scopes | setScopes | `{shopId?, scopes}` |
 * | POST shops/deauthorise | deauthorise | `{shopId?}`: tokens die, webhook 6 |
 * | POST orders/status | setOrderStatus | `{orderId, status, tracking?}` -> webhook 1 |
 * | POST settings | configure | `{noise?, sensitiveWords?}` |
 *
 * Udesk
 * | call | method | input -> output |
 * | --- | --- | --- |
 * | GET agents / POST agents/status | agents / setAgentStatus | `{agentId, status, maxSessions?}`; going online empties the queue |
 * | GET queue | queue | -> waiting customers with place and key |
 * | GET sessions | sessions | `{customerToken?, open?}` -> with transcripts |
 * | GET left-messages | leftMessages | messages of -2 |
 * | GET customers | customers | |
 * | POST agent/say | agentSay | `{sessionId or customerToken, type?: text, html, image, video, file, audio; content, deliver?}` |
 * | POST agent/read | agentRead | `{sessionId or customerToken, messageIds?}` -> read receipt push |
 * | POST sessions/transfer | transfer | `{sessionId or customerToken, toAgentId, order?}` -> `{sessionId}` the new one |
 * | POST sessions/close | closeSession | `{sessionId or customerToken, closeType?}` -> close push with survey_options |
 * | POST sessions/invite-survey | inviteSurvey | `{sessionId or customerToken}` -> survey push |
 * | POST queue/assign | assignNext | `{customerToken?}`: takes someone out of the queue though everyone is full |
 * | POST assignment/next | planAssignment | `{outcome: assigning, queued or nobody, times?}` for the next session creations |
 * | GET ratings | ratings | agent, robot and answer votes, transfer counts |
 * | POST push/url | setPushUrl | `{url?}` |
 * | POST push/raw | pushRaw | `{body}`: any bytes, for hostile bodies |
 * | POST settings | configure | options that may change while running |
 * | POST picker | pickerUrl | `{sessionId, link}` -> signed address of row 28 |
 */
import { type ZodType, z } from 'zod';
import type { ChangeHub } from './kernel/change-hub.ts';
import { jsonAnswer, type SimAnswer, type SimRequest } from './kernel/http-server.ts';

const PREFIX = '/_control/';

/** Raised by control methods for something that is not there; becomes 404. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ControlError';
  }
}

export interface ControlRoute {
  run(input: unknown): unknown;
}

/** `method path` without prefix, as in the tables above: `POST buyer/message`. */
export type ControlRoutes = Record<string, ControlRoute>;

export const route = <T>(schema: ZodType<T>, run: (input: T) => unknown): ControlRoute => ({
  run: (input) => run(schema.parse(input)),
});

/** For methods that take nothing. */
export const plainRoute = (run: () => unknown): ControlRoute => ({ run: () => run() });

export const isControlPath = (request: SimRequest): boolean => request.path.startsWith(PREFIX);

export async function answerControl(
  routes: ControlRoutes,
  changes: ChangeHub,
  request: SimRequest,
): Promise<SimAnswer> {
  const name = request.path.slice(PREFIX.length);
  if (name === 'events' && request.method === 'GET') return eventStream(changes);
  const found = routes[`${request.method} ${name}`];
  if (found === undefined) return jsonAnswer(404, { error: 'no such control call', calls: Object.keys(routes).sort() });
  try {
    return jsonAnswer(200, (await found.run(readInput(request))) ?? {});
  } catch (thrown) {
    if (thrown instanceof ControlError) return jsonAnswer(404, { error: thrown.message });
    if (thrown instanceof z.ZodError) return jsonAnswer(400, { error: z.prettifyError(thrown) });
    if (thrown instanceof SyntaxError) return jsonAnswer(400, { error: 'the body is not JSON' });
    throw thrown;
  }
}

function readInput(request: SimRequest): unknown {
  if (request.method === 'GET') return Object.fromEntries(request.query);
  return request.body.length === 0 ? {} : JSON.parse(request.body.toString('utf8'));
}

function eventStream(changes: ChangeHub): SimAnswer {
  return {
    kind: 'stream',
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' },
    open(response) {
      response.write(': open\n\n');
      const stop = changes.onChange((change) => {
        response.write(`data: ${JSON.stringify(change)}\n\n`);
      });
      response.on('close', stop);
    },
  };
}

import type { CustomerStatus, DeskOpen, DeskOpenOutcome, QueueStatus } from '../contracts/desk.ts';
import type { DeskOpenFacts } from '../contracts/inbound.ts';
import type { Called, CallOptions, UdeskClient } from './client.ts';
import type { Customers } from './customers.ts';
import { endpoints, type Values } from './endpoints.ts';
import { toFailure } from './outcome.ts';
import { readSurvey } from './survey.ts';

export interface SessionDefaults {
  groupId?: string;
  defaultAgentId?: string;
  channel?: string;
}

const ASSIGNED = 1000;
const WAITING = 2001;
const NOBODY_ONLINE = 2002;

type SessionCall = ReturnType<typeof createSession>;
type SessionResult = Extract<Awaited<SessionCall>, { kind: 'answered' }>['result'];

/**
 * Asks for an agent session (`POST /im/sessions`, always `assign_type: agent`). Four answers: assigned, queued, assigning, nobody online.
 * When the answer is lost, `customer_status` tells whether Udesk did it, and the question is put once more: for a customer in session
 * or in the queue it brings the id or the key, for one without a session it is the repeat.
 */
export async function openSession(
  deps: { client: UdeskClient; customers: Customers; defaults: SessionDefaults },
  open: DeskOpen,
): Promise<DeskOpenOutcome> {
  const { client, customers, defaults } = deps;
  const customerId = await customers.ensure(open.customerToken, open.customerName, open.signal);
  let called = await createSession(client, open, defaults);
  if (called.kind === 'unknown') {
    const status = await readCustomerStatus(client, open.customerToken, { signal: open.signal, priority: 'message' });
    if (status.kind !== 'answered') return { kind: 'unknown', reason: called.reason };
    if (status.result === 'invalid') customers.forget(open.customerToken);
    called = await createSession(client, open, defaults);
  }
  if (called.kind !== 'answered') return toFailure(called);
  return toOpened(called.code, called.result, customerId);
}

function createSession(client: UdeskClient, open: DeskOpen, defaults: SessionDefaults) {
  const { request } = open;
  // Udesk lets an agent id override the group, so a group that the dialog asked for must keep our default agent out.
  const agentId = request.agentId ?? (request.groupId === undefined ? defaults.defaultAgentId : undefined);
  const values: Values<typeof endpoints.createSession.parameters> = {
    customer_token: open.customerToken,
    assign_type: 'agent',
    agent_id: agentId,
    group_id: request.groupId ?? defaults.groupId,
    channel: defaults.channel,
  };
  return client.call(endpoints.createSession, values, { signal: open.signal });
}

function toOpened(code: number, result: SessionResult, customerId: string | undefined): DeskOpenOutcome {
  const { assign_info: info, message: text } = result;
  if (code === NOBODY_ONLINE) return answered({ state: 'nobody_online', customerId, text });
  if (code === WAITING) {
    const place = info.count ?? 0;
    if (place <= 0) return answered({ state: 'assigning', customerId, text });
    return answered({ state: 'queued', customerId, queueKey: info.queue ?? '', place, text });
  }
  if (code === ASSIGNED && info.im_sub_session_id !== undefined) {
    return answered({
      state: 'assigned',
      customerId,
      sessionId: info.im_sub_session_id,
      agentId: info.agent_id,
      agentName: info.agent_name,
      welcome: text,
      survey: readSurvey(info.survey_options),
    });
  }
  if (result.assign_type !== undefined && result.assign_type !== 'agent') {
    const reason =
      'Udesk gave this customer to a robot although an agent was asked for: check the assignment rules of the channel';
    return { kind: 'refused', next: 'dead', code: 'not_an_agent', reason };
  }
  return { kind: 'unknown', reason: 'Udesk assigned a session without naming it' };
}

/** Fields without a value are left out: the facts are stored as JSON and compared in tests. */
function answered(facts: DeskOpenFacts): DeskOpenOutcome {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { kind: 'answered', facts: Object.fromEntries(entries) as DeskOpenFacts };
}

/** Chinese page and English page; the count decides what neither knows. */
const QUEUE_STATES: Readonly<Record<string, QueueStatus['state']>> = {
  排队中: 'queued',
  未排队: 'not_queued',
  会话中: 'in_session',
  分配中: 'assigning',
  'in queue': 'queued',
  'not in queue': 'not_queued',
  'in session': 'in_session',
  assigning: 'assigning',
};

export async function readQueueStatus(
  client: UdeskClient,
  customerToken: string,
  signal?: AbortSignal,
): Promise<Called<QueueStatus>> {
  const called = await client.call(endpoints.queueStatus, { customer_token: customerToken }, { signal });
  if (called.kind !== 'answered') return called;
  const place = called.result.count ?? 0;
  const state = QUEUE_STATES[(called.result.status ?? '').trim().toLowerCase()] ?? (place > 0 ? 'queued' : undefined);
  if (state === undefined) return { kind: 'unknown', reason: 'Udesk named a queue state that is not in its documents' };
  return { ...called, result: state === 'queued' ? { state, place: Math.max(1, place) } : { state } };
}

/** 9 is "invalid" in older copies of the page. */
const CUSTOMER_STATES: Readonly<Record<number, CustomerStatus>> = {
  0: 'none',
  1: 'in_session',
  2: 'queued',
  3: 'invalid',
  9: 'invalid',
};
const CUSTOMER_STATE_WORDS: Readonly<Record<string, CustomerStatus>> = {
  无会话: 'none',
  会话中: 'in_session',
  排队中: 'queued',
  无效客户: 'invalid',
  'no session': 'none',
  'in session': 'in_session',
  'in queue': 'queued',
  'invalid customer': 'invalid',
};

export async function readCustomerStatus(
  client: UdeskClient,
  customerToken: string,
  options: CallOptions = {},
): Promise<Called<CustomerStatus>> {
  const called = await client.call(endpoints.customerStatus, { customer_token: customerToken }, options);
  if (called.kind !== 'answered') return called;
  const { status_code: number, status: word } = called.result;
  const state =
    (number === undefined ? undefined : CUSTOMER_STATES[number]) ??
    CUSTOMER_STATE_WORDS[(word ?? '').trim().toLowerCase()];
  if (state === undefined)
    return { kind: 'unknown', reason: 'Udesk named a customer state that is not in its documents' };
  return { ...called, result: state };
}

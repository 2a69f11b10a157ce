import type { z } from 'zod';
import { stringifyLossless } from '../common/json.ts';
import {
  agentStatusResult,
  customerResult,
  customerStatusResult,
  plainResult,
  queueStatusResult,
  sessionResult,
  unreadResult,
} from './schema.ts';

/** How a value is written. `id`: our text, their integer. `ids`: repeated `name[]` in a query, a list in a body. */
type Kind = 'text' | 'id' | 'int' | 'texts' | 'object';
type Place = 'path' | 'query' | 'body';

export interface ParameterSpec {
  in: Place;
  kind: Kind;
  required: boolean;
}

interface ValueOf {
  text: string;
  id: string;
  int: number;
  texts: readonly string[];
  object: Record<string, unknown>;
}

export type ParameterSpecs = Record<string, ParameterSpec>;

/** The typed parameters of a row: `Values<typeof endpoints.sendMessage.parameters>`. */
export type Values<S extends ParameterSpecs> = {
  [K in keyof S as S[K]['required'] extends true ? K : never]: ValueOf[S[K]['kind']];
} & {
  [K in keyof S as S[K]['required'] extends true ? never : K]?: ValueOf[S[K]['kind']] | undefined;
};

/** What goes first when calls run short: buyer words and session calls, then status polls, then read marks. */
export type CallPriority = 'message' | 'status' | 'mark';

export interface Endpoint<S extends ParameterSpecs = ParameterSpecs, R = unknown> {
  /** Number in the list of the vendor's IM page (reference section 4). */
  row: number;
  /** Label of metrics and logs. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:name` is filled from a `path` parameter. */
  path: string;
  parameters: S;
  /** Calls counted against the tenant's minute. */
  cost: number;
  priority: CallPriority;
  /** Codes that are answers rather than refusals. */
  accepts: readonly number[];
  result: z.ZodType<R>;
}

const required = <const P extends Place, const K extends Kind>(place: P, kind: K) =>
  ({ in: place, kind, required: true }) as const;
const optional = <const P extends Place, const K extends Kind>(place: P, kind: K) =>
  ({ in: place, kind, required: false }) as const;

const SUCCESS = [1000] as const;

const row = <const S extends ParameterSpecs, R>(endpoint: Endpoint<S, R>): Endpoint<S, R> => endpoint;

/**
 * Every call we make, one row each; a further row of the vendor's list is one more entry. Source: Udesk IM open API page
 * (`/doc/apiv2/im`) and customers page, read 2026-11.
 */
export const endpoints = {
  /** `open_api_token` inside `customer` is our reading: no public text shows the field in a create body; find by token verifies it. */
  createCustomer: row({
    row: 1,
    name: 'customers.create',
    method: 'POST',
    path: '/customers',
    parameters: { customer: required('body', 'object'), tags: optional('body', 'text') },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: customerResult,
  }),
  findCustomer: row({
    row: 1,
    name: 'customers.find',
    method: 'GET',
    path: '/customers/get_customer',
    parameters: { type: required('query', 'text'), content: required('query', 'text') },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: customerResult,
  }),
  updateCustomer: row({
    row: 1,
    name: 'customers.update',
    method: 'PUT',
    path: '/customers/update_customer',
    parameters: {
      type: required('query', 'text'),
      content: required('query', 'text'),
      customer: required('body', 'object'),
    },
    cost: 1,
    priority: 'mark',
    accepts: SUCCESS,
    result: customerResult,
  }),
  /** `assign_type` is required by us although Udesk defaults it: the default is a third-party robot. */
  createSession: row({
    row: 2,
    name: 'sessions.create',
    method: 'POST',
    path: '/im/sessions',
    parameters: {
      customer_token: required('body', 'text'),
      assign_type: required('body', 'text'),
      agent_id: optional('body', 'id'),
      group_id: optional('body', 'id'),
      channel: optional('body', 'text'),
      robot_role_id: optional('body', 'text'),
      robot_id: optional('body', 'id'),
      scene_id: optional('body', 'id'),
    },
    cost: 1,
    priority: 'message',
    accepts: [1000, 2001, 2002],
    result: sessionResult,
  }),
  closeSession: row({
    row: 3,
    name: 'sessions.close',
    method: 'DELETE',
    path: '/im/sessions/:session_id',
    parameters: { session_id: required('path', 'id') },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: plainResult,
  }),
  /** Without `customer_id` Udesk deletes the records of every customer in the window, so here it is required. */
  destroySessions: row({
    row: 4,
    name: 'sessions.destroy',
    method: 'DELETE',
    path: '/im/sessions/destroy_session',
    parameters: {
      start_time: required('query', 'text'),
      end_time: required('query', 'text'),
      customer_id: required('query', 'id'),
    },
    cost: 1,
    priority: 'mark',
    accepts: SUCCESS,
    result: plainResult,
  }),
  leaveQueue: row({
    row: 5,
    name: 'sessions.close_queue',
    method: 'DELETE',
    path: '/im/sessions/close_queue',
    parameters: { customer_token: required('query', 'text'), queue: required('query', 'text') },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: plainResult,
  }),
  sendMessage: row({
    row: 7,
    name: 'messages.send',
    method: 'POST',
    path: '/im/messages',
    parameters: {
      customer_token: required('body', 'text'),
      im_sub_session_id: required('body', 'id'),
      message_id: required('body', 'text'),
      type: required('body', 'text'),
      data: required('body', 'object'),
      robot_id: optional('body', 'id'),
      scene_id: optional('body', 'id'),
      urobot_session_id: optional('body', 'id'),
      agent_id: optional('body', 'id'),
      group_id: optional('body', 'id'),
    },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: plainResult,
  }),
  unreadOffline: row({
    row: 8,
    name: 'messages.unread_offline',
    method: 'GET',
    path: '/im/messages/unread_customer_offline',
    parameters: { im_sub_session_id: required('query', 'id'), customer_id: required('query', 'id') },
    cost: 1,
    priority: 'status',
    accepts: SUCCESS,
    result: unreadResult,
  }),
  /** `state`: 0 offline, 1 online. */
  customerOnlineState: row({
    row: 9,
    name: 'customers.online_state',
    method: 'POST',
    path: '/im/customer_online_state',
    parameters: { customer_token: required('body', 'text'), state: required('body', 'int') },
    cost: 1,
    priority: 'mark',
    accepts: SUCCESS,
    result: plainResult,
  }),
  /** The vendor's example writes the ids into the query with single quotes; the list goes into the JSON body (our reading). */
  readMessages: row({
    row: 10,
    name: 'messages.read',
    method: 'POST',
    path: '/im/messages/read_messages',
    parameters: { session_id: required('body', 'id'), message_ids: required('body', 'texts') },
    cost: 1,
    priority: 'mark',
    accepts: SUCCESS,
    result: plainResult,
  }),
  rateSession: row({
    row: 17,
    name: 'sessions.survey',
    method: 'POST',
    path: '/im/sessions/survey',
    parameters: {
      im_sub_session_id: required('body', 'id'),
      option_id: required('body', 'id'),
      remark: optional('body', 'text'),
      resolved_state_v2: optional('body', 'int'),
    },
    cost: 1,
    priority: 'message',
    accepts: SUCCESS,
    result: plainResult,
  }),
  queueStatus: row({
    row: 23,
    name: 'queue_status',
    method: 'GET',
    path: '/im/queue_status',
    parameters: { customer_token: required('query', 'text') },
    cost: 1,
    priority: 'status',
    accepts: SUCCESS,
    result: queueStatusResult,
  }),
  customerStatus: row({
    row: 24,
    name: 'customer_status',
    method: 'GET',
    path: '/im/customer_status',
    parameters: {
      customer_token: optional('query', 'text'),
      web_token: optional('query', 'text'),
      sdk_token: optional('query', 'text'),
      session_key: optional('query', 'text'),
    },
    cost: 1,
    priority: 'status',
    accepts: SUCCESS,
    result: customerStatusResult,
  }),
  agentStatus: row({
    row: 25,
    name: 'agent_status',
    method: 'GET',
    path: '/im/agent_status',
    parameters: { group_id: optional('query', 'id') },
    cost: 1,
    priority: 'status',
    accepts: SUCCESS,
    result: agentStatusResult,
  }),
} as const;

export interface BuiltRequest {
  method: Endpoint['method'];
  /** Percent-encoded, begins with a slash. */
  path: string;
  query: [name: string, value: string][];
  /** JSON text; absent for GET and DELETE, which carry path and query only. */
  body?: string;
}

/** Puts every value where the row says. Pure: the signature is added by the client at the moment of sending. */
export function buildRequest<S extends ParameterSpecs>(
  endpoint: Endpoint<S, unknown>,
  values: Values<S>,
): BuiltRequest {
  const given: Record<string, unknown> = values;
  const query: [string, string][] = [];
  const body: Record<string, unknown> = {};
  let path = endpoint.path;
  for (const [name, spec] of Object.entries(endpoint.parameters)) {
    const value = given[name];
    if (value === undefined) continue;
    if (spec.in === 'path') path = path.replace(`:${name}`, encodeURIComponent(String(value)));
    else if (spec.in === 'body') body[name] = spec.kind === 'id' ? wireInteger(String(value)) : value;
    else if (Array.isArray(value)) for (const item of value) query.push([`${name}[]`, String(item)]);
    else query.push([name, String(value)]);
  }
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT';
  return { method: endpoint.method, path, query, ...(hasBody ? { body: stringifyLossless(body) ?? '{}' } : {}) };
}

/**
 * Our ids are texts, Udesk's are integers: `'900'` -> `900`; beyond 2^53 a BigInt keeps every digit in the JSON text.
 * What is no integer stays a text, so that a mistyped setting is refused by Udesk rather than sent as another id.
 */
export function wireInteger(id: string): number | bigint | string {
  if (!/^(?:0|-?[1-9]\d*)$/.test(id)) return id;
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : BigInt(id);
}

import { describe, expect, it } from 'vitest';
import { type BuiltRequest, buildRequest, endpoints, wireInteger } from '../../../src/udesk/endpoints.ts';

const customer = { nick_name: 'Ann', open_api_token: 't' };

/** Written from the vendor's list (reference section 4 and 5): method, path, query, body. */
const TABLE: [keyof typeof endpoints, number, BuiltRequest, string, string, Record<string, string>, unknown][] = [
  ['createCustomer', 1, buildRequest(endpoints.createCustomer, { customer }), 'POST', '/customers', {}, { customer }],
  [
    'findCustomer',
    1,
    buildRequest(endpoints.findCustomer, { type: 'token', content: 't' }),
    'GET',
    '/customers/get_customer',
    { type: 'token', content: 't' },
    undefined,
  ],
  [
    'updateCustomer',
    1,
    buildRequest(endpoints.updateCustomer, { type: 'token', content: 't', customer }),
    'PUT',
    '/customers/update_customer',
    { type: 'token', content: 't' },
    { customer },
  ],
  [
    'createSession',
    2,
    buildRequest(endpoints.createSession, {
      customer_token: 't',
      assign_type: 'agent',
      agent_id: '5',
      group_id: '7',
      channel: 'c',
    }),
    'POST',
    '/im/sessions',
    {},
    { customer_token: 't', assign_type: 'agent', agent_id: 5, group_id: 7, channel: 'c' },
  ],
  [
    'closeSession',
    3,
    buildRequest(endpoints.closeSession, { session_id: '123' }),
    'DELETE',
    '/im/sessions/123',
    {},
    undefined,
  ],
  [
    'destroySessions',
    4,
    buildRequest(endpoints.destroySessions, {
      start_time: '2022-05-19 19:50:33',
      end_time: '2022-05-19 20:50:33',
      customer_id: '9',
    }),
    'DELETE',
    '/im/sessions/destroy_session',
    { start_time: '2022-05-19 19:50:33', end_time: '2022-05-19 20:50:33', customer_id: '9' },
    undefined,
  ],
  [
    'leaveQueue',
    5,
    buildRequest(endpoints.leaveQueue, { customer_token: 't', queue: 'queue:company:1:agent:486' }),
    'DELETE',
    '/im/sessions/close_queue',
    { customer_token: 't', queue: 'queue:company:1:agent:486' },
    undefined,
  ],
  [
    'sendMessage',
    7,
    buildRequest(endpoints.sendMessage, {
      customer_token: 't',
      im_sub_session_id: '-2',
      message_id: 'm-1',
      type: 'message',
      data: { content: 'x' },
      group_id: '7',
    }),
    'POST',
    '/im/messages',
    {},
    {
      customer_token: 't',
      im_sub_session_id: -2,
      message_id: 'm-1',
      type: 'message',
      data: { content: 'x' },
      group_id: 7,
    },
  ],
  [
    'unreadOffline',
    8,
    buildRequest(endpoints.unreadOffline, { im_sub_session_id: '11', customer_id: '12' }),
    'GET',
    '/im/messages/unread_customer_offline',
    { im_sub_session_id: '11', customer_id: '12' },
    undefined,
  ],
  [
    'customerOnlineState',
    9,
    buildRequest(endpoints.customerOnlineState, { customer_token: 't', state: 0 }),
    'POST',
    '/im/customer_online_state',
    {},
    { customer_token: 't', state: 0 },
  ],
  [
    'readMessages',
    10,
    buildRequest(endpoints.readMessages, { session_id: '11', message_ids: ['a', 'b'] }),
    'POST',
    '/im/messages/read_messages',
    {},
    { session_id: 11, message_ids: ['a', 'b'] },
  ],
  [
    'rateSession',
    17,
    buildRequest(endpoints.rateSession, {
      im_sub_session_id: '11',
      option_id: '36',
      remark: 'ok',
      resolved_state_v2: 0,
    }),
    'POST',
    '/im/sessions/survey',
    {},
    { im_sub_session_id: 11, option_id: 36, remark: 'ok', resolved_state_v2: 0 },
  ],
  [
    'queueStatus',
    23,
    buildRequest(endpoints.queueStatus, { customer_token: 't' }),
    'GET',
    '/im/queue_status',
    { customer_token: 't' },
    undefined,
  ],
  [
    'customerStatus',
    24,
    buildRequest(endpoints.customerStatus, { customer_token: 't' }),
    'GET',
    '/im/customer_status',
    { customer_token: 't' },
    undefined,
  ],
  [
    'agentStatus',
    25,
    buildRequest(endpoints.agentStatus, { group_id: '7' }),
    'GET',
    '/im/agent_status',
    { group_id: '7' },
    undefined,
  ],
];

describe('endpoints', () => {
  it('are all in this table', () => {
    expect(TABLE.map(([name]) => name).sort()).toEqual(Object.keys(endpoints).sort());
  });

  it.each(TABLE)('%s is row %i of the list', (name, row, built, method, path, query, body) => {
    expect(endpoints[name].row).toBe(row);
    expect(built.method).toBe(method);
    expect(built.path).toBe(path);
    expect(Object.fromEntries(built.query)).toEqual(query);
    expect(built.body === undefined ? undefined : JSON.parse(built.body)).toEqual(body);
  });

  it('offer no deletion of records without a customer', () => {
    // @ts-expect-error without customer_id Udesk deletes everybody's records
    const built = buildRequest(endpoints.destroySessions, { start_time: 'a', end_time: 'b' });
    expect(endpoints.destroySessions.parameters.customer_id.required).toBe(true);
    expect(built.path).toBe('/im/sessions/destroy_session');
  });

  it('keep a path parameter inside its segment', () => {
    expect(buildRequest(endpoints.closeSession, { session_id: 'close_queue?x=/..' }).path).toBe(
      '/im/sessions/close_queue%3Fx%3D%2F..',
    );
  });

  it('write ids as integers and lose no digit of a long one', () => {
    const values = { customer_token: 't', message_id: 'm', type: 'message', data: { content: 'x' } };
    const body = buildRequest(endpoints.sendMessage, { ...values, im_sub_session_id: '92233720368547758071' }).body;
    expect(body).toContain('"im_sub_session_id":92233720368547758071,');
    expect(buildRequest(endpoints.sendMessage, { ...values, im_sub_session_id: '-3' }).body).toContain(
      '"im_sub_session_id":-3,',
    );
    expect(wireInteger('007')).toBe('007');
    expect(wireInteger('9007199254740991')).toBe(9007199254740991);
  });
});

import { CODES, refuse } from './codes.ts';
import { customerDump } from './customer-view.ts';
import { needText, readOptionalInt, type UdeskEndpoint, type UdeskPlatform } from './endpoint.ts';
import { chinaIso, readChinaTime } from './time.ts';
import type { AbandonedQueue } from './types.ts';

const DAY_MS = 86_400_000;

/** Reference section 8.4; which language a tenant answers in is not certain, so both exist. */
const QUEUE_STATUS = {
  en: { queued: 'In queue', none: 'Not in queue', session: 'In session', assigning: 'Assigning' },
  zh: { queued: '排队中', none: '未排队', session: '会话中', assigning: '分配中' },
};
const CUSTOMER_STATUS = {
  en: ['No session', 'In session', 'In queue', 'Invalid customer'],
  zh: ['无会话', '会话中', '排队中', '无效客户'],
};

/** Rows 21 and 23 to 26. */
export const QUERY_ENDPOINTS: readonly UdeskEndpoint[] = [
  {
    name: 'urobots.list',
    method: 'GET',
    path: '/im/urobots',
    run: (_call, { world }) => ({
      message: 'Request successful',
      urobot_list: world.urobots.map((robot) => ({
        id: robot.id,
        name: robot.name,
        logo: '',
        scene_list: robot.scenes,
        created_at: '2024-01-23T10:55:20.000+08:00',
      })),
    }),
  },
  {
    name: 'queue.status',
    method: 'GET',
    path: '/im/queue_status',
    run({ request }, platform) {
      const { world } = platform;
      const customer = world.customerByToken(needText(request.query.get('customer_token'), 'customer_token'));
      const words = QUEUE_STATUS[world.behaviour.language];
      if (customer === undefined) return { status: words.none, count: 0 };
      if (world.liveSession(customer.id) !== undefined) return { status: words.session, count: 0 };
      const waiting = platform.desk.placeOf(customer.id);
      if (waiting === undefined) return { status: words.none, count: 0 };
      return waiting.entry.assigning
        ? { status: words.assigning, count: 0 }
        : { status: words.queued, count: waiting.place };
    },
  },
  {
    name: 'customers.status',
    method: 'GET',
    path: '/im/customer_status',
    run({ request }, platform) {
      const names = ['customer_token', 'web_token', 'sdk_token'];
      const name = names.find((one) => (request.query.get(one) ?? '') !== '');
      if (name === undefined) return refuse(CODES.FAILED, 'one of customer_token, web_token, sdk_token is required');
      const code = name === 'customer_token' ? statusCode(platform, request.query.get(name) ?? '') : 3;
      return { status_code: code, status: CUSTOMER_STATUS[platform.world.behaviour.language][code] };
    },
  },
  {
    name: 'agents.status',
    method: 'GET',
    path: '/im/agent_status',
    run({ request }, { world, desk }) {
      const groupId = readOptionalInt(request.query.get('group_id'), 'group_id');
      if (groupId !== null && !world.groups.has(groupId)) refuse(CODES.GROUP_UNKNOWN, 'the group does not exist');
      return {
        agents: [...world.agents.values()]
          .filter((agent) => groupId === null || agent.groupIds.includes(groupId))
          .map((agent) => ({
            id: agent.id,
            name: agent.name,
            im_nick: agent.nick,
            avatar: agent.avatar,
            profile: 'all',
            im_status: agent.status,
            im_custom_status: agent.status === 'busy' ? agent.customStatus : '',
            im_session_num: desk.load(agent.id),
            im_max_join_num: agent.maxSessions,
          })),
      };
    },
  },
  {
    name: 'queue.abandoned',
    method: 'GET',
    path: '/im/im_queues',
    run({ request }, platform) {
      if ((request.headers['content-type'] ?? '').toLowerCase().includes('json'))
        refuse(CODES.FAILED, 'a GET with a JSON content type fails here');
      const { query } = request;
      const from = readChinaTime(needText(query.get('start_time'), 'start_time'), true);
      const until = readChinaTime(needText(query.get('end_time'), 'end_time'), true);
      if (from === null || until === null) return refuse(CODES.BAD_PARAMETER, 'start_time or end_time is malformed');
      const page = readOptionalInt(query.get('page'), 'page') ?? 1;
      const perPage = readOptionalInt(query.get('per_page'), 'per_page') ?? 30;
      if (page < 1 || perPage < 1 || perPage > 100) refuse(CODES.BAD_PARAMETER, 'page from 1, per_page 1 to 100');
      // A bare day as the end means that whole day.
      const end = (query.get('end_time') ?? '').length === 10 ? until + DAY_MS : until;
      const rows = platform.world.abandoned.filter((row) => row.startedMs >= from && row.startedMs < end);
      const shown = rows.slice((page - 1) * perPage, page * perPage);
      return {
        shut_queues: shown.map((row) => abandonedView(row, platform)),
        meta: { current_page: page, total_pages: Math.max(1, Math.ceil(rows.length / perPage)), count: shown.length },
      };
    },
  },
];

function statusCode({ world, desk }: UdeskPlatform, token: string): number {
  const customer = world.customerByToken(token);
  if (customer === undefined) return 3;
  if (world.liveSession(customer.id) !== undefined) return 1;
  return desk.placeOf(customer.id) === undefined ? 0 : 2;
}

function abandonedView(row: AbandonedQueue, { world }: UdeskPlatform): Record<string, unknown> {
  const customer = world.customers.get(row.customerId);
  return {
    id: row.id,
    customer_id: row.customerId,
    channel: row.channel,
    queue_start_time: chinaIso(row.startedMs),
    queue_seconds: Math.round((row.endedMs - row.startedMs) / 1000),
    queue_name: row.name,
    // Named like a text, yet the whole customer.
    customer_name: customer === undefined ? null : customerDump(customer),
    im_web_plugin_id: null,
    menu_names: '',
  };
}

import { CODES, refuse } from './codes.ts';
import {
  needCustomer,
  needInt,
  needText,
  readInt,
  readOptionalInt,
  type UdeskCall,
  type UdeskEndpoint,
  type UdeskPlatform,
} from './endpoint.ts';
import { customerFor, needRobot } from './endpoints-sessions.ts';
import type { TranscriptLine, UdeskCustomer, UrobotSession } from './types.ts';

const MESSAGE_ID = /^[A-Za-z0-9_-]+$/;
const TYPES = ['message', 'image', 'audio', 'rich'];
const MORE_TYPES = ['video', 'file'];
const AGENT_IDS_MAX = 30;
const WEEK_MS = 7 * 86_400_000;

/** Rows 7 to 12 and 18 to 20. */
export const MESSAGE_ENDPOINTS: readonly UdeskEndpoint[] = [
  { name: 'messages.send', method: 'POST', path: '/im/messages', run: sendMessage },
  {
    name: 'messages.unread',
    method: 'GET',
    path: '/im/messages/unread_customer_offline',
    run({ request }, platform) {
      const sessionId = needInt(request.query.get('im_sub_session_id'), 'im_sub_session_id');
      const customerId = needInt(request.query.get('customer_id'), 'customer_id');
      const session = platform.world.sessions.get(sessionId);
      if (session === undefined || session.customerId !== customerId)
        return refuse(CODES.FAILED, 'the session does not exist');
      const unread = session.lines.filter((line) => line.from === 'agent' && !line.read && line.push !== 'delivered');
      const agent = platform.world.agents.get(session.agentId);
      return {
        count: unread.length,
        unread_messages: unread.map((line) => ({
          type: line.type,
          message_id: line.messageId,
          agent_id: session.agentId,
          agent_name: agent?.nick ?? '',
          im_sub_session_id: session.id,
          data: line.data,
        })),
      };
    },
  },
  {
    name: 'customers.online_state',
    method: 'POST',
    path: '/im/customer_online_state',
    run({ body }, platform) {
      const customer = needCustomer(platform, body.customer_token);
      const state = needInt(body.state, 'state');
      if (state !== 0 && state !== 1) refuse(CODES.BAD_PARAMETER, 'state must be 0 or 1');
      customer.online = state === 1;
      return {};
    },
  },
  {
    name: 'messages.read',
    method: 'POST',
    path: '/im/messages/read_messages',
    run({ body }, platform) {
      const session = platform.world.sessions.get(needInt(body.session_id, 'session_id'));
      const ids = body.message_ids;
      if (!Array.isArray(ids)) return refuse(CODES.FAILED, 'message_ids must be an array in the body');
      if (session === undefined) return refuse(CODES.FAILED, 'the session does not exist');
      for (const line of session.lines) if (line.from !== 'customer' && ids.includes(line.messageId)) line.read = true;
      return {};
    },
  },
  {
    name: 'sensitive_words.list',
    method: 'GET',
    path: '/im/im_sensitive_words',
    run: (_call, { world }) => ({
      customer_words_string: world.behaviour.sensitiveWords.join(','),
      customer_is_open: world.behaviour.sensitiveWords.length > 0 ? 1 : 0,
    }),
  },
  {
    name: 'agents.unread',
    method: 'GET',
    path: '/im/messages/agent_unread_messages',
    run({ request }, platform) {
      const ids = request.query.getAll('agent_ids[]').map((text) => readInt(text, 'agent_ids'));
      if (ids.length === 0) refuse(CODES.FAILED, 'agent_ids is required');
      if (ids.length > AGENT_IDS_MAX) refuse(CODES.BAD_PARAMETER, `at most ${AGENT_IDS_MAX} agent_ids`);
      return { results: ids.map((id) => unreadOf(id, platform)) };
    },
  },
  {
    name: 'messages.answer_survey',
    method: 'POST',
    path: '/im/messages/answer_survey',
    run({ body }, platform) {
      const session = needUrobotSession(body, platform);
      const logId = needInt(body.message_id, 'message_id');
      const optionId = readOptionalInt(body.option_id, 'option_id') ?? 1;
      if (optionId !== 1 && optionId !== 2) refuse(CODES.BAD_PARAMETER, 'option_id must be 1 or 2');
      if (!session.lines.some((line) => line.from === 'robot' && line.logId === logId))
        refuse(CODES.FAILED, 'no such answer');
      session.answerVotes.set(logId, optionId);
      return { message: 'Thank you for your feedback' };
    },
  },
  {
    name: 'messages.flow',
    method: 'POST',
    path: '/im/messages/flow',
    run({ body }, platform) {
      const session = needUrobotSession(body, platform);
      if (!platform.urobot.flow(session, needInt(body.flow_id, 'flow_id')))
        refuse(CODES.BAD_PARAMETER, 'flow_id does not exist');
      return {};
    },
  },
  {
    name: 'messages.hit',
    method: 'POST',
    path: '/im/messages/hit',
    run({ body }, platform) {
      const session = needUrobotSession(body, platform, false);
      needInt(body.message_id, 'message_id');
      needInt(body.query_type, 'query_type');
      const question = typeof body.question === 'string' ? body.question : null;
      platform.urobot.hit(session, readOptionalInt(body.question_id, 'question_id'), question);
      return {};
    },
  },
];

/** Rows 18 to 20 share these; the parameter table of row 20 has no scene_id, only its example. */
function needUrobotSession(body: Record<string, unknown>, platform: UdeskPlatform, scene = true): UrobotSession {
  const customer = needCustomer(platform, body.customer_token);
  const id = needInt(body.im_sub_session_id, 'im_sub_session_id');
  if (scene) needRobot(body, platform);
  else needInt(body.robot_id, 'robot_id');
  const session = platform.world.urobotSessions.get(id);
  return session?.customerId === customer.id ? session : refuse(CODES.FAILED, 'no such urobot session');
}

function unreadOf(agentId: number, { world }: UdeskPlatform) {
  let unread = 0;
  for (const session of world.sessions.values())
    if (session.open && session.agentId === agentId)
      for (const line of session.lines) if (line.from === 'customer' && !line.read) unread += 1;
  const since = world.clock.now() - WEEK_MS;
  const left = world.leftMessages.filter((row) => row.agentId === agentId && !row.solved && row.atMs >= since);
  return { agent_id: agentId, unread_session_message_num: unread, unsolved_leave_message_num: left.length };
}

interface Incoming {
  messageId: string;
  type: string;
  data: Record<string, unknown>;
}

/** Row 7. A missing parameter is 2062 here, a closed session 9200 (the seed's table has its columns shifted). */
function sendMessage({ body }: UdeskCall, platform: UdeskPlatform): unknown {
  const missing = CODES.SESSION_GONE_OR_MISSING;
  const token = needText(body.customer_token, 'customer_token', missing);
  const target = readOptionalInt(body.im_sub_session_id, 'im_sub_session_id') ?? 0;
  if (target < -3) refuse(CODES.BAD_PARAMETER, 'im_sub_session_id is out of range');
  const robot = target === 0 || target === -1;
  const message = readMessage(body, platform, robot, target === -1);
  if (target === -1) return askUrobot(platform, token, body, message);
  if (message.messageId !== '' && repeated(platform, message.messageId)) return {};
  if (target === 0) return askThirdParty(platform, token, message);
  if (target === -2) return leaveMessage(platform, customerFor(platform, token), body, message);
  const customer = platform.world.customerByToken(token);
  const line = asLine(platform, message);
  if (target === -3) {
    const waiting = customer === undefined ? undefined : platform.desk.placeOf(customer.id);
    if (waiting === undefined) return refuse(CODES.SESSION_CLOSED, 'the customer is not in a queue');
    waiting.entry.lines.push(line);
  } else {
    const session = platform.world.sessions.get(target);
    if (session?.open !== true || session.customerId !== customer?.id)
      return refuse(CODES.SESSION_CLOSED, 'the session does not exist or is closed');
    session.lines.push(line);
    session.preview = '';
  }
  remember(platform, message.messageId);
  return {};
}

function readMessage(
  body: Record<string, unknown>,
  platform: UdeskPlatform,
  robot: boolean,
  idOptional: boolean,
): Incoming {
  const missing = CODES.SESSION_GONE_OR_MISSING;
  const given = body.message_id;
  const messageId = idOptional && (given === undefined || given === null) ? '' : needText(given, 'message_id', missing);
  if (messageId !== '' && !MESSAGE_ID.test(messageId))
    refuse(CODES.BAD_PARAMETER, 'message_id may hold letters, digits, _ and - only');
  const type = body.type ?? 'message';
  const allowed = platform.world.behaviour.acceptVideoAndFile ? [...TYPES, ...MORE_TYPES] : TYPES;
  if (typeof type !== 'string' || !allowed.includes(type)) return refuse(CODES.BAD_PARAMETER, 'type is not supported');
  if (robot && type !== 'message') refuse(CODES.BAD_PARAMETER, 'robots take only type message');
  const data = body.data;
  if (data === undefined || data === null) return refuse(missing, 'data is required');
  if (typeof data !== 'object' || Array.isArray(data)) return refuse(CODES.BAD_PARAMETER, 'data must be an object');
  const fields = data as Record<string, unknown>;
  needText(fields.content, 'data.content', missing);
  return { messageId, type, data: fields };
}

/** True when this id was stored before and is therefore dropped; counted either way. */
function repeated(platform: UdeskPlatform, messageId: string): boolean {
  if (!platform.world.messageIds.has(messageId)) return false;
  platform.repeats.count += 1;
  return !platform.world.behaviour.storeRepeats;
}

const remember = (platform: UdeskPlatform, messageId: string): void => {
  if (messageId !== '') platform.world.messageIds.add(messageId);
  platform.changes.emit('message', { messageId });
};

const asLine = ({ world }: UdeskPlatform, message: Incoming): TranscriptLine =>
  world.line({ from: 'customer', type: message.type, data: message.data, messageId: message.messageId });

function askUrobot(platform: UdeskPlatform, token: string, body: Record<string, unknown>, message: Incoming): unknown {
  needRobot(body, platform, CODES.SESSION_GONE_OR_MISSING);
  const customer = platform.world.customerByToken(token);
  const wanted = readOptionalInt(body.urobot_session_id, 'urobot_session_id');
  const session =
    wanted !== null
      ? platform.world.urobotSessions.get(wanted)
      : customer === undefined
        ? undefined
        : platform.world.newestUrobot(customer.id);
  if (session === undefined || session.customerId !== customer?.id)
    return refuse(CODES.SESSION_CLOSED, 'the urobot session does not exist');
  if (message.messageId !== '' && repeated(platform, message.messageId)) return {};
  remember(platform, message.messageId);
  platform.urobot.ask(session, String(message.data.content));
  return {};
}

function askThirdParty(platform: UdeskPlatform, token: string, message: Incoming): unknown {
  if (!platform.world.behaviour.thirdPartyRobot) return refuse(CODES.SESSION_CLOSED, 'no robot session');
  remember(platform, message.messageId);
  const question = String(message.data.content);
  void platform.pushes.push('robot', token, {
    customer_token: token,
    assign_type: 'robot',
    messages: [
      {
        type: 'message',
        message_id: platform.world.nextMessageId(),
        data: {
          question_id: 210530,
          question_title: question,
          answer: 'We sell knitwear and stoneware.',
          gus_list: [{ question_title: 'What do you sell?' }],
          relate_list: [{ question_title: 'Where are you?' }],
          third_url: { url: 'https://shop.invalid' },
        },
      },
    ],
  });
  return {};
}

function leaveMessage(
  platform: UdeskPlatform,
  customer: UdeskCustomer,
  body: Record<string, unknown>,
  message: Incoming,
): unknown {
  const { world } = platform;
  const agentId = readOptionalInt(body.agent_id, 'agent_id');
  const groupId = readOptionalInt(body.group_id, 'group_id');
  if (agentId !== null && !world.agents.has(agentId)) refuse(CODES.NO_AGENT, 'the agent does not exist');
  if (groupId !== null && !world.groups.has(groupId)) refuse(CODES.NO_GROUP, 'the group does not exist');
  world.leftMessages.push({
    customerId: customer.id,
    messageId: message.messageId,
    type: message.type,
    data: message.data,
    agentId,
    groupId,
    solved: false,
    atMs: world.clock.now(),
  });
  remember(platform, message.messageId);
  return {};
}

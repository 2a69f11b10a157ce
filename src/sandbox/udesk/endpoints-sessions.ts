import { CODES, refuse, UdeskRefusal } from './codes.ts';
import { welcomeText } from './desk.ts';
import {
  needCustomer,
  needInt,
  needText,
  readInt,
  readOptionalInt,
  readSessionId,
  type UdeskCall,
  type UdeskEndpoint,
  type UdeskPlatform,
} from './endpoint.ts';
import { isSurveyOption, surveyOptions } from './survey.ts';
import { readChinaTime } from './time.ts';
import type { UdeskCustomer } from './types.ts';

/** Milliseconds between the HTTP answer of a direct assignment and its start_session push. */
const PUSH_AFTER_MS = 20;
const REMARK_MAX = 255;
const THANKS = { en: 'Thank you for your feedback', zh: '感谢您的评价' };

/** Rows 2 to 6, 16, 17 and 22. The literal DELETE paths stand before `:session_id`. */
export const SESSION_ENDPOINTS: readonly UdeskEndpoint[] = [
  { name: 'sessions.create', method: 'POST', path: '/im/sessions', run: createSession },
  { name: 'sessions.destroy', method: 'DELETE', path: '/im/sessions/destroy_session', run: destroySessions },
  {
    name: 'queue.leave',
    method: 'DELETE',
    path: '/im/sessions/close_queue',
    run({ request }, platform) {
      const customer = needCustomer(platform, request.query.get('customer_token'));
      const key = needText(request.query.get('queue'), 'queue');
      const waiting = platform.desk.placeOf(customer.id);
      if (waiting === undefined || waiting.entry.key !== key) refuse(CODES.FAILED, 'the customer is not in this queue');
      else platform.desk.leaveQueue(waiting.entry);
      return {};
    },
  },
  {
    name: 'sessions.close',
    method: 'DELETE',
    path: '/im/sessions/:session_id',
    run({ params }, platform) {
      const session = platform.world.sessions.get(readSessionId(params.session_id));
      if (session?.open !== true) return refuse(CODES.SESSION_CLOSED, 'the session does not exist or is closed');
      platform.desk.close(session, 'normal', platform.world.behaviour.pushOnApiClose);
      return {};
    },
  },
  {
    name: 'sessions.preview',
    method: 'PUT',
    path: '/im/sessions/:session_id/message_preview',
    run({ params, body }, platform) {
      const id = readSessionId(params.session_id);
      if (!platform.world.behaviour.previewActivated) refuse(CODES.NOT_ACTIVATED, 'the interface is not activated');
      if (typeof body.content !== 'string') return refuse(CODES.FAILED, 'content is required');
      const session = platform.world.sessions.get(id);
      if (session?.open !== true)
        return refuse(CODES.SESSION_GONE_OR_MISSING, 'the session does not exist or is closed');
      if (!platform.perPreview.take(String(id), platform.world.clock.now())) tooFast(platform);
      session.preview = body.content;
      return {};
    },
  },
  {
    name: 'sessions.robot_survey',
    method: 'POST',
    path: '/im/sessions/robot_survey',
    run({ body }, platform) {
      const customer = needCustomer(platform, body.customer_token);
      const session = platform.world.urobotSessions.get(needInt(body.im_sub_session_id, 'im_sub_session_id'));
      needRobot(body, platform);
      const optionId = needInt(body.option_id, 'option_id');
      if (session === undefined || session.customerId !== customer.id) return refuse(CODES.FAILED, 'no such session');
      if (optionId < 2 || optionId > 4) refuse(CODES.BAD_PARAMETER, 'option_id must be 2, 3 or 4');
      if (session.vote !== null) refuse(CODES.FAILED, 'the session has been rated');
      session.vote = { optionId, remark: readRemark(body.remark) };
      return { message: THANKS[platform.world.behaviour.language] };
    },
  },
  { name: 'sessions.survey', method: 'POST', path: '/im/sessions/survey', run: voteForAgent },
  {
    name: 'sessions.transfer_survey',
    method: 'POST',
    path: '/im/sessions/transfer_survey',
    run({ body }, platform) {
      const session = platform.world.urobotSessions.get(needInt(body.im_sub_session_id, 'im_sub_session_id'));
      needRobot(body, platform);
      if (session === undefined) return refuse(CODES.FAILED, 'no such session');
      session.transfers += 1;
      return { message: 'success' };
    },
  },
];

export function tooFast(platform: UdeskPlatform): never {
  throw new UdeskRefusal(platform.overLimit.code, 'too many calls', 'im', platform.overLimit.status);
}

/** robot_id and scene_id must name a robot and one of its scenes. */
export function needRobot(
  body: Record<string, unknown>,
  platform: UdeskPlatform,
  missing: number = CODES.FAILED,
): { robotId: number; sceneId: number } {
  const robotId = needInt(body.robot_id, 'robot_id', missing);
  const sceneId = needInt(body.scene_id, 'scene_id', missing);
  const robot = platform.world.urobots.find((one) => one.id === robotId);
  if (robot?.scenes.some((scene) => scene.id === sceneId) !== true)
    refuse(CODES.BAD_PARAMETER, 'robot_id or scene_id does not exist');
  return { robotId, sceneId };
}

/** An unknown token becomes an anonymous customer, named after it. */
export function customerFor(platform: UdeskPlatform, token: string): UdeskCustomer {
  const { world } = platform;
  const name = world.behaviour.language === 'zh' ? `API匿名用户(${token})` : `API Anonymous User (${token})`;
  return world.customerByToken(token) ?? world.addCustomer({ token, nickName: name, anonymous: true });
}

async function createSession({ body }: UdeskCall, platform: UdeskPlatform): Promise<unknown> {
  const { world, desk } = platform;
  const token = needText(body.customer_token, 'customer_token');
  const agentId = readOptionalInt(body.agent_id, 'agent_id');
  const groupId = readOptionalInt(body.group_id, 'group_id');
  const type = agentId !== null || groupId !== null ? 'agent' : (body.assign_type ?? 'robot');
  if (type === 'urobot') {
    const { robotId, sceneId } = needRobot(body, platform);
    const { info } = platform.urobot.open(customerFor(platform, token), robotId, sceneId);
    return { message: 'Request successful', assign_type: 'urobot', assign_info: info };
  }
  if (type === 'robot') return robotSession(platform, token);
  if (type !== 'agent') return refuse(CODES.BAD_PARAMETER, 'assign_type must be robot, urobot or agent');
  if (agentId !== null && !world.agents.has(agentId)) refuse(CODES.NO_AGENT, 'the agent does not exist');
  if (groupId !== null && !world.groups.has(groupId)) refuse(CODES.NO_GROUP, 'the group does not exist');
  const customer = customerFor(platform, token);
  const channel = typeof body.channel === 'string' && body.channel !== '' ? body.channel : 'api';
  const result = desk.assign(customer, { agentId, groupId: agentId === null ? groupId : null, channel });
  const zh = world.behaviour.language === 'zh';
  switch (result.kind) {
    case 'nobody':
      return {
        code: CODES.NOBODY,
        message: zh ? '当前没有客服在线' : 'There is no customer service online at the moment',
        assign_type: 'agent',
        assign_info: { count: 0 },
      };
    case 'assigning':
      return {
        code: CODES.WAITING,
        message: zh ? '客服分配中' : 'Customer service assignment in progress!',
        assign_type: 'agent',
        assign_info: { count: 0 },
      };
    case 'queued':
      return {
        code: CODES.WAITING,
        message: zh
          ? `当前客服繁忙，您排在第${result.place}位`
          : `All agents are busy, you are number ${result.place} in line.`,
        assign_type: 'agent',
        assign_info: { count: result.place, queue: result.key },
      };
    case 'assigned': {
      const { session } = result;
      const mode = result.fresh ? world.behaviour.startPush : 'never';
      if (mode === 'before') await desk.startPush(session);
      else if (mode === 'after') world.clock.base.schedule(PUSH_AFTER_MS, () => void desk.startPush(session));
      const agent = world.agents.get(session.agentId);
      return {
        message: welcomeText(world, session),
        assign_type: 'agent',
        assign_info: {
          im_sub_session_id: session.id,
          count: 0,
          agent_id: session.agentId,
          agent_name: agent?.nick ?? '',
          agent_avatar: agent?.avatar ?? '',
          survey_options: surveyOptions(world.behaviour),
        },
      };
    }
  }
}

function robotSession(platform: UdeskPlatform, token: string): unknown {
  if (!platform.world.behaviour.thirdPartyRobot) return refuse(CODES.FAILED, 'no third-party robot is configured');
  customerFor(platform, token);
  return {
    message: 'Request successful',
    assign_type: 'robot',
    assign_info: {
      robot_name: 'Third-party robot',
      robot_avatar: '',
      welcome_message: '<p>Hello, ask me anything.</p>',
      unknow_message: '<p>I do not know that.</p>',
    },
  };
}

function destroySessions({ request }: UdeskCall, platform: UdeskPlatform): unknown {
  const from = readChinaTime(needText(request.query.get('start_time'), 'start_time'), false);
  const until = readChinaTime(needText(request.query.get('end_time'), 'end_time'), false);
  if (from === null || until === null)
    return refuse(CODES.BAD_PARAMETER, 'start_time and end_time are yyyy-MM-dd HH:mm:ss');
  const customerId = readOptionalInt(request.query.get('customer_id'), 'customer_id');
  for (const session of [...platform.world.sessions.values()]) {
    if (session.open || session.createdMs < from || session.createdMs > until) continue;
    if (customerId === null || session.customerId === customerId) platform.world.sessions.delete(session.id);
  }
  return {};
}

/** Row 17: option of the list in force, remark up to 255, one vote. */
function voteForAgent({ body }: UdeskCall, platform: UdeskPlatform): unknown {
  const { world } = platform;
  const session = world.sessions.get(needInt(body.im_sub_session_id, 'im_sub_session_id'));
  const optionId = needInt(body.option_id, 'option_id');
  if (session === undefined) return refuse(CODES.SESSION_CLOSED, 'the session does not exist');
  if (!world.behaviour.surveyEnabled) refuse(CODES.FAILED, 'the survey is switched off');
  if (!isSurveyOption(world.behaviour, optionId)) refuse(CODES.BAD_PARAMETER, 'option_id is not one of the options');
  const resolved = body.resolved_state_v2 === undefined ? null : readInt(body.resolved_state_v2, 'resolved_state_v2');
  if (resolved !== null && resolved !== 0 && resolved !== 1)
    refuse(CODES.BAD_PARAMETER, 'resolved_state_v2 must be 0 or 1');
  const remark = readRemark(body.remark);
  if (session.vote !== null) refuse(CODES.FAILED, 'the session has been rated');
  session.vote = { optionId, remark, resolved, atMs: world.clock.now() };
  return { message: THANKS[world.behaviour.language] };
}

function readRemark(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return refuse(CODES.BAD_PARAMETER, 'remark must be a string');
  return [...value].length <= REMARK_MAX
    ? value
    : refuse(CODES.BAD_PARAMETER, `remark has at most ${REMARK_MAX} characters`);
}

import type { z } from 'zod';
import { ControlError, type ControlRoutes, plainRoute, route } from '../control.ts';
import {
  advanceSchema,
  clearFaultsSchema,
  listSchema,
  type PlanDeliveriesInput,
  planDeliveriesSchema,
} from '../kernel/control-inputs.ts';
import { type DeliveryChaos, type DeliveryPlan, deliveryChaosSchema } from '../kernel/delivery-plan.ts';
import { type Fault, faultSchema } from '../kernel/faults.ts';
import * as schemas from './control-schemas.ts';
import type { UdeskEndpoint, UdeskPlatform } from './endpoint.ts';
import type { UdeskBehaviour } from './options.ts';
import type { PushDelivery } from './pushes.ts';
import { signStruct } from './sign.ts';
import type { LeftMessage, TranscriptLine, UdeskAgent, UdeskCustomer, UdeskSession } from './types.ts';

export interface SessionView {
  id: number;
  customerToken: string;
  customerName: string;
  agentId: number;
  agentName: string;
  open: boolean;
  closeType: string | null;
  preview: string;
  vote: UdeskSession['vote'];
  lines: TranscriptLine[];
}

export interface QueueView {
  customerToken: string;
  key: string;
  place: number;
  assigning: boolean;
  lines: TranscriptLine[];
}

export interface Ratings {
  agent: { sessionId: number; customerToken: string; vote: NonNullable<UdeskSession['vote']> }[];
  robot: { urobotSessionId: number; optionId: number; remark: string }[];
  answers: { urobotSessionId: number; logId: number; optionId: number }[];
  transfers: { urobotSessionId: number; count: number }[];
}

export interface UdeskControl {
  agents(): (UdeskAgent & { sessions: number })[];
  setAgentStatus(input: z.infer<typeof schemas.agentStatusSchema>): void;
  queue(): QueueView[];
  sessions(input?: z.infer<typeof schemas.sessionsSchema>): SessionView[];
  leftMessages(): (LeftMessage & { customerToken: string })[];
  customers(): UdeskCustomer[];
  agentSay(input: z.infer<typeof schemas.agentSaySchema>): { messageId: string; sessionId: number };
  agentRead(input: z.infer<typeof schemas.agentReadSchema>): { messageIds: string[] };
  transfer(input: z.infer<typeof schemas.transferSchema>): { sessionId: number };
  closeSession(input: z.infer<typeof schemas.closeSchema>): void;
  inviteSurvey(input: schemas.WhichSession): void;
  assignNext(input?: z.infer<typeof schemas.assignNowSchema>): { sessionId: number };
  planAssignment(input: z.infer<typeof schemas.planAssignmentSchema>): void;
  ratings(): Ratings;
  setPushUrl(input: { url?: string }): void;
  pushRaw(input: { body: string }): Promise<PushDelivery>;
  configure(input: Partial<UdeskBehaviour>): void;
  pickerUrl(input: { sessionId: number; link: string }): { url: string };
  setFault(fault: Fault): void;
  faults(): Fault[];
  clearFaults(input?: { endpoint?: string }): void;
  advance(input: { ms: number; wire?: boolean }): { now: number };
  planDeliveries(input: PlanDeliveriesInput): void;
  setChaos(rates: DeliveryChaos): void;
  deliveries(input?: { limit?: number }): PushDelivery[];
  endpoints(): string[];
  stats(): Record<string, unknown>;
}

const SAID_AS = {
  text: 'message',
  html: 'rich',
  image: 'image',
  video: 'video',
  file: 'file',
  audio: 'audio',
} as const;

export function createUdeskControl(
  platform: UdeskPlatform,
  plan: DeliveryPlan,
  endpoints: readonly UdeskEndpoint[],
): UdeskControl {
  const { world, desk, pushes } = platform;
  const tokenOf = (customerId: number): string => world.customers.get(customerId)?.token ?? '';

  const sessionOf = (which: schemas.WhichSession): UdeskSession => {
    const customer = which.customerToken === undefined ? undefined : world.customerByToken(which.customerToken);
    const session =
      which.sessionId !== undefined
        ? world.sessions.get(which.sessionId)
        : customer === undefined
          ? undefined
          : world.liveSession(customer.id);
    if (session === undefined) throw new ControlError('no such session');
    return session;
  };
  const openSessionOf = (which: schemas.WhichSession): UdeskSession => {
    const session = sessionOf(which);
    if (!session.open) throw new ControlError('the session is closed');
    return session;
  };

  return {
    agents: () => [...world.agents.values()].map((agent) => ({ ...agent, sessions: desk.load(agent.id) })),
    setAgentStatus(input) {
      const agent = world.agents.get(input.agentId);
      if (agent === undefined) throw new ControlError('no such agent');
      agent.status = input.status;
      if (input.maxSessions !== undefined) agent.maxSessions = input.maxSessions;
      platform.changes.emit('agent', { agentId: agent.id, status: agent.status });
      desk.serveQueue();
    },
    queue: () =>
      world.queue.map((entry) => ({
        customerToken: tokenOf(entry.customerId),
        key: entry.key,
        place: desk.placeOf(entry.customerId)?.place ?? 0,
        assigning: entry.assigning,
        lines: entry.lines,
      })),
    sessions(input = {}) {
      return [...world.sessions.values()]
        .filter((row) => input.open === undefined || row.open === input.open)
        .filter((row) => input.customerToken === undefined || tokenOf(row.customerId) === input.customerToken)
        .map((row) => ({
          id: row.id,
          customerToken: tokenOf(row.customerId),
          customerName: world.customers.get(row.customerId)?.nickName ?? '',
          agentId: row.agentId,
          agentName: world.agents.get(row.agentId)?.nick ?? '',
          open: row.open,
          closeType: row.closeType,
          preview: row.preview,
          vote: row.vote,
          lines: row.lines,
        }));
    },
    leftMessages: () => world.leftMessages.map((row) => ({ ...row, customerToken: tokenOf(row.customerId) })),
    customers: () => [...world.customers.values()],
    agentSay(input) {
      const session = openSessionOf(input);
      const kind = input.type ?? 'text';
      const named = kind === 'text' || kind === 'html' || kind === 'image' ? {} : fileFacts(input);
      const line = desk.agentSays(session, SAID_AS[kind], { content: input.content, ...named }, input.deliver);
      return { messageId: line.messageId, sessionId: session.id };
    },
    agentRead(input) {
      const session = sessionOf(input);
      const lines = session.lines.filter(
        (line) => line.from === 'customer' && !line.read && (input.messageIds?.includes(line.messageId) ?? true),
      );
      for (const line of lines) line.read = true;
      const messageIds = lines.map((line) => line.messageId);
      if (messageIds.length > 0)
        void pushes.push('receipt', tokenOf(session.customerId), { session_id: session.id, message_ids: messageIds });
      return { messageIds };
    },
    transfer(input) {
      const agent = world.agents.get(input.toAgentId);
      if (agent === undefined) throw new ControlError('no such agent');
      return { sessionId: desk.transfer(openSessionOf(input), agent, input.order).id };
    },
    closeSession: (input) => desk.close(openSessionOf(input), input.closeType ?? 'normal', true),
    inviteSurvey: (input) => desk.inviteSurvey(sessionOf(input)),
    assignNext(input = {}) {
      const entry = world.queue.find(
        (row) => input.customerToken === undefined || tokenOf(row.customerId) === input.customerToken,
      );
      const session = entry === undefined ? undefined : desk.assignNow(entry);
      if (session === undefined) throw new ControlError('nobody waits, or nobody could take them');
      return { sessionId: session.id };
    },
    planAssignment: (input) => desk.planOutcome(input.outcome, input.times ?? 1),
    ratings: () => ({
      agent: [...world.sessions.values()].flatMap((row) =>
        row.vote === null ? [] : [{ sessionId: row.id, customerToken: tokenOf(row.customerId), vote: row.vote }],
      ),
      robot: [...world.urobotSessions.values()].flatMap((row) =>
        row.vote === null ? [] : [{ urobotSessionId: row.id, ...row.vote }],
      ),
      answers: [...world.urobotSessions.values()].flatMap((row) =>
        [...row.answerVotes].map(([logId, optionId]) => ({ urobotSessionId: row.id, logId, optionId })),
      ),
      transfers: [...world.urobotSessions.values()]
        .filter((row) => row.transfers > 0)
        .map((row) => ({ urobotSessionId: row.id, count: row.transfers })),
    }),
    setPushUrl: (input) => pushes.setUrl(input.url),
    pushRaw: (input) => pushes.pushRaw(input.body),
    configure: (input) => {
      Object.assign(world.behaviour, input);
    },
    pickerUrl({ sessionId, link }) {
      const session = sessionOf({ sessionId });
      const timestamp = String(Math.floor(world.clock.wireNow() / 1000));
      const ids = {
        sessionId: String(session.id),
        customerId: String(session.customerId),
        agentId: String(session.agentId),
      };
      if (!URL.canParse(link)) throw new ControlError('link is not a URL');
      const url = new URL(link);
      url.searchParams.set('im_sub_session_id', ids.sessionId);
      url.searchParams.set('customer_id', ids.customerId);
      url.searchParams.set('agent_id', ids.agentId);
      url.searchParams.set('jid_resource', 'sandbox-console');
      url.searchParams.set('timestamp', timestamp);
      url.searchParams.set('sign', signStruct(ids, timestamp, platform.structKey));
      return { url: url.href };
    },
    setFault: (fault) => platform.faults.set(fault),
    faults: () => platform.faults.list(),
    clearFaults: (input = {}) => platform.faults.clear(input.endpoint),
    advance(input) {
      world.clock.advance(input.ms, { wire: input.wire === true });
      return { now: world.clock.now() };
    },
    planDeliveries(input) {
      plan.plan(input.switches, input.times ?? 1, input.only === 'any' ? undefined : input.only);
    },
    setChaos: (rates) => plan.chaos(rates),
    deliveries: (input = {}) => pushes.deliveries().slice(-(input.limit ?? 200)),
    endpoints: () => [...new Set(endpoints.map((endpoint) => endpoint.name))],
    stats: () => ({
      calls: Object.fromEntries(platform.calls),
      repeatedMessageIds: platform.repeats.count,
      sessions: world.sessions.size,
      queue: world.queue.length,
      pushesPausedUntilMs: pushes.pausedUntilMs(),
    }),
  };
}

const fileFacts = (input: { content: string; filename?: string }) => ({
  filename: input.filename ?? input.content.split('/').at(-1) ?? 'file',
  filesize: '1.2M',
});

export const udeskControlRoutes = (control: UdeskControl): ControlRoutes => ({
  'GET agents': plainRoute(control.agents),
  'POST agents/status': route(schemas.agentStatusSchema, control.setAgentStatus),
  'GET queue': plainRoute(control.queue),
  'GET sessions': route(schemas.sessionsSchema, control.sessions),
  'GET left-messages': plainRoute(control.leftMessages),
  'GET customers': plainRoute(control.customers),
  'POST agent/say': route(schemas.agentSaySchema, control.agentSay),
  'POST agent/read': route(schemas.agentReadSchema, control.agentRead),
  'POST sessions/transfer': route(schemas.transferSchema, control.transfer),
  'POST sessions/close': route(schemas.closeSchema, control.closeSession),
  'POST sessions/invite-survey': route(schemas.whichSchema, control.inviteSurvey),
  'POST queue/assign': route(schemas.assignNowSchema, control.assignNext),
  'POST assignment/next': route(schemas.planAssignmentSchema, control.planAssignment),
  'GET ratings': plainRoute(control.ratings),
  'POST push/url': route(schemas.pushUrlSchema, control.setPushUrl),
  'POST push/raw': route(schemas.pushRawSchema, control.pushRaw),
  'POST settings': route(schemas.behaviourSchema, control.configure),
  'POST picker': route(schemas.pickerSchema, control.pickerUrl),
  'POST faults': route(faultSchema, control.setFault),
  'GET faults': plainRoute(control.faults),
  'POST faults/clear': route(clearFaultsSchema, control.clearFaults),
  'POST clock/advance': route(advanceSchema, control.advance),
  'POST deliveries/plan': route(planDeliveriesSchema, control.planDeliveries),
  'POST deliveries/chaos': route(deliveryChaosSchema, control.setChaos),
  'GET deliveries': route(listSchema, control.deliveries),
  'GET endpoints': plainRoute(control.endpoints),
  'GET stats': plainRoute(control.stats),
});

import { wait } from '../../common/clock.ts';
import type { ChangeHub } from '../kernel/change-hub.ts';
import type { DeliverySwitches } from '../kernel/delivery-plan.ts';
import type { Pushes } from './pushes.ts';
import { surveyOptions } from './survey.ts';
import { chinaTime, chinaTimeCompact } from './time.ts';
import type { QueueEntry, TranscriptLine, UdeskAgent, UdeskCustomer, UdeskSession } from './types.ts';
import type { UdeskWorld } from './world.ts';

export type Outcome = 'assigning' | 'queued' | 'nobody';

export type Assignment =
  | { kind: 'assigned'; session: UdeskSession; fresh: boolean }
  | { kind: 'queued'; place: number; key: string }
  | { kind: 'assigning' }
  | { kind: 'nobody' };

export interface AssignWish {
  agentId: number | null;
  groupId: number | null;
  channel: string;
}

/** The agents' side: who gets whom, who waits, who moves, what ends. */
export interface Desk {
  /** Same answer again for a customer who already has a session or a place. */
  assign(customer: UdeskCustomer, wish: AssignWish): Assignment;
  /** The next session creations answer so, whoever is online. */
  planOutcome(outcome: Outcome, times: number): void;
  placeOf(customerId: number): { entry: QueueEntry; place: number } | undefined;
  leaveQueue(entry: QueueEntry): void;
  /** Serves who can be served. Called after every change that frees a place. */
  serveQueue(): void;
  /** Out of the queue even though everyone is full. */
  assignNow(entry: QueueEntry): UdeskSession | undefined;
  startPush(session: UdeskSession): Promise<void>;
  agentSays(session: UdeskSession, type: string, data: Record<string, unknown>, own?: DeliverySwitches): TranscriptLine;
  transfer(session: UdeskSession, toAgent: UdeskAgent, order?: 'close_first' | 'transfer_first'): UdeskSession;
  close(session: UdeskSession, closeType: 'normal' | 'force', push: boolean): void;
  inviteSurvey(session: UdeskSession): void;
  load(agentId: number): number;
}

export function createDesk(world: UdeskWorld, pushes: Pushes, changes: ChangeHub): Desk {
  const { clock, behaviour } = world;
  const planned: Outcome[] = [];

  const serving = new Map<number, number>();
  const load = (agentId: number): number => serving.get(agentId) ?? 0;
  const count = (agentId: number, change: 1 | -1) => serving.set(agentId, load(agentId) + change);

  const suits = (agent: UdeskAgent, wish: { agentId: number | null; groupId: number | null }): boolean =>
    wish.agentId !== null ? agent.id === wish.agentId : wish.groupId === null || agent.groupIds.includes(wish.groupId);

  const present = (wish: { agentId: number | null; groupId: number | null }): UdeskAgent[] =>
    [...world.agents.values()].filter((agent) => agent.status !== 'offline' && suits(agent, wish));

  /** The least loaded of those who are online and not full; busy agents get nobody new. */
  const freeAgent = (wish: { agentId: number | null; groupId: number | null }): UdeskAgent | undefined =>
    present(wish)
      .filter((agent) => agent.status === 'online' && load(agent.id) < agent.maxSessions)
      .sort((a, b) => load(a.id) - load(b.id) || a.id - b.id)[0];

  const keyOf = (wish: AssignWish): string => {
    if (wish.agentId !== null) return `queue:company:1:agent:${wish.agentId}`;
    return wish.groupId === null ? 'queue:company:1:all' : `queue:company:1:agent_group:${wish.groupId}`;
  };

  const item = (session: UdeskSession, line: TranscriptLine, createdAt = chinaTime(line.atMs)) => {
    const agent = world.agents.get(session.agentId);
    return {
      type: line.type,
      message_id: line.messageId,
      agent_id: session.agentId,
      agent_name: agent?.nick ?? '',
      agent_avatar: agent?.avatar ?? '',
      im_sub_session_id: session.id,
      message_created_at: createdAt,
      data: line.data,
    };
  };

  const tokenOf = (session: UdeskSession): string => world.customers.get(session.customerId)?.token ?? '';

  const pushItems = (
    session: UdeskSession,
    lines: TranscriptLine[],
    items: unknown[],
    own?: DeliverySwitches,
  ): Promise<unknown> => {
    const customerToken = tokenOf(session);
    const body = { customer_token: customerToken, assign_type: 'agent', messages: items };
    changes.emit('message', { customerToken, sessionId: session.id });
    return pushes.push('agent', customerToken, body, lines, own);
  };

  const openSession = (customerId: number, agent: UdeskAgent, channel: string, lines: TranscriptLine[]) => {
    const session: UdeskSession = {
      id: world.nextId('session'),
      customerId,
      agentId: agent.id,
      channel,
      open: true,
      closeType: null,
      createdMs: clock.now(),
      closedMs: null,
      lines: [...lines],
      preview: '',
      surveyInvited: false,
      vote: null,
    };
    world.addSession(session);
    count(agent.id, 1);
    changes.emit('session', { sessionId: session.id, agentId: agent.id });
    return session;
  };

  const placeOf: Desk['placeOf'] = (customerId) => {
    const entry = world.queue.find((other) => other.customerId === customerId);
    if (entry === undefined) return undefined;
    const same = world.queue.filter((other) => other.key === entry.key && !other.assigning);
    return { entry, place: same.indexOf(entry) + 1 };
  };

  const dequeue = (entry: QueueEntry) => {
    world.queue = world.queue.filter((other) => other !== entry);
    changes.emit('queue', { length: world.queue.length });
  };

  const serve = (entry: QueueEntry, agent: UdeskAgent): UdeskSession => {
    dequeue(entry);
    const session = openSession(entry.customerId, agent, entry.channel, entry.lines);
    void startPush(session);
    return session;
  };

  const startPush = async (session: UdeskSession): Promise<void> => {
    const start = world.line({ from: 'system', type: 'start_session', data: { content: 'Dialogue started' } });
    const welcome = world.line({ from: 'agent', type: 'message', data: { content: welcomeText(world, session) } });
    session.lines.push(start, welcome);
    await pushItems(session, [start, welcome], [item(session, start), item(session, welcome)]);
  };

  const serveQueue = () => {
    for (const entry of [...world.queue]) {
      if (entry.assigning) continue;
      const agent = freeAgent(entry);
      if (agent !== undefined) serve(entry, agent);
    }
  };

  const closed = (session: UdeskSession, closeType: 'normal' | 'redirect' | 'force'): TranscriptLine => {
    session.open = false;
    count(session.agentId, -1);
    session.closeType = closeType;
    session.closedMs = clock.now();
    session.preview = '';
    const options = closeType === 'redirect' ? {} : { survey_options: surveyOptions(behaviour) };
    const line = world.line({
      from: 'system',
      type: 'close',
      data: { close_type: closeType, content: 'Session closed', ...options },
    });
    session.lines.push(line);
    changes.emit('session', { sessionId: session.id, closed: closeType });
    return line;
  };

  return {
    load,
    serveQueue,
    startPush,
    planOutcome(outcome, times) {
      for (let i = 0; i < times; i++) planned.push(outcome);
    },
    placeOf,
    assign(customer, wish) {
      const current = world.liveSession(customer.id);
      if (current !== undefined) return { kind: 'assigned', session: current, fresh: false };
      const waiting = placeOf(customer.id);
      if (waiting !== undefined)
        return waiting.entry.assigning
          ? { kind: 'assigning' }
          : { kind: 'queued', place: waiting.place, key: waiting.entry.key };
      const outcome = planned.shift();
      if (outcome === 'nobody' || (outcome === undefined && present(wish).length === 0)) return { kind: 'nobody' };
      const agent = freeAgent(wish);
      if (outcome === undefined && agent !== undefined)
        return { kind: 'assigned', session: openSession(customer.id, agent, wish.channel, []), fresh: true };
      const entry: QueueEntry = {
        customerId: customer.id,
        agentId: wish.agentId,
        groupId: wish.groupId,
        channel: wish.channel,
        key: keyOf(wish),
        sinceMs: clock.now(),
        assigning: outcome === 'assigning',
        lines: [],
      };
      world.queue.push(entry);
      changes.emit('queue', { length: world.queue.length });
      if (!entry.assigning) return { kind: 'queued', place: placeOf(customer.id)?.place ?? 1, key: entry.key };
      void wait(clock, behaviour.assigningMs).then(() => {
        entry.assigning = false;
        serveQueue();
      });
      return { kind: 'assigning' };
    },
    leaveQueue(entry) {
      dequeue(entry);
      world.abandoned.push({
        id: world.nextId('queue'),
        customerId: entry.customerId,
        channel: entry.channel,
        startedMs: entry.sinceMs,
        endedMs: clock.now(),
        name: entry.key,
      });
    },
    assignNow(entry) {
      const agent =
        freeAgent(entry) ?? present(entry)[0] ?? [...world.agents.values()].find((one) => suits(one, entry));
      return agent === undefined ? undefined : serve(entry, agent);
    },
    agentSays(session, type, data, own) {
      const line = world.line({ from: 'agent', type, data });
      session.lines.push(line);
      void pushItems(session, [line], [item(session, line, chinaTimeCompact(line.atMs))], own);
      return line;
    },
    transfer(session, toAgent, order = behaviour.transferOrder) {
      const closing = closed(session, 'redirect');
      const next = openSession(session.customerId, toAgent, session.channel, []);
      const moved = world.line({ from: 'system', type: 'transfer', data: { content: 'Session transferred' } });
      const notice = world.line({
        from: 'agent',
        type: 'message',
        data: { content: `Session transfer successful, ${toAgent.nick} is serving you` },
      });
      next.lines.push(moved, notice);
      const posts = [
        () => pushItems(session, [closing], [item(session, closing)]),
        () => pushItems(next, [moved, notice], [item(next, moved), item(next, notice)]),
      ];
      for (const post of order === 'close_first' ? posts : posts.reverse()) void post();
      serveQueue();
      return next;
    },
    close(session, closeType, push) {
      const line = closed(session, closeType);
      if (push) void pushItems(session, [line], [item(session, line)]);
      serveQueue();
    },
    inviteSurvey(session) {
      session.surveyInvited = true;
      const line = world.line({
        from: 'system',
        type: 'survey',
        data: { content: 'Please rate this service', survey_options: surveyOptions(behaviour) },
      });
      session.lines.push(line);
      void pushItems(session, [line], [item(session, line)]);
    },
  };
}

/** The agent's first words: top-level `message` of a successful creation, and the message beside start_session. */
export function welcomeText(world: UdeskWorld, session: UdeskSession): string {
  const name = world.agents.get(session.agentId)?.nick ?? '';
  return world.behaviour.language === 'zh' ? `您好，${name}很高兴为您服务。` : `Hello, ${name} is happy to help you.`;
}

import type { ChangeHub } from '../kernel/change-hub.ts';
import type { Pushes } from './pushes.ts';
import type { UdeskCustomer, UrobotSession } from './types.ts';
import {
  FLOWS,
  type FlowStep,
  FORBIDDEN,
  GO_CHAT,
  GREETING,
  HELLO_WORDS,
  HUMAN_WORDS,
  LEADING,
  TOPICS,
  type Topic,
  UNKNOWN,
} from './urobot-script.ts';
import type { UdeskWorld } from './world.ts';

const ROBOT_NAME = 'Juniper robot';

/** The scripted urobot: every answer goes out as a push, as on the platform. */
export interface UrobotDesk {
  open(customer: UdeskCustomer, robotId: number, sceneId: number): { session: UrobotSession; info: object };
  ask(session: UrobotSession, text: string): void;
  hit(session: UrobotSession, questionId: number | null, question: string | null): void;
  /** False: no such flow. */
  flow(session: UrobotSession, flowId: number): boolean;
}

interface Answer {
  ansType: number;
  ansContent: string;
  hitQuestion?: string;
  suggestions?: readonly number[];
  flow?: FlowStep;
  extra?: Record<string, unknown>;
}

export function createUrobotDesk(world: UdeskWorld, pushes: Pushes, changes: ChangeHub): UrobotDesk {
  const note = (session: UrobotSession, from: 'customer' | 'robot', text: string): number => {
    const logId = world.nextId('log');
    session.lines.push({ from, logId, text, atMs: world.clock.now() });
    return logId;
  };

  const say = (session: UrobotSession, answer: Answer): void => {
    const customerToken = world.customers.get(session.customerId)?.token ?? '';
    const item = {
      sessionId: session.id,
      logId: note(session, 'robot', answer.flow?.html ?? answer.ansContent),
      aid: 12,
      ansType: answer.ansType,
      msgType: 'plain',
      ansContent: answer.ansContent,
      hitQuestion: answer.hitQuestion ?? null,
      suggestQuestionList: (answer.suggestions ?? []).map((id) => ({ id, content: questionOf(id), type: 1 })),
      flowId: answer.flow?.id ?? null,
      flowTitle: answer.flow?.title ?? null,
      flowContent: answer.flow?.html ?? null,
      ...answer.extra,
    };
    const body = { customer_token: customerToken, assign_type: 'urobot', messages: item };
    void pushes.push('urobot', customerToken, body);
    changes.emit('message', { customerToken, urobotSessionId: session.id });
  };

  const tell = (session: UrobotSession, topic: Topic) => {
    const flow = topic.flowId === undefined ? undefined : FLOWS.find((step) => step.id === topic.flowId);
    const ansType = flow === undefined && topic.suggestions !== undefined ? 2 : 1;
    say(session, {
      ansType,
      ansContent: topic.answer,
      hitQuestion: topic.question,
      suggestions: topic.suggestions,
      flow,
    });
  };

  const ask = (session: UrobotSession, text: string) => {
    note(session, 'customer', text);
    const lower = text.toLowerCase();
    const holds = (words: readonly string[]) => words.some((word) => lower.includes(word));
    if (holds(world.behaviour.sensitiveWords)) return say(session, { ansType: 8, ansContent: FORBIDDEN });
    if (lower.includes('manager'))
      return say(session, { ansType: 1, ansContent: GO_CHAT.button, extra: { switchStaffType: 2 } });
    if (holds(HUMAN_WORDS))
      return say(session, { ansType: 1, ansContent: lower.includes('agent') ? GO_CHAT.button : GO_CHAT.link });
    const topic = bestTopic(lower);
    if (topic !== undefined) return tell(session, topic);
    if (HELLO_WORDS.some((word) => new RegExp(`(^|\\P{L})${word}(\\P{L}|$)`, 'u').test(lower)))
      return say(session, { ansType: 4, ansContent: GREETING });
    if (lower.includes('?') || lower.includes('？'))
      return say(session, { ansType: 3, ansContent: '', suggestions: TOPICS.slice(0, 2).map((one) => one.id) });
    return say(session, { ansType: 6, ansContent: UNKNOWN });
  };

  return {
    open(customer, robotId, sceneId) {
      const session: UrobotSession = {
        id: world.nextId('urobot'),
        customerId: customer.id,
        robotId,
        sceneId,
        createdMs: world.clock.now(),
        lines: [],
        vote: null,
        answerVotes: new Map(),
        transfers: 0,
      };
      world.addUrobotSession(session);
      const info = {
        sessionId: session.id,
        logId: note(session, 'robot', GREETING),
        robotName: ROBOT_NAME,
        logoUrl: null,
        leadingWord: LEADING,
        helloWord: GREETING,
        topAsk: topAsk(world.behaviour.topAskSpelling),
      };
      changes.emit('session', { urobotSessionId: session.id });
      return { session, info };
    },
    ask,
    hit(session, questionId, question) {
      const topic = TOPICS.find((one) => one.id === questionId) ?? TOPICS.find((one) => one.question === question);
      if (topic === undefined) return ask(session, question ?? '');
      note(session, 'customer', topic.question);
      tell(session, topic);
    },
    flow(session, flowId) {
      const step = FLOWS.find((one) => one.id === flowId);
      if (step === undefined) return false;
      note(session, 'customer', step.title);
      say(session, { ansType: 1, ansContent: '', flow: step });
      return true;
    },
  };
}

const questionOf = (id: number): string => TOPICS.find((topic) => topic.id === id)?.question ?? '';

/** The longest keyword wins: "delivery cost" before "delivery". */
function bestTopic(lower: string): Topic | undefined {
  let best: { topic: Topic; length: number } | undefined;
  for (const topic of TOPICS)
    for (const word of topic.keywords)
      if (lower.includes(word) && word.length > (best?.length ?? 0)) best = { topic, length: word.length };
  return best?.topic;
}

function topAsk(spelling: 'seed' | 'live'): unknown {
  const options = TOPICS.slice(0, 3);
  if (spelling === 'seed')
    return [
      {
        quesitionType: 'Delivery',
        quesitionTypeId: 2,
        optionsList: options.map((one) => ({ quesition: one.question, quesitionId: one.id })),
      },
    ];
  return [
    {
      questionType: 'Delivery',
      questionTypeId: 2,
      optionsList: options.map((one) => ({ question: one.question, questionId: one.id })),
    },
  ];
}

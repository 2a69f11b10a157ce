import type { SimClock } from '../kernel/sim-clock.ts';
import type { UdeskBehaviour } from './options.ts';
import type {
  AbandonedQueue,
  LeftMessage,
  QueueEntry,
  TranscriptLine,
  UdeskAgent,
  UdeskCustomer,
  UdeskGroup,
  UdeskSeed,
  UdeskSession,
  Urobot,
  UrobotSession,
} from './types.ts';

export interface UdeskWorld {
  clock: SimClock;
  behaviour: UdeskBehaviour;
  customers: Map<number, UdeskCustomer>;
  agents: Map<number, UdeskAgent>;
  groups: Map<number, UdeskGroup>;
  sessions: Map<number, UdeskSession>;
  queue: QueueEntry[];
  abandoned: AbandonedQueue[];
  leftMessages: LeftMessage[];
  urobots: Urobot[];
  urobotSessions: Map<number, UrobotSession>;
  /** Company-wide: every message_id a customer ever used. */
  messageIds: Set<string>;
  nextId(kind: 'customer' | 'session' | 'urobot' | 'log' | 'queue'): number;
  /** `udesk_8561762919969593`. */
  nextMessageId(): string;
  customerByToken(token: string): UdeskCustomer | undefined;
  addCustomer(facts: Partial<UdeskCustomer>): UdeskCustomer;
  removeCustomer(customer: UdeskCustomer): void;
  renameToken(customer: UdeskCustomer, token: string): void;
  addSession(session: UdeskSession): void;
  /** A customer has at most one (reference 8.2). */
  liveSession(customerId: number): UdeskSession | undefined;
  line(draft: Pick<TranscriptLine, 'from' | 'type' | 'data'> & { messageId?: string }): TranscriptLine;
  addUrobotSession(session: UrobotSession): void;
  /** urobot sessions have no documented end: the newest one is the live one. */
  newestUrobot(customerId: number): UrobotSession | undefined;
}

const FIRST_IDS = { customer: 5_855_300, session: 1_419_300, urobot: 23_700, log: 55_390, queue: 120 };

export function createUdeskWorld(seed: UdeskSeed, clock: SimClock, behaviour: UdeskBehaviour): UdeskWorld {
  const counters = { ...FIRST_IDS };
  const byToken = new Map<string, UdeskCustomer>();
  const customers = new Map<number, UdeskCustomer>();
  const newest = new Map<number, UdeskSession>();
  const newestUrobot = new Map<number, UrobotSession>();
  let messageSerial = 8_561_762_919_960_000n;

  const world: UdeskWorld = {
    clock,
    behaviour,
    customers,
    agents: new Map(seed.agents.map((agent) => [agent.id, { ...agent, groupIds: [...agent.groupIds] }])),
    groups: new Map(seed.groups.map((group) => [group.id, group])),
    sessions: new Map(),
    queue: [],
    abandoned: [],
    leftMessages: [],
    urobots: seed.urobots,
    urobotSessions: new Map(),
    messageIds: new Set(),
    nextId(kind) {
      counters[kind] += 1;
      return counters[kind];
    },
    nextMessageId() {
      messageSerial += 7n;
      return `udesk_${messageSerial}`;
    },
    customerByToken: (token) => byToken.get(token),
    addCustomer(facts) {
      const now = clock.now();
      const customer: UdeskCustomer = {
        id: world.nextId('customer'),
        token: null,
        nickName: '',
        email: '',
        description: '',
        level: 'normal',
        tags: [],
        cellphones: [],
        customFields: {},
        isBlocked: false,
        anonymous: false,
        online: true,
        createdMs: now,
        updatedMs: now,
        ...facts,
      };
      customers.set(customer.id, customer);
      if (customer.token !== null) byToken.set(customer.token, customer);
      return customer;
    },
    removeCustomer(customer) {
      customers.delete(customer.id);
      if (customer.token !== null) byToken.delete(customer.token);
    },
    renameToken(customer, token) {
      if (customer.token !== null) byToken.delete(customer.token);
      customer.token = token;
      byToken.set(token, customer);
    },
    addSession(session) {
      world.sessions.set(session.id, session);
      newest.set(session.customerId, session);
    },
    liveSession(customerId) {
      const found = newest.get(customerId);
      return found?.open === true ? found : undefined;
    },
    line: (draft) => ({
      messageId: draft.messageId ?? world.nextMessageId(),
      from: draft.from,
      type: draft.type,
      data: draft.data,
      atMs: clock.now(),
      read: false,
      push: 'none',
    }),
    addUrobotSession(session) {
      world.urobotSessions.set(session.id, session);
      newestUrobot.set(session.customerId, session);
    },
    newestUrobot: (customerId) => newestUrobot.get(customerId),
  };
  return world;
}

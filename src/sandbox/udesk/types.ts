/** The desk's own state. Ids are Udesk's small integers; times ending in `Ms` are on the simulator's clock. */
export interface UdeskCustomer {
  id: number;
  /** `open_api_token` = our customer_token. */
  token: string | null;
  nickName: string;
  email: string;
  description: string;
  level: 'normal' | 'vip';
  tags: string[];
  cellphones: [number, string][];
  customFields: Record<string, unknown>;
  isBlocked: boolean;
  /** Made by a session, not by the customers API. */
  anonymous: boolean;
  online: boolean;
  createdMs: number;
  updatedMs: number;
}

export type AgentStatus = 'online' | 'busy' | 'offline';

export interface UdeskAgent {
  id: number;
  name: string;
  nick: string;
  avatar: string;
  status: AgentStatus;
  customStatus: string;
  maxSessions: number;
  groupIds: number[];
}

export interface UdeskGroup {
  id: number;
  name: string;
}

export interface TranscriptLine {
  messageId: string;
  from: 'customer' | 'agent' | 'system';
  type: string;
  data: Record<string, unknown>;
  atMs: number;
  /** Agent lines: the customer has read it. Customer lines: the agent has. */
  read: boolean;
  /** Agent lines only: what became of the push. */
  push: 'none' | 'waiting' | 'delivered' | 'failed';
}

export interface AgentVote {
  optionId: number;
  remark: string;
  /** 0 or 1 as sent; `null` when left out. */
  resolved: number | null;
  atMs: number;
}

export interface UdeskSession {
  id: number;
  customerId: number;
  agentId: number;
  channel: string;
  open: boolean;
  closeType: 'normal' | 'redirect' | 'force' | null;
  createdMs: number;
  closedMs: number | null;
  lines: TranscriptLine[];
  /** What the customer is typing, as the agent sees it. */
  preview: string;
  surveyInvited: boolean;
  vote: AgentVote | null;
}

export interface QueueEntry {
  customerId: number;
  agentId: number | null;
  groupId: number | null;
  channel: string;
  /** Holds colons on purpose: `queue:company:1:agent:486`. */
  key: string;
  sinceMs: number;
  /** Assignment is under way: no place, no key shown. */
  assigning: boolean;
  lines: TranscriptLine[];
}

export interface AbandonedQueue {
  id: number;
  customerId: number;
  channel: string;
  startedMs: number;
  endedMs: number;
  name: string;
}

export interface LeftMessage {
  customerId: number;
  messageId: string;
  type: string;
  data: Record<string, unknown>;
  agentId: number | null;
  groupId: number | null;
  solved: boolean;
  atMs: number;
}

export interface UrobotSession {
  id: number;
  customerId: number;
  robotId: number;
  sceneId: number;
  createdMs: number;
  lines: { from: 'customer' | 'robot'; logId: number; text: string; atMs: number }[];
  vote: { optionId: number; remark: string } | null;
  answerVotes: Map<number, number>;
  transfers: number;
}

export interface Urobot {
  id: number;
  name: string;
  scenes: { id: number; name: string }[];
}

export interface UdeskSeed {
  agents: UdeskAgent[];
  groups: UdeskGroup[];
  urobots: Urobot[];
}

import type { DeskOutcome, DeskSend } from '../contracts/desk.ts';
import type { UdeskClient } from './client.ts';
import { endpoints, type Values } from './endpoints.ts';
import { toFailure } from './outcome.ts';
import { readCustomerStatus } from './sessions.ts';
import { type OutboundStyle, toDeskMessage } from './to-outbound.ts';

/** Special values of `im_sub_session_id` on a send (reference 4.2); they exist on the wire only. */
const LEAVE_MESSAGE = '-2';
const WHILE_QUEUED = '-3';

const SESSION_GONE = 9200;
/** "No such session" or "a value is missing" or "not authorised": only the customer's state can tell. */
const AMBIGUOUS = 2062;

export interface MessageDefaults {
  groupId?: string;
  defaultAgentId?: string;
  style: OutboundStyle;
}

/** The characters Udesk allows in a `message_id`. */
const MESSAGE_ID = /^[A-Za-z0-9_-]+$/;

/**
 * One buyer message to Udesk. 9200 is `gone`; 2062 is `gone` only when the customer has no session any more.
 * Whether Udesk drops a repeated `message_id` is not documented, so an unknown outcome stays `unknown`.
 */
export async function sendMessage(
  client: UdeskClient,
  defaults: MessageDefaults,
  send: DeskSend,
): Promise<DeskOutcome> {
  if (!MESSAGE_ID.test(send.messageId))
    return {
      kind: 'refused',
      next: 'dead',
      code: 'message_id',
      reason: 'Udesk takes letters, digits, _ and - in a message id',
    };
  const { type, data } = toDeskMessage(send.part, defaults.style);
  const values: Values<typeof endpoints.sendMessage.parameters> = {
    customer_token: send.customerToken,
    ...destination(send.to, defaults),
    message_id: send.messageId,
    type,
    data: { ...data },
  };
  const called = await client.call(endpoints.sendMessage, values, { signal: send.signal });
  if (called.kind === 'answered') return { kind: 'accepted' };
  if (called.kind !== 'refused' || send.to.kind === 'leave') return toFailure(called);
  if (called.code === SESSION_GONE) return { kind: 'gone' };
  if (called.code === AMBIGUOUS) {
    const status = await readCustomerStatus(client, send.customerToken, { signal: send.signal, priority: 'message' });
    if (status.kind === 'answered' && (status.result === 'none' || status.result === 'invalid'))
      return { kind: 'gone' };
  }
  return toFailure(called);
}

function destination(
  to: DeskSend['to'],
  defaults: MessageDefaults,
): { im_sub_session_id: string; agent_id?: string; group_id?: string } {
  switch (to.kind) {
    case 'session':
      return { im_sub_session_id: to.sessionId };
    case 'queue':
      return { im_sub_session_id: WHILE_QUEUED };
    case 'leave': {
      const agentId = to.agentId ?? (to.groupId === undefined ? defaults.defaultAgentId : undefined);
      return { im_sub_session_id: LEAVE_MESSAGE, agent_id: agentId, group_id: to.groupId ?? defaults.groupId };
    }
  }
}

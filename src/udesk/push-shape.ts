import { asId, asText, isRecord } from './schema.ts';

/** The five kinds of push (reference 6.2), told apart in this order. */
export type Push =
  | { kind: 'read'; sessionId: string | null; messageIds: string[] }
  | { kind: 'agent'; customerToken: string | null; sessionId: string | null; items: Record<string, unknown>[] }
  | { kind: 'robot'; customerToken: string | null; items: Record<string, unknown>[] }
  | { kind: 'urobot'; customerToken: string | null; items: Record<string, unknown>[] }
  | { kind: 'strange' };

/** Also taken: `message` for `messages`, one object for a list and the reverse, `web_token` for `customer_token`, a bare urobot answer. */
export function readPush(root: Record<string, unknown>): Push {
  const messages = root.messages ?? root.message;
  const sessionId = asId(root.im_sub_session_id) ?? asId(root.session_id) ?? null;
  if (Array.isArray(root.message_ids) && messages === undefined)
    return { kind: 'read', sessionId, messageIds: root.message_ids.flatMap((id) => asText(id) ?? []) };
  const items = (Array.isArray(messages) ? messages : [messages]).filter(isRecord);
  const customerToken =
    asText(root.customer_token) ??
    asText(root.web_token) ??
    items.map(tokenOf).find((token) => token !== undefined) ??
    null;
  const assignType = asText(root.assign_type);
  if (items.length > 0 && (assignType === 'agent' || items.some((item) => asId(item.im_sub_session_id) !== undefined)))
    return { kind: 'agent', customerToken, sessionId, items };
  if (items.length > 0 && (assignType === 'robot' || items.some(isRobotItem)))
    return { kind: 'robot', customerToken, items };
  if (items.length > 0 && (assignType === 'urobot' || items.some(isUrobotItem)))
    return { kind: 'urobot', customerToken, items };
  if (isUrobotItem(root)) return { kind: 'urobot', customerToken, items: [root] };
  // A body without assign_type from a web channel: typed items with content are an agent's words.
  if (customerToken !== null && items.some((item) => asText(item.type) !== undefined && item.data !== undefined))
    return { kind: 'agent', customerToken, sessionId, items };
  return { kind: 'strange' };
}

const tokenOf = (item: Record<string, unknown>): string | undefined =>
  asText(item.customer_token) ?? asText(item.web_token);

const isRobotItem = (item: Record<string, unknown>): boolean =>
  isRecord(item.data) && ('answer' in item.data || 'question_id' in item.data);

const isUrobotItem = (item: Record<string, unknown>): boolean =>
  'ansType' in item || 'ansContent' in item || 'flowContent' in item;

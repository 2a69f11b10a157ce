import { tryParseJson } from '../common/json.ts';
import type { Survey } from '../contracts/conversation.ts';
import type { InboundBody } from '../contracts/inbound.ts';
import type { MessagePart } from '../contracts/message.ts';
import { htmlToParts, htmlToText } from './html.ts';
import { asId, asInt, asText, isRecord } from './schema.ts';
import { readSurvey } from './survey.ts';
import { isWebAddress } from './to-outbound.ts';

export interface AgentItem {
  raw: Record<string, unknown>;
  type: string;
  data: Record<string, unknown>;
  messageId: string | undefined;
  sessionId: string | null;
}

/** Reads the common fields. `session` is the id that the push itself carries beside its list, if any. */
export function readAgentItem(raw: Record<string, unknown>, session: string | null): AgentItem {
  const data = readData(raw.data);
  return {
    raw,
    data,
    // Pushes of other integrators were seen without a type; words without a type are a message.
    type: asText(raw.type)?.trim() ?? (data.content === undefined ? '' : 'message'),
    messageId: asText(raw.message_id),
    sessionId: asId(raw.im_sub_session_id) ?? asId(raw.session_id) ?? session,
  };
}

/** `data` is an object; a text is tried as JSON, else it is the content. */
function readData(raw: unknown): Record<string, unknown> {
  if (isRecord(raw)) return raw;
  if (typeof raw !== 'string') return {};
  const parsed = tryParseJson(raw);
  return isRecord(parsed) ? parsed : { content: raw };
}

/**
 * What one agent item means (reference 6.3). An item may mean two things: a message with `msg_close` is said, then closes.
 * Types that are for the workbench only, or that nobody knows, become `desk.ignored`: raw JSON never reaches a buyer.
 */
export function agentItemBodies(item: AgentItem, messageId: string): InboundBody[] {
  const body = agentBody(item, messageId);
  if (item.data.msg_close !== true || item.type === 'close') return [body];
  if (item.sessionId === null) return [body, { kind: 'desk.ignored', what: 'close without a session id' }];
  return [body, { kind: 'desk.closed', sessionId: item.sessionId, how: 'normal' }];
}

function agentBody(item: AgentItem, messageId: string): InboundBody {
  const { sessionId, data, raw } = item;
  const agentId = asId(raw.agent_id);
  const agentName = asText(raw.agent_name);
  const agent = { ...(agentId === undefined ? {} : { agentId }), ...(agentName === undefined ? {} : { agentName }) };
  switch (item.type) {
    case 'message':
    case 'rich':
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'struct': {
      const parts = agentParts(item.type, data);
      if (parts.length === 0) return { kind: 'desk.ignored', what: `${item.type} without content` };
      return {
        kind: 'desk.message',
        sessionId,
        messageId,
        ...(agentName === undefined ? {} : { agentName }),
        parts,
      };
    }
    case 'start_session':
    case 'transfer': {
      if (sessionId === null) return { kind: 'desk.ignored', what: `${item.type} without a session id` };
      const text = htmlToText(asText(data.content) ?? '');
      const kind = item.type === 'transfer' ? 'desk.transferred' : 'desk.started';
      return { kind, sessionId, ...agent, ...(text === '' ? {} : { text }) };
    }
    case 'close':
      if (sessionId === null) return { kind: 'desk.ignored', what: 'close without a session id' };
      return { kind: 'desk.closed', sessionId, how: closeType(data.close_type), ...surveyOf(data) };
    case 'survey':
      if (sessionId === null) return { kind: 'desk.ignored', what: 'survey without a session id' };
      return { kind: 'desk.survey', sessionId, ...surveyOf(data) };
    default:
      return { kind: 'desk.ignored', what: typeWord(item.type) };
  }
}

/** The page prints all three values in one text with brackets; live it is one bare word. An unknown word is an ordinary end. */
function closeType(raw: unknown): 'normal' | 'redirect' | 'force' {
  const word = (asText(raw) ?? '').split('(', 1)[0]?.trim().toLowerCase();
  return word === 'redirect' || word === 'force' ? word : 'normal';
}

/** Usually under `survey_options`; a survey push may spread the same fields over `data`. */
function surveyOf(data: Record<string, unknown>): { survey?: Survey } {
  const spread = 'show_type' in data || 'options' in data ? data : undefined;
  const survey = readSurvey(data.survey_options ?? spread);
  return survey === undefined ? {} : { survey };
}

/** Udesk's own word, cut down to what may stand in a log. */
const typeWord = (type: string): string => type.replace(/[^\w.-]/g, '').slice(0, 40) || 'untyped item';

function agentParts(type: string, data: Record<string, unknown>): MessagePart[] {
  const content = asText(data.content) ?? '';
  if (type === 'struct') return structParts(data);
  if (type === 'message' || type === 'rich') return htmlToParts(content);
  const url = content.trim();
  // The vendor's own example labels HTML as an image, so what is no address is read as a message.
  if (!isWebAddress(url)) return htmlToParts(content);
  const name = asText(data.filename);
  const named = name === undefined ? {} : { name };
  const durationSec = asInt(data.duration);
  const timed = durationSec === undefined ? {} : { durationSec };
  if (type === 'image') return [{ type: 'image', url }];
  if (type === 'audio') return [{ type: 'audio', url, ...named, ...timed }];
  if (type === 'video') return [{ type: 'video', url, ...timed }];
  return [{ type: 'file', url, ...named }];
}

/** A card: title, description, its picture and its link buttons. Udesk does not push these yet. */
function structParts(data: Record<string, unknown>): MessagePart[] {
  const card = isRecord(data.content) ? data.content : data;
  const buttons = Array.isArray(card.buttons) ? card.buttons.filter(isRecord) : [];
  const lines = [asText(card.title), asText(card.description)].map((line) => htmlToText(line ?? ''));
  for (const button of buttons) {
    const value = asText(button.value);
    const shown = button.type === 'phone' || (button.type === 'link' && value !== undefined && isWebAddress(value));
    if (value !== undefined && shown) lines.push(`${asText(button.text) ?? ''} ${value}`.trim());
  }
  const text = lines.filter((line) => line !== '').join('\n');
  const image = asText(card.img_url);
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...(image !== undefined && isWebAddress(image) ? [{ type: 'image' as const, url: image }] : []),
  ];
}

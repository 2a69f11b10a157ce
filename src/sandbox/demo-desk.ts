import type { CastMember } from './demo-cast.ts';
import { htmlAsText, short, textOf } from './demo-text.ts';
import type { DeskLine, DeskSession, DeskView } from './demo-view.ts';
import type { SessionView, UdeskControl } from './udesk/control-methods.ts';
import type { TranscriptLine } from './udesk/types.ts';

const KEPT_SESSIONS = 30;
const KEPT_LINES = 200;
const MEDIA = new Set(['image', 'video', 'audio', 'file']);

export interface DeskWords {
  /** Name of a vote's option by its id. */
  optionText(optionId: number): string;
  /** Same-origin address for a picture; `undefined` when the page may not load it. */
  picture(address: string, shopId: string): string | undefined;
}

export interface DeskState {
  desk: DeskView;
  sessions: DeskSession[];
}

/** The agents' workbench: the newest sessions with their transcripts, the queue, votes and messages that were left. */
export function deskState(control: UdeskControl, cast: readonly CastMember[], words: DeskWords): DeskState {
  const byToken = new Map(cast.map((buyer) => [`tts-${buyer.shopId}-${buyer.imUserId}`, buyer]));
  const nameOf = (token: string, fallback = ''): string => byToken.get(token)?.name ?? (fallback || 'Customer');
  const sessions = control
    .sessions()
    .sort((a, b) => b.id - a.id)
    .slice(0, KEPT_SESSIONS);
  return {
    desk: {
      agents: control.agents().map(({ id, name, status, sessions: count, maxSessions }) => ({
        id,
        name,
        status,
        sessions: count,
        maxSessions,
      })),
      queue: control.queue().map((row) => ({
        customerToken: row.customerToken,
        name: nameOf(row.customerToken),
        place: row.place,
        assigning: row.assigning,
        lastLine: short(lineText(row.lines.at(-1)), 120),
      })),
      sessions: sessions.map((session) => ({
        id: session.id,
        name: nameOf(session.customerToken, session.customerName),
        agentName: session.agentName,
        open: session.open,
        unread: session.lines.filter((line) => line.from === 'customer' && !line.read).length,
        lastAt: session.lines.at(-1)?.atMs ?? 0,
      })),
      ratings: control.ratings().agent.map(({ sessionId, customerToken, vote }) => ({
        sessionId,
        name: nameOf(customerToken),
        option: words.optionText(vote.optionId),
        remark: vote.remark,
        resolved: vote.resolved,
        at: vote.atMs,
      })),
      leftMessages: control.leftMessages().map((row) => ({
        id: row.messageId,
        name: nameOf(row.customerToken),
        text: htmlAsText(textOf(row.data.content)),
        at: row.atMs,
      })),
    },
    sessions: sessions.map((session) => sessionView(session, byToken.get(session.customerToken), words)),
  };
}

function sessionView(session: SessionView, buyer: CastMember | undefined, words: DeskWords): DeskSession {
  return {
    id: session.id,
    name: buyer?.name ?? (session.customerName || 'Customer'),
    buyer: buyer?.handle ?? null,
    customerToken: session.customerToken,
    agentId: session.agentId,
    agentName: session.agentName,
    open: session.open,
    closeType: session.closeType,
    lines: session.lines.slice(-KEPT_LINES).map((line) => deskLine(line, buyer?.shopId ?? '', words)),
  };
}

function deskLine(line: TranscriptLine, shopId: string, words: DeskWords): DeskLine {
  const picture = line.type === 'image' ? words.picture(textOf(line.data.content), shopId) : undefined;
  return {
    id: line.messageId,
    at: line.atMs,
    who: line.from,
    text: lineText(line),
    ...(picture === undefined ? {} : { picture }),
    ...(line.from === 'agent' && line.push !== 'none' ? { push: line.push } : {}),
  };
}

function lineText(line: TranscriptLine | undefined): string {
  if (line === undefined) return '';
  const content = textOf(line.data.content);
  if (!MEDIA.has(line.type)) return htmlAsText(content);
  return line.type === 'image' ? 'Picture' : `${line.type}: ${textOf(line.data.filename) || content}`;
}

import type { TimelineEntry } from '../contracts/store.ts';
import { type Fields, fieldsOf, short, textOf } from './demo-text.ts';
import type { StoryLine, StoryTone } from './demo-view.ts';
import { NOTE_WORDS, OPENED_WORDS, REASON_WORDS, TIMER_WORDS } from './demo-word-lists.ts';

type Told = Pick<StoryLine, 'icon' | 'line'> & Partial<Pick<StoryLine, 'more' | 'tone' | 'quiet' | 'status' | 'said'>>;

const DETAIL_LIMIT = 6_000;

/**
 * A conversation's story in plain words, one line an entry, for someone who has never seen the code. Nothing is thrown for an entry of
 * a kind that is not known: it is shown under its own title.
 */
export function tellStory(entries: readonly TimelineEntry[]): StoryLine[] {
  const ownIds = new Set<string>();
  for (const entry of entries) if (entry.kind === 'outbound') ownIds.add(textOf(fieldsOf(entry.detail).externalId));
  ownIds.delete('');
  return causesFirst(entries).map((entry) => tellEntry(entry, ownIds));
}

/** The store numbers what a turn sends before the turn itself; a reader wants the decision before its effects. */
function causesFirst(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const turns = new Map(entries.filter((entry) => entry.kind === 'turn').map((entry) => [entry.id, entry]));
  const told = new Set<TimelineEntry>();
  for (const entry of entries) {
    const cause = entry.kind === 'outbound' ? turns.get(textOf(fieldsOf(entry.detail).turnId)) : undefined;
    if (cause !== undefined) told.add(cause);
    told.add(entry);
  }
  return [...told];
}

function tellEntry(entry: TimelineEntry, ownIds: ReadonlySet<string>): StoryLine {
  const detail = fieldsOf(entry.detail);
  const told =
    entry.kind === 'inbound'
      ? tellInbound(entry, detail, ownIds)
      : entry.kind === 'turn'
        ? tellTurn(detail)
        : tellOutbound(entry, detail);
  const whole = JSON.stringify(entry.detail, null, 1) ?? '';
  return {
    seq: entry.seq,
    at: entry.at,
    icon: told.icon,
    tone: told.tone ?? toneOf(entry.status),
    line: told.line,
    more: told.more ?? '',
    status: told.status ?? entry.status,
    quiet: told.quiet ?? false,
    detail: whole.length > DETAIL_LIMIT ? `${whole.slice(0, DETAIL_LIMIT)}\n…` : whole,
    ...(told.said === undefined ? {} : { said: told.said }),
  };
}

function toneOf(status: string): StoryTone {
  if (status === 'sent') return 'good';
  if (status === 'dead') return 'bad';
  if (status === 'dropped' || status === 'unknown') return 'warn';
  return status === 'pending' || status === 'sending' || status === 'waiting' ? 'wait' : 'plain';
}

// ---- inbound ---------------------------------------------------------------------------------------------------------

function tellInbound(entry: TimelineEntry, detail: Fields, ownIds: ReadonlySet<string>): Told {
  const body = fieldsOf(fieldsOf(detail.event).body);
  const told = tellEvent(textOf(body.kind) || entry.title, body, ownIds);
  const reason = textOf(detail.reason);
  if (entry.status === 'dead') return { ...told, quiet: false, line: `${told.line} (given up: ${short(reason, 160)})` };
  if (entry.status === 'waiting') return { ...told, quiet: false, status: 'waiting' };
  return { ...told, status: '' };
}

function tellEvent(kind: string, body: Fields, ownIds: ReadonlySet<string>): Told {
  const message = fieldsOf(body.message);
  const part = fieldsOf(message.part);
  const session = textOf(body.sessionId);
  const agent = textOf(body.agentName);
  switch (kind) {
    case 'buyer.message':
      if (message.visible === false)
        return { icon: 'buyer', line: 'A line that the platform hides came in', quiet: true };
      return { icon: 'buyer', line: `Buyer ${wrote(part)}` };
    case 'shop.message': {
      if (ownIds.has(textOf(message.id)))
        return { icon: 'shop', line: `The chat shows our own message: ${quoted(part)}`, quiet: true };
      const who = body.sender === 'staff' ? 'Shop side' : `TikTok Shop (${textOf(body.sender)})`;
      return { icon: 'shop', line: `${who} ${wrote(part)}`, quiet: body.sender !== 'staff' };
    }
    case 'conversation.changed':
      return { icon: 'shop', line: 'TikTok Shop says someone joined or left the chat', quiet: true };
    case 'order.changed':
      return {
        icon: 'shop',
        line: `Order ${textOf(body.orderId)}: ${textOf(body.what)} is now ${textOf(body.status)}`,
      };
    case 'desk.started':
      return { icon: 'desk', line: `Udesk started session ${session}${agent && ` with ${agent}`}` };
    case 'desk.message': {
      const parts = Array.isArray(body.parts) ? body.parts.map(fieldsOf) : [];
      const said = parts.length === 0 ? 'sent something that cannot be shown' : parts.map(wrote).join(', ');
      return { icon: 'agent', line: `${agent || 'The agent'} ${said}` };
    }
    case 'desk.transferred':
      return { icon: 'desk', line: `Udesk moved the buyer to ${agent || 'another agent'}, session ${session}` };
    case 'desk.closed': {
      const how = body.how === 'redirect' ? 'for a transfer' : body.how === 'force' ? 'by force' : '';
      return { icon: 'desk', line: `Udesk closed session ${session} ${how}`.trim() };
    }
    case 'desk.survey':
      return { icon: 'desk', line: 'The agent invites the buyer to rate' };
    case 'desk.read':
      return { icon: 'agent', line: 'The agent has read what the buyer wrote', quiet: true };
    case 'desk.ignored':
      return { icon: 'desk', line: `Udesk sent ${textOf(body.what)}; nothing to do`, quiet: true };
    case 'delivery.result':
      return tellResult(fieldsOf(body.result));
    case 'timer.due':
      return { icon: 'timer', line: TIMER_WORDS[textOf(body.name)] ?? `Time for ${textOf(body.name)}` };
    default:
      return { icon: 'shop', line: `Event ${kind}`, quiet: true };
  }
}

function tellResult(result: Fields): Told {
  const facts = fieldsOf(result.outcome);
  switch (result.kind) {
    case 'desk.opened':
    case 'desk.reopened': {
      const answer = OPENED_WORDS[textOf(facts.state)] ?? textOf(facts.state);
      const more = [
        textOf(facts.agentName),
        facts.state === 'queued' ? `place ${textOf(facts.place)}` : '',
        textOf(facts.reason),
      ].filter((text) => text !== '');
      return { icon: 'desk', line: `Udesk answered: ${[answer, ...more].join(', ')}` };
    }
    case 'dead':
      return {
        icon: 'send',
        tone: 'bad',
        line: `A message could not be delivered: ${short(textOf(result.reason), 160)}`,
      };
    case 'closed':
      return {
        icon: 'send',
        tone: 'bad',
        line: `This buyer cannot be written to: ${short(textOf(result.reason), 160)}`,
      };
    default:
      return { icon: 'desk', line: `Udesk confirmed: ${textOf(result.kind)}`, quiet: true };
  }
}

// ---- turns -----------------------------------------------------------------------------------------------------------

const QUIET_NOTES = new Set([
  'echo.matched',
  'line.recorded',
  'event.recorded',
  'message.hidden',
  'agent.read',
  'desk.ignored',
]);
const WARNING_NOTE = /\b(?:failed|refused|given_up|unreachable|spent|superseded|withdrawn|lost|silent|empty|missing)$/;

function tellTurn(detail: Fields): Told {
  const notes = Array.isArray(detail.notes) ? detail.notes.map(fieldsOf) : [];
  if (notes.length === 0) return { icon: 'turn', line: 'Turn done', status: '', quiet: true };
  const names = notes.map((note) => textOf(note.what));
  const owner = names.includes('owner.changed');
  // Who may speak is what a reader looks for.
  const [line = '', ...more] = [
    ...notes.filter((note) => note.what === 'owner.changed'),
    ...notes.filter((note) => note.what !== 'owner.changed'),
  ].map(tellNote);
  return {
    icon: owner ? 'owner' : 'turn',
    tone: owner ? 'owner' : names.some((name) => WARNING_NOTE.test(name)) ? 'warn' : 'plain',
    line,
    more: more.join('; '),
    status: '',
    quiet: names.every((name) => QUIET_NOTES.has(name)),
  };
}

function tellNote(note: Fields): string {
  const what = textOf(note.what);
  const detail = short(textOf(note.detail), 200);
  if (what === 'owner.changed') {
    const change = /^(\w+) -> (\w+): (.*)$/.exec(detail);
    if (change !== null) return `Owner: ${change[1]} → ${change[2]} (${reasonWords(change[3] ?? '')})`;
  }
  if (what === 'dialog.entered') return `Dialog “${detail}” answers`;
  const words = (Object.hasOwn(NOTE_WORDS, what) ? NOTE_WORDS[what] : undefined) ?? sentence(what);
  return detail === '' ? words : `${words}: ${reasonWords(detail)}`;
}

const sentence = (name: string): string => {
  const plain = name.replace(/[._]/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};

/** Machine words stand at the beginning of a reason, or have an underscore. */
const reasonWords = (text: string): string =>
  text.replace(
    /^\w+|\b[a-z]+(?:_[a-z]+)+\b/g,
    (word) => (Object.hasOwn(REASON_WORDS, word) ? REASON_WORDS[word] : '') || word,
  );

// ---- outbound --------------------------------------------------------------------------------------------------------

function tellOutbound(entry: TimelineEntry, detail: Fields): Told {
  const body = fieldsOf(detail.body);
  const told = tellBody(textOf(body.kind) || entry.title, textOf(detail.side), textOf(detail.origin), body);
  const status = outboundStatus(entry.status, textOf(detail.reason));
  const reason = entry.status === 'dead' || entry.status === 'unknown' ? textOf(detail.reason) : '';
  const quiet = told.quiet === true && entry.status !== 'dead';
  const said =
    detail.side !== 'buyer' || body.kind !== 'message'
      ? {}
      : {
          said: {
            origin: textOf(detail.origin),
            ...(textOf(body.agentName) === '' ? {} : { agentName: textOf(body.agentName) }),
            externalId: textOf(detail.externalId) || null,
            text: textOf(fieldsOf(body.part).text),
          },
        };
  return { ...told, ...said, quiet, status, line: reason === '' ? told.line : `${told.line} (${short(reason, 160)})` };
}

function tellBody(kind: string, side: string, origin: string, body: Fields): Told {
  switch (kind) {
    case 'message': {
      const part = fieldsOf(body.part);
      if (side === 'desk')
        return origin === 'buyer'
          ? { icon: 'desk', line: `To the agent, from the buyer: ${quoted(part)}` }
          : { icon: 'desk', line: `To the agent, as a note: ${quoted(part)}` };
      if (origin === 'agent')
        return { icon: 'agent', line: `To the buyer, from ${textOf(body.agentName) || 'the agent'}: ${quoted(part)}` };
      return { icon: 'bot', line: `To the buyer, from the ${origin || 'bot'}: ${quoted(part)}` };
    }
    case 'desk.open':
      return { icon: 'desk', line: 'Ask Udesk for an agent' };
    case 'desk.close':
      return { icon: 'desk', line: `Close Udesk session ${textOf(body.sessionId)}` };
    case 'desk.leaveQueue':
      return { icon: 'desk', line: 'Leave Udesk’s queue' };
    case 'desk.leaveMessage':
      return { icon: 'desk', line: `Leave a message for the agents: “${short(textOf(body.text))}”` };
    case 'desk.rate':
      return { icon: 'desk', line: 'Hand the buyer’s rating to Udesk' };
    case 'receipt.read':
      return { icon: 'send', line: 'Mark the chat as read', quiet: true };
    default:
      return { icon: 'send', line: `Send ${kind}` };
  }
}

/** The store says why a message was dropped in a sentence; the badge says it in two words. */
function outboundStatus(status: string, reason: string): string {
  if (status === 'dropped') {
    if (reason.includes('changed hands')) return 'dropped: stale epoch';
    if (reason.includes('newer')) return 'dropped: superseded';
    return reason === '' ? 'dropped' : `dropped: ${short(reason, 60)}`;
  }
  if (status === 'pending') return 'waiting to be sent';
  if (status === 'unknown') return 'outcome unknown, checking';
  return status === 'dead' ? 'given up' : status;
}

// ---- parts -----------------------------------------------------------------------------------------------------------

function wrote(part: Fields): string {
  const type = textOf(part.type);
  if (type === 'text') return `wrote “${short(textOf(part.text))}”`;
  if (type === 'context')
    return `came from ${textOf(part.from) || 'elsewhere'} ${textOf(part.orderId) || textOf(part.productId)}`.trim();
  return `sent ${quoted(part)}`;
}

function quoted(part: Fields): string {
  switch (textOf(part.type)) {
    case 'text':
      return `“${short(textOf(part.text))}”`;
    case 'image':
      return 'a picture';
    case 'sticker':
      return 'a sticker';
    case 'order':
      return `an order card (${textOf(part.orderId)})`;
    case 'product':
      return `a product card (${textOf(part.title) || textOf(part.productId)})`;
    case 'notice':
      return `a notice “${short(textOf(part.text))}”`;
    case 'unknown':
      return `something of type ${textOf(part.label)}`;
    default:
      return `a ${textOf(part.type) || 'message'}`;
  }
}

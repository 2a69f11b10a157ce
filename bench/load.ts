/** The load generator: `load.ts '<LoadPlan as JSON>'` prints one LoadResult as JSON. Sends signed NEW_MESSAGE webhooks. */
import { connect } from 'node:net';
import {
  conversationNumber,
  type LoadPlan,
  type LoadResult,
  percentiles,
  signWebhook,
  webhookBody,
} from './protocol.ts';
import { type Answer, openConnection, type RawConnection } from './raw-connection.ts';

interface UnderWay {
  conversation: number;
  sequence: number;
  /** When it was due; latency counts from here. */
  dueAt: number;
  measured: boolean;
  acknowledged: boolean;
  replied: boolean;
}

/** How long the last replies may take before they are missing. */
const DRAIN_MS = 30_000;

async function load(plan: LoadPlan): Promise<LoadResult> {
  const awaitsReplies = plan.repliesPort !== null;
  const failures: Record<string, number> = {};
  const acknowledgementMs: number[] = [];
  const replyMs: number[] = [];
  let [sent, acknowledged, replies, completedInTime] = [0, 0, 0, 0];

  const idle: number[] = [];
  const queue: UnderWay[] = [];
  const carried: (UnderWay | null)[] = [];
  const connections: RawConnection[] = [];

  const free: number[] = [];
  let opened = 0;
  const sequences: number[] = [];
  const awaitingReply = new Map<number, UnderWay>();
  let underWay = 0;
  let sending = true;
  let startedAt = 0;
  let onQuiet: () => void = () => {};

  const measureFrom = () => startedAt + plan.warmUpMs;
  const measureUntil = () => measureFrom() + plan.measureMs;

  /** New ones up to the plan's number, then the one that has been answered for longest; a new one when nobody is. */
  const nextConversation = (): number => {
    if (plan.conversations !== null && opened >= plan.conversations) {
      const reused = free.shift();
      if (reused !== undefined) return reused;
    }
    opened += 1;
    return opened - 1;
  };

  const begin = (dueAt: number) => {
    const conversation = nextConversation();
    const sequence = (sequences[conversation] ?? 0) + 1;
    sequences[conversation] = sequence;
    const measured = dueAt >= measureFrom() && dueAt < measureUntil();
    const message = { conversation, sequence, dueAt, measured, acknowledged: false, replied: !awaitsReplies };
    underWay += 1;
    if (awaitsReplies) awaitingReply.set(conversation, message);
    const connection = idle.pop();
    if (connection === undefined) queue.push(message);
    else write(connection, message);
  };

  const write = (connection: number, message: UnderWay) => {
    sent += 1;
    carried[connection] = message;
    const { conversation, sequence } = message;
    const body = webhookBody({ run: plan.run, conversation, sequence, serial: sent, shops: plan.shops });
    connections[connection]?.post(body, signWebhook(body));
  };

  const onAnswer = (connection: number, answer: Answer) => {
    const message = carried[connection];
    carried[connection] = null;
    const waiting = queue.shift();
    if (waiting === undefined) idle.push(connection);
    else write(connection, waiting);
    if (message === null || message === undefined) return;
    if (answer === 200) {
      acknowledged += 1;
      if (message.measured) acknowledgementMs.push(performance.now() - message.dueAt);
      message.acknowledged = true;
      if (message.replied) complete(message);
      return;
    }
    failures[String(answer)] = (failures[String(answer)] ?? 0) + 1;
    awaitingReply.delete(message.conversation);
    retire();
  };

  const onReply = (conversation: number, sequence: number) => {
    const message = awaitingReply.get(conversation);
    if (message === undefined || message.sequence !== sequence) return;
    awaitingReply.delete(conversation);
    replies += 1;
    if (message.measured) replyMs.push(performance.now() - message.dueAt);
    message.replied = true;
    if (message.acknowledged) complete(message);
  };

  const complete = (message: UnderWay) => {
    const now = performance.now();
    if (now >= measureFrom() && now < measureUntil()) completedInTime += 1;
    if (plan.conversations !== null) free.push(message.conversation);
    retire();
  };

  const retire = () => {
    underWay -= 1;
    if (sending && plan.pace.kind === 'closed') {
      if (performance.now() < measureUntil()) begin(performance.now());
      else sending = false;
    }
    if (!sending && underWay === 0) onQuiet();
  };

  const stopListening = awaitsReplies ? await listenForReplies(plan.repliesPort ?? 0, onReply) : () => {};
  const url = new URL(plan.url);
  for (let i = 0; i < plan.connections; i++) {
    connections.push(await openConnection(url, (answer) => onAnswer(i, answer)));
    carried.push(null);
    idle.push(i);
  }

  const quiet = new Promise<void>((resolve) => {
    onQuiet = resolve;
  });
  startedAt = performance.now();
  if (plan.pace.kind === 'closed') for (let i = 0; i < plan.pace.inFlight; i++) begin(startedAt);
  else {
    const { perSecond } = plan.pace;
    const total = Math.floor(((plan.warmUpMs + plan.measureMs) * perSecond) / 1000);
    let issued = 0;
    const tick = () => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
      for (; issued < due; issued++) begin(startedAt + (issued * 1000) / perSecond);
      if (issued < total) setTimeout(tick, 1);
      else {
        sending = false;
        if (underWay === 0) onQuiet();
      }
    };
    tick();
  }
  const deadline = setTimeout(() => onQuiet(), plan.warmUpMs + plan.measureMs + DRAIN_MS);
  await quiet;
  clearTimeout(deadline);
  stopListening();
  for (const connection of connections) connection.close();
  return {
    sent,
    acknowledged,
    failures,
    replies,
    perSecond: (completedInTime * 1000) / plan.measureMs,
    acknowledgement: percentiles(acknowledgementMs),
    reply: percentiles(replyMs),
  };
}

function listenForReplies(
  port: number,
  onReply: (conversation: number, sequence: number) => void,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let rest = '';
    socket.setEncoding('latin1');
    socket.once('error', reject);
    socket.once('connect', () => resolve(() => socket.destroy()));
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const gap = line.indexOf(' ');
        onReply(conversationNumber(line.slice(0, gap)), Number(line.slice(gap + 1)));
      }
    });
  });
}

const plan: LoadPlan = JSON.parse(process.argv[2] ?? '{}');
process.stdout.write(`${JSON.stringify(await load(plan))}\n`);

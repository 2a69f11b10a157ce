import type { ConversationId } from '../../../contracts/conversation.ts';
import type { InboundEvent, TimerName } from '../../../contracts/inbound.ts';
import type { Tx } from '../tx.ts';
import { queueInbox } from './inbox-rows.ts';
import { knownByCid } from './known.ts';

interface DueTimer {
  cid: number;
  id: ConversationId;
  name: TimerName;
  dueAt: number;
  generation: number;
}

/** Due timers become events; taking the timer away in the same transaction makes that happen once, so `seen` is not needed. */
export function fireTimers(tx: Tx, args: { now: number; limit: number }): ConversationId[] {
  const due = tx.db.all<DueTimer>(
    `SELECT t.cid, c.id, t.name, t.due_at AS dueAt, t.generation FROM timers t JOIN conversations c ON c.cid = t.cid
     WHERE t.due_at <= ? ORDER BY t.due_at LIMIT ?`,
    [args.now, args.limit],
  );
  for (const timer of due) {
    tx.db.run('DELETE FROM timers WHERE cid = ? AND name = ?', [timer.cid, timer.name]);
    const place = knownByCid(tx, timer.cid);
    if (place === undefined) continue;
    const event: InboundEvent = {
      eventKey: `timer:${timer.id}:${timer.name}:${timer.generation}`,
      messageKey: null,
      bodyHash: null,
      source: 'timer',
      target: { by: 'id', conversationId: timer.id },
      order: { index: null, at: timer.dueAt },
      body: { kind: 'timer.due', name: timer.name },
    };
    const draft = { kind: 'timer.due', echoId: null, timer: timer.name, text: JSON.stringify(event) };
    queueInbox(tx, place, draft, 0, args.now, args.now);
  }
  return [...new Set(due.map((timer) => timer.id))];
}

export function nextDueAt(tx: Tx): number | null {
  const row = tx.db.get<{ inbox: number | null; outbox: number | null; timer: number | null }>(
    `SELECT (SELECT min(due_at) FROM in_heads WHERE lease_owner IS NULL) AS inbox,
       (SELECT min(due_at) FROM out_heads WHERE lease_owner IS NULL) AS outbox,
       (SELECT min(due_at) FROM timers) AS timer`,
  );
  const times = [row?.inbox, row?.outbox, row?.timer].filter((time) => time !== null && time !== undefined);
  return times.length === 0 ? null : Math.min(...times);
}

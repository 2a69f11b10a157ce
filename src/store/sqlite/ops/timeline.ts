import type { Tx } from '../tx.ts';
import type { WireTimelineEntry } from '../wire.ts';
import { INBOX } from './inbox-rows.ts';

type Table = 'inbox' | 'outbox' | 'turns';

/**
 * Follows the three chains back from a conversation's last rows and reads the wanted page. Ids come from one sequence, so the id
 * is `seq`: it grows in the order of commits, whatever table the row is in.
 */
export function timeline(tx: Tx, args: { conversationId: string; limit: number; after: number }): WireTimelineEntry[] {
  const ends = tx.db.get<{ inbox: number | null; outbox: number | null; turns: number | null }>(
    `SELECT coalesce(h.last_inbox, c.last_inbox) AS inbox, c.last_outbox AS outbox, c.last_turn AS turns
     FROM conversations c LEFT JOIN in_heads h ON h.cid = c.cid WHERE c.id = ?`,
    [args.conversationId],
  );
  if (ends === undefined) return [];
  const ids = [
    ...chain(tx, 'inbox', ends.inbox, args.after),
    ...chain(tx, 'outbox', ends.outbox, args.after),
    ...chain(tx, 'turns', ends.turns, args.after),
  ];
  ids.sort((a, b) => a.id - b.id);
  return ids.slice(0, args.limit).flatMap(({ id, table }) => READ[table](tx, id) ?? []);
}

function chain(tx: Tx, table: Table, last: number | null, after: number): { id: number; table: Table }[] {
  if (last === null) return [];
  return tx.db
    .all<{ id: number }>(
      `WITH RECURSIVE chain (id, prev) AS (
         SELECT id, prev FROM ${table} WHERE id = ?
         UNION ALL SELECT t.id, t.prev FROM chain JOIN ${table} t ON t.id = chain.prev WHERE chain.prev > ?
       ) SELECT id FROM chain WHERE id > ?`,
      [last, after, after],
    )
    .map(({ id }) => ({ id, table }));
}

/** External ids of sent rows, newest first. */
export function sentExternalIds(tx: Tx, args: { conversationId: string; limit: number }): string[] {
  return tx.db
    .all<{ externalId: string }>(
      `WITH RECURSIVE chain (id, prev, external_id) AS (
         SELECT id, prev, external_id FROM outbox
           WHERE id = (SELECT last_outbox FROM conversations WHERE id = ?)
         UNION ALL SELECT t.id, t.prev, t.external_id FROM chain JOIN outbox t ON t.id = chain.prev
       ) SELECT external_id AS externalId FROM chain WHERE external_id IS NOT NULL LIMIT ?`,
      [args.conversationId, args.limit],
    )
    .map((row) => row.externalId);
}

const READ: Record<Table, (tx: Tx, id: number) => WireTimelineEntry | undefined> = {
  inbox: (tx, id) => {
    const row = tx.db.get<{
      at: number;
      kind: string;
      status: number;
      reason: string | null;
      event: string;
      attempts: number | null;
      dueAt: number | null;
    }>(
      `SELECT i.received_at AS at, i.kind, i.status, i.reason, i.event, q.attempts, q.due_at AS dueAt
       FROM inbox i LEFT JOIN queue_in q ON q.cid = i.cid AND q.id = i.id WHERE i.id = ?`,
      [id],
    );
    if (row === undefined) return undefined;
    return {
      seq: id,
      at: row.at,
      kind: 'inbound',
      id: `in-${id}`,
      title: row.kind,
      status: inboxStatus(row.status, row.attempts !== null),
      detail: { reason: row.reason, attempts: row.attempts, dueAt: row.dueAt },
      json: { event: row.event },
    };
  },
  turns: (tx, id) => {
    const row = tx.db.get<{ turnId: string; at: number; handled: string; notes: string }>(
      'SELECT turn_id AS turnId, at, handled, notes FROM turns WHERE id = ?',
      [id],
    );
    if (row === undefined) return undefined;
    const notes = JSON.parse(row.notes) as { what: string }[];
    return {
      seq: id,
      at: row.at,
      kind: 'turn',
      id: row.turnId === '' ? `note-${id}` : row.turnId,
      title: notes.length === 0 ? 'turn.done' : notes.map((note) => note.what).join(', '),
      status: row.turnId === '' ? 'noted' : 'committed',
      detail: {},
      json: { notes: row.notes, handled: row.handled },
    };
  },
  outbox: (tx, id) => {
    const row = tx.db.get<{ at: number; title: string; status: string; body: string } & Detail>(
      `SELECT o.created_at AS at, o.ref, o.side, o.origin, o.epoch, o.turn_id AS turnId, coalesce(q.status, o.status) AS status,
         coalesce(q.attempts, o.attempts) AS attempts, q.due_at AS dueAt, o.external_id AS externalId, o.reason, o.body,
         o.updated_at AS updatedAt, json_extract(o.body, '$.kind') AS title
       FROM outbox o LEFT JOIN queue_out q ON q.cid = o.cid AND q.side = o.side AND q.id = o.id WHERE o.id = ?`,
      [id],
    );
    if (row === undefined) return undefined;
    const { at, title, status, body, ...detail } = row;
    return { seq: id, at, kind: 'outbound', id: `out-${id}`, title, status, detail, json: { body } };
  },
};

type Detail = Record<
  'ref' | 'side' | 'origin' | 'epoch' | 'turnId' | 'attempts' | 'dueAt' | 'externalId' | 'reason' | 'updatedAt',
  string | number | null
>;

function inboxStatus(status: number, waiting: boolean): string {
  if (waiting) return 'waiting';
  if (status === INBOX.recorded) return 'recorded';
  if (status === INBOX.dead) return 'dead';
  return status === INBOX.dropped ? 'dropped' : 'handled';
}

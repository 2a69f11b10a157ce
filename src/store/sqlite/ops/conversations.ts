import type { Tx } from '../tx.ts';
import type { WireConversation } from '../wire.ts';
import { CONVERSATION_COLUMNS, type ConversationRow } from './conversation-row.ts';

const toWire = ({ cid: _cid, undoIds: _undoIds, ...wire }: ConversationRow): WireConversation => wire;

export function getConversation(tx: Tx, args: { id: string }): WireConversation | null {
  const row = tx.db.get<ConversationRow>(`SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.id = ?`, [
    args.id,
  ]);
  return row === undefined ? null : toWire(row);
}

/**
 * Newest first without an index on time, which every commit would move: the newest turns lead to the conversations they were the
 * last of; those without any turn have a small index. A margin is read and sorted, as the clocks of two processes differ a little.
 * A page is not cut between conversations of the same millisecond, because `before` could not name the rest of them.
 */
export function listConversations(tx: Tx, args: { limit: number; before: number | null }): WireConversation[] {
  const before = args.before ?? Number.MAX_SAFE_INTEGER;
  const byTurn = (limit: number, offset: number) =>
    tx.db.all<ConversationRow>(
      `SELECT ${CONVERSATION_COLUMNS} FROM turns t CROSS JOIN conversations c ON c.cid = t.cid AND c.last_turn = t.id
       WHERE c.updated_at < ? ORDER BY t.id DESC LIMIT ? OFFSET ?`,
      [before, limit, offset],
    );
  const untouched = (limit: number, offset: number) =>
    tx.db.all<ConversationRow>(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.last_turn IS NULL AND c.updated_at < ?
       ORDER BY c.updated_at DESC LIMIT ? OFFSET ?`,
      [before, limit, offset],
    );
  const rows = [...withTies(byTurn, args.limit + MARGIN), ...withTies(untouched, args.limit)];
  rows.sort((a, b) => b.updatedAt - a.updatedAt || b.cid - a.cid);
  const edge = rows[args.limit - 1]?.updatedAt ?? Number.NEGATIVE_INFINITY;
  return rows.filter((row, place) => place < args.limit || row.updatedAt === edge).map(toWire);
}

const MARGIN = 64;

function withTies(read: (limit: number, offset: number) => ConversationRow[], limit: number): ConversationRow[] {
  const rows = read(limit, 0);
  for (;;) {
    const edge = rows.at(-1)?.updatedAt;
    if (edge === undefined || rows.length < limit) return rows;
    const more = read(64, rows.length);
    rows.push(...more.filter((row) => row.updatedAt === edge));
    if (more.length < 64 || more.some((row) => row.updatedAt !== edge)) return rows;
  }
}

/** Newest first; empty when the bounded look-ups know nothing, then `scanForId` goes through the histories. */
export function findConversations(tx: Tx, args: { query: string; limit: number }): WireConversation[] {
  const { query, limit } = args;
  const cut = query.lastIndexOf(':');
  return tx.db
    .all<ConversationRow>(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.cid IN (
         SELECT cid FROM conversations WHERE id = ?
         UNION SELECT cid FROM conversations WHERE customer_token = ?
         UNION SELECT cid FROM conversations WHERE external_id = ?
         UNION SELECT cid FROM desk_sessions WHERE session_id = ?
         UNION SELECT cid FROM outbox WHERE external_id = ?
         UNION SELECT cid FROM seen WHERE tail = ? AND (? = '' OR head = ? OR head = ?)
       ) ORDER BY c.updated_at DESC, c.cid DESC LIMIT ?`,
      [
        query,
        query,
        query,
        query,
        query,
        query.slice(cut + 1),
        query.slice(0, cut + 1),
        `e${query.slice(0, cut + 1)}`,
        `m${query.slice(0, cut + 1)}`,
        limit,
      ],
    )
    .map(toWire);
}

/**
 * Looks for an outbox ref, or an event or message id that `seen` has forgotten, in one slice of the histories, newest ids first.
 * `below` is where the next slice begins, null at the end. A ref also matches inside the query: Udesk's `message_id` is made of it.
 */
export function scanForId(
  tx: Tx,
  args: { query: string; below: number | null; slice: number; limit: number },
): { conversations: WireConversation[]; below: number | null } {
  const top = args.below ?? (tx.db.get<{ value: number }>('SELECT value FROM sequence')?.value ?? 0) + 1;
  const bottom = Math.max(0, top - args.slice);
  const cids = tx.db.all<{ cid: number }>(
    `SELECT cid FROM outbox WHERE id >= ? AND id < ? AND (ref = ? OR (length(ref) >= 8 AND instr(?, ref) > 0))`,
    [bottom, top, args.query, args.query],
  );
  const quoted = JSON.stringify(args.query).slice(1, -1);
  const events = tx.db.all<{ cid: number; event: string }>(
    'SELECT cid, event FROM inbox WHERE id >= ? AND id < ? AND cid IS NOT NULL AND instr(event, ?) > 0',
    [bottom, top, `${quoted}"`],
  );
  for (const { cid, event } of events) if (namesId(JSON.parse(event), args.query)) cids.push({ cid });
  const conversations = tx.db
    .all<ConversationRow>(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.cid IN (SELECT value FROM json_each(?))
       ORDER BY c.updated_at DESC, c.cid DESC LIMIT ?`,
      [JSON.stringify([...new Set(cids.map((row) => row.cid))]), args.limit],
    )
    .map(toWire);
  return { conversations, below: bottom === 0 ? null : bottom };
}

/** Ids only: a buyer's words that happen to equal the query are no match. */
function namesId(event: unknown, query: string): boolean {
  if (typeof event !== 'object' || event === null) return false;
  const { eventKey, messageKey, body } = event as { eventKey?: unknown; messageKey?: unknown; body?: object };
  for (const key of [eventKey, messageKey])
    if (typeof key === 'string' && (key === query || key.endsWith(`:${query}`))) return true;
  const { message, messageId, messageIds } = (body ?? {}) as {
    message?: { id?: unknown };
    messageId?: unknown;
    messageIds?: unknown;
  };
  return message?.id === query || messageId === query || (Array.isArray(messageIds) && messageIds.includes(query));
}

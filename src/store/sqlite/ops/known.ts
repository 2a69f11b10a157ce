import type { Known } from '../memory.ts';
import type { Tx } from '../tx.ts';
import { CONVERSATION_COLUMNS, type ConversationRow } from './conversation-row.ts';

interface Loaded extends ConversationRow {
  lastInbox: number | null;
  lastOutbox: number | null;
  lastTurn: number | null;
  headCid: number | null;
  headDueAt: number;
  headHold: number;
  headLastInbox: number | null;
  headOwner: string | null;
  headToken: number | null;
}

const SELECT = `SELECT ${CONVERSATION_COLUMNS}, c.last_inbox AS lastInbox, c.last_outbox AS lastOutbox, c.last_turn AS lastTurn,
  h.cid AS headCid, h.due_at AS headDueAt, h.hold_until AS headHold, h.last_inbox AS headLastInbox, h.lease_owner AS headOwner,
  h.lease_token AS headToken FROM conversations c LEFT JOIN in_heads h ON h.cid = c.cid`;

export const knownById = (tx: Tx, id: string): Known | undefined =>
  tx.memory.byId(id) ?? load(tx, `${SELECT} WHERE c.id = ?`, id);

export const knownByCid = (tx: Tx, cid: number): Known | undefined =>
  tx.memory.byCid(cid) ?? load(tx, `${SELECT} WHERE c.cid = ?`, cid);

function load(tx: Tx, sql: string, key: string | number): Known | undefined {
  let loaded = tx.db.get<Loaded>(sql, [key]);
  if (loaded === undefined) return undefined;
  if (tx.appends.heads.has(loaded.cid)) {
    tx.appends.flush();
    loaded = tx.db.get<Loaded>(sql, [key]) ?? loaded;
  }
  const { lastInbox, lastOutbox, lastTurn, headCid, headDueAt, headHold, headLastInbox, headOwner, headToken, ...row } =
    loaded;
  const head =
    headCid === null
      ? null
      : { dueAt: headDueAt, hold: headHold, lastInbox: headLastInbox, owner: headOwner, token: headToken };
  const known: Known = { cid: row.cid, row, lastInbox, lastOutbox, lastTurn, head };
  tx.memory.keep(known);
  return known;
}

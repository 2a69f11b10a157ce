import type { ConversationId } from '../../../contracts/conversation.ts';
import { inChunks, valuesOf } from '../appends.ts';
import type { KnownInbound } from '../memory.ts';
import type { Tx } from '../tx.ts';
import type { WireInbound, WireOutbox, WireTurnClaim } from '../wire.ts';
import { INBOX, releaseInbox } from './inbox-rows.ts';
import { isOwnEcho } from './ingest.ts';
import { knownByCid, knownById } from './known.ts';
import { queuedRows } from './outbox-rows.ts';

/** A flood in one conversation is taken in pieces; the rest is due right after the commit. */
const MAX_EVENTS = 500;
const MAX_UNFINISHED = 1_000;
/** More rows than this are read conversation by conversation, so that floods are cut off where they are. */
const MAX_TOGETHER = 2_000;

interface Candidate {
  cid: number;
  hold: number;
  /** 1 when rows to the buyer are unfinished; most turns begin without any, and reading none costs as much as three look-ups. */
  speaking: number;
}

interface DueRow {
  id: number;
  attempts: number;
}

const CANDIDATE = `h.cid, h.hold_until AS hold,
  EXISTS (SELECT 1 FROM out_heads o WHERE o.cid = h.cid AND o.side = 'buyer') AS speaking`;
const READY = 'FROM in_heads h WHERE h.lease_owner IS NULL AND h.due_at <= ?';

interface Request {
  workerId: string;
  now: number;
  limit: number;
  only: string[] | null;
}

export function claimTurns(tx: Tx, request: Request): WireTurnClaim[] {
  const claims: WireTurnClaim[] = [];
  const leases: [cid: number, token: number][] = [];
  const starts: [cid: number, id: number, token: number][] = [];
  for (const [candidate, due] of candidates(tx, request)) {
    if (claims.length >= request.limit) break;
    const claim = claimOne(tx, candidate, due, request.workerId);
    if (claim === null) continue;
    claims.push(claim);
    leases.push([candidate.cid, claim.leaseToken]);
    for (const { id } of claim.events) starts.push([candidate.cid, id, claim.leaseToken]);
  }
  inChunks(leases, (count, params) => {
    tx.db.run(
      `UPDATE in_heads SET lease_owner = ?, lease_token = v.column2 FROM (VALUES ${valuesOf(count, 2)}) AS v
       WHERE in_heads.cid = v.column1`,
      [request.workerId, ...params],
    );
  });
  inChunks(starts, (count, params) => {
    tx.db.run(
      `UPDATE queue_in SET attempts = attempts + 1, token = v.column3 FROM (VALUES ${valuesOf(count, 3)}) AS v
       WHERE queue_in.cid = v.column1 AND queue_in.id = v.column2`,
      params,
    );
  });
  return claims;
}

type Candidates = [candidate: Candidate, due: DueRow[]][];

function candidates(tx: Tx, { now, limit, only }: Request): Candidates {
  if (only !== null) {
    return only.flatMap((id): Candidates => {
      const known = knownById(tx, id);
      const head = known && tx.db.get<Candidate>(`SELECT ${CANDIDATE} ${READY} AND h.cid = ?`, [now, known.cid]);
      return head === undefined ? [] : [[head, dueRows(tx, head.cid, now)]];
    });
  }
  const rows = tx.db.all<Candidate & { id: number | null; attempts: number }>(
    `SELECT h.cid, h.hold, h.speaking, q.id, q.attempts + 1 AS attempts
     FROM (SELECT ${CANDIDATE}, h.due_at ${READY} ORDER BY h.due_at, h.cid LIMIT ?) h
     LEFT JOIN queue_in q ON q.cid = h.cid AND q.due_at <= ? ORDER BY h.due_at, h.cid, q.id LIMIT ?`,
    [now, limit, now, MAX_TOGETHER],
  );
  const found = new Map<number, [Candidate, DueRow[]]>();
  for (const row of rows) {
    let entry = found.get(row.cid);
    if (entry === undefined) {
      entry = [row, []];
      found.set(row.cid, entry);
    }
    if (row.id !== null) entry[1].push({ id: row.id, attempts: row.attempts });
  }
  if (rows.length < MAX_TOGETHER) return [...found.values()];
  const heads = tx.db.all<Candidate>(`SELECT ${CANDIDATE} ${READY} ORDER BY h.due_at, h.cid LIMIT ?`, [now, limit]);
  return heads.map((head) => [head, dueRows(tx, head.cid, now)]);
}

const dueRows = (tx: Tx, cid: number, now: number): DueRow[] =>
  tx.db.all<DueRow>(
    'SELECT id, attempts + 1 AS attempts FROM queue_in WHERE cid = ? AND due_at <= ? ORDER BY id LIMIT ?',
    [cid, now, MAX_EVENTS],
  );

function claimOne(tx: Tx, { cid, hold, speaking }: Candidate, due: DueRow[], workerId: string): WireTurnClaim | null {
  const known = knownByCid(tx, cid);
  if (known === undefined) return null;
  const events: WireInbound[] = [];
  for (const { id, attempts } of due) {
    if (events.length >= MAX_EVENTS) break;
    const said = saidIn(tx, id);
    // An echo that came before the answer to our own send was recorded is known as ours by now.
    if (said === undefined || recordEcho(tx, cid, id, said)) continue;
    events.push({ id, text: said.text, receivedAt: said.receivedAt, attempts });
  }
  if (events.length === 0) {
    releaseInbox(tx, known, hold);
    return null;
  }
  const leaseToken = tx.nextToken();
  if (known.head !== null) known.head = { ...known.head, owner: workerId, token: leaseToken };
  const unfinished = speaking === 0 ? [] : queuedRows(tx, cid, 'buyer', MAX_UNFINISHED);
  const { cid: _cid, undoIds, ...conversation } = known.row;
  return {
    conversationId: conversation.id as ConversationId,
    workerId,
    leaseToken,
    conversation,
    events,
    unsent: unfinished.filter((row) => row.status === 'pending' && row.origin === 'bot').map(plain),
    inFlight: unfinished.filter((row) => row.status !== 'pending').map(plain),
    undoEvents: undoIds === null ? [] : undoEvents(tx, cid, undoIds),
  };
}

function saidIn(tx: Tx, id: number): KnownInbound | undefined {
  const known = tx.memory.texts.get(id);
  if (known !== undefined) return known;
  const said = tx.db.get<KnownInbound>(
    'SELECT cid, event AS text, received_at AS receivedAt, kind, message_id AS messageId FROM inbox WHERE id = ?',
    [id],
  );
  if (said !== undefined) tx.memory.texts.set(id, said, said.text.length);
  return said;
}

function recordEcho(tx: Tx, cid: number, id: number, said: KnownInbound): boolean {
  if (said.kind !== 'shop.message' || !isOwnEcho(tx, cid, said.messageId)) return false;
  tx.db.run('DELETE FROM queue_in WHERE cid = ? AND id = ?', [cid, id]);
  tx.db.run('UPDATE inbox SET status = ? WHERE id = ?', [INBOX.recorded, id]);
  return true;
}

function undoEvents(tx: Tx, cid: number, ids: string): WireInbound[] {
  const wanted = JSON.parse(ids) as number[];
  return [...new Set(wanted)]
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const said = saidIn(tx, id);
      return said?.cid === cid ? [{ id, text: said.text, receivedAt: said.receivedAt, attempts: 1 }] : [];
    });
}

function plain({
  dueAt: _dueAt,
  batch: _batch,
  ...row
}: WireOutbox & { dueAt: number; batch: number | null }): WireOutbox {
  return row;
}

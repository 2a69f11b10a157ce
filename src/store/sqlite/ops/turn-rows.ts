import type { Tx } from '../tx.ts';

/** One line of the story about what was decided; answers its id, which the conversation keeps as `last_turn`. */
export function insertTurn(
  tx: Tx,
  turn: { cid: number; prev: number | null; turnId: string; at: number; handled: number[]; notes: string },
): number {
  const id = tx.nextId();
  tx.appends.add('turns', [id, turn.cid, turn.prev, turn.turnId, turn.at, JSON.stringify(turn.handled), turn.notes]);
  return id;
}

/** A note outside a turn's commit: a failed turn, a dead letter that a person moved. Changes no version. */
export function noteTurn(tx: Tx, cid: number, at: number, what: string, detail: string): void {
  const row = tx.db.get<{ last: number | null }>('SELECT last_turn AS last FROM conversations WHERE cid = ?', [cid]);
  const notes = JSON.stringify([{ what, detail }]);
  const id = insertTurn(tx, { cid, prev: row?.last ?? null, turnId: '', at, handled: [], notes });
  tx.db.run('UPDATE conversations SET last_turn = ?, updated_at = max(updated_at, ?) WHERE cid = ?', [id, at, cid]);
  tx.memory.forget(cid);
}

import type { Tx } from '../tx.ts';

/** `same`: seen before, and nothing says that the content differs. `other`: seen before with another content. */
export type Verdict = 'new' | 'same' | 'other';

/** Splits `e` + `tiktok:7494…:n:7327…` into its last part and the rest; see the table's comment in the first migration. */
export function seenKey(kind: 'e' | 'm', key: string): { tail: string; head: string } {
  const cut = key.lastIndexOf(':');
  return { tail: key.slice(cut + 1), head: `${kind}${key.slice(0, cut + 1)}` };
}

/**
 * Remembers an event or message id, and the conversation to which it leads people. Body hashes are compared when both are known: polls and timers have none.
 */
export function markSeen(
  tx: Tx,
  kind: 'e' | 'm',
  key: string,
  hash: string | null,
  cid: number | null,
  now: number,
): Verdict {
  const { tail, head } = seenKey(kind, key);
  const written = tx.db.run(
    'INSERT INTO seen (tail, head, body_hash, seen_at, cid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    [tail, head, hash, now, cid],
  );
  if (written === 1) return 'new';
  if (hash === null) return 'same';
  // Compared by SQLite, which may have replaced what is no valid text, so that the two sides never differ for that alone.
  const same = tx.db.get(
    'SELECT 1 AS same FROM seen WHERE tail = ? AND head = ? AND (body_hash IS NULL OR body_hash = ?)',
    [tail, head, hash],
  );
  return same === undefined ? 'other' : 'same';
}

/** The conversation that an event's mark led to was taken back; its number may be given to another one. */
export function unlinkSeen(tx: Tx, eventKey: string, cid: number): void {
  const { tail, head } = seenKey('e', eventKey);
  tx.db.run('UPDATE seen SET cid = NULL WHERE tail = ? AND head = ? AND cid = ?', [tail, head, cid]);
}

export function knownMessages(tx: Tx, args: { keys: string[] }): string[] {
  return args.keys.filter((key) => {
    const { tail, head } = seenKey('m', key);
    return tx.db.get('SELECT 1 AS known FROM seen WHERE tail = ? AND head = ?', [tail, head]) !== undefined;
  });
}

/**
 * Forgets one slice, in key order, of what was seen before `before`; `next` is where the following slice begins, null at the end.
 * Slices keep a table without an index on time from holding the database for long.
 */
export function forgetSeen(
  tx: Tx,
  args: { before: number; from: { tail: string; head: string } | null; slice: number },
): { forgotten: number; next: { tail: string; head: string } | null } {
  const from = args.from ?? { tail: '', head: '' };
  const last = tx.db.get<{ tail: string; head: string }>(
    'SELECT tail, head FROM seen WHERE (tail, head) > (?, ?) ORDER BY tail, head LIMIT 1 OFFSET ?',
    [from.tail, from.head, args.slice - 1],
  );
  if (last === undefined) {
    const forgotten = tx.db.run('DELETE FROM seen WHERE (tail, head) > (?, ?) AND seen_at < ?', [
      from.tail,
      from.head,
      args.before,
    ]);
    return { forgotten, next: null };
  }
  const forgotten = tx.db.run(
    'DELETE FROM seen WHERE (tail, head) > (?, ?) AND (tail, head) <= (?, ?) AND seen_at < ?',
    [from.tail, from.head, last.tail, last.head, args.before],
  );
  return { forgotten, next: last };
}

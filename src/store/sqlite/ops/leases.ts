import type { Tx } from '../tx.ts';

export function heartbeat(tx: Tx, args: { workerId: string; until: number }): null {
  tx.db.run(
    'INSERT INTO workers (id, alive_until) VALUES (?, ?) ON CONFLICT DO UPDATE SET alive_until = excluded.alive_until',
    [args.workerId, args.until],
  );
  return null;
}

const FREE = 'SET lease_owner = NULL, lease_token = NULL WHERE lease_owner IS NOT NULL';

/**
 * A lease lives as long as its worker's heartbeat; a worker that never sent one has none. Freed rows are due at once: their heads
 * kept the time at which they were claimed.
 */
export function sweepLeases(tx: Tx, args: { now: number; workerId: string | null }): number {
  if (args.workerId !== null) tx.db.run('DELETE FROM workers WHERE id = ?', [args.workerId]);
  tx.db.run('DELETE FROM workers WHERE alive_until < ?', [args.now]);
  const dead = 'lease_owner NOT IN (SELECT id FROM workers)';
  const freed = tx.db.run(`UPDATE in_heads ${FREE} AND ${dead}`) + tx.db.run(`UPDATE out_heads ${FREE} AND ${dead}`);
  if (freed > 0) tx.memory.clear();
  return freed;
}

import type { StoreCounts } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';

/** Everything but the number of conversations is read from tables that hold only what is unfinished. */
export function counts(tx: Tx): StoreCounts {
  const one = (sql: string): number => tx.db.get<{ n: number }>(sql)?.n ?? 0;
  const bySide = (sql: string): Record<string, number> =>
    Object.fromEntries(tx.db.all<{ side: string; n: number }>(sql).map((row) => [row.side, row.n]));
  const outbox = bySide('SELECT side, count(*) AS n FROM queue_out GROUP BY side');
  const dead = bySide('SELECT side, count(*) AS n FROM dead GROUP BY side');
  return {
    inboxPending: one('SELECT count(*) AS n FROM queue_in'),
    outboxPending: { buyer: outbox.buyer ?? 0, desk: outbox.desk ?? 0, receipt: outbox.receipt ?? 0 },
    deadLetters: {
      inbox: dead.inbox ?? 0,
      buyer: dead.buyer ?? 0,
      desk: dead.desk ?? 0,
      receipt: dead.receipt ?? 0,
    },
    conversations: one('SELECT count(*) AS n FROM conversations'),
    aside: one('SELECT count(*) AS n FROM aside'),
  };
}

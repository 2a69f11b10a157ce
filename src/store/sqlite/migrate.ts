import { BuyerlineError } from '../../common/errors.ts';
import type { Database } from './driver.ts';
import { type Migration, migrations as shipped } from './migrations/index.ts';

/**
 * Brings the database to the newest migration. Each one is a transaction that records its id first, so two processes that start
 * together do not collide: the second waits for the lock and then finds the id. Throws `STORE_NEWER` without writing anything when
 * the database knows a migration that this version does not.
 */
export function migrate(db: Database, migrations: readonly Migration[] = shipped): void {
  const newest = migrations.at(-1)?.id ?? 0;
  const before = appliedUpTo(db);
  if (before > newest) throw newer(before, newest);
  if (before === newest) return;
  for (const migration of migrations) {
    db.exec('BEGIN IMMEDIATE');
    try {
      const applied = appliedUpTo(db);
      if (applied > newest) throw newer(applied, newest);
      if (applied < migration.id) {
        db.exec('CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
        db.run('INSERT INTO migrations (id, name) VALUES (?, ?)', [migration.id, migration.name]);
        db.exec(migration.sql);
      }
      db.exec('COMMIT');
    } catch (thrown) {
      db.exec('ROLLBACK');
      throw thrown;
    }
  }
}

function appliedUpTo(db: Database): number {
  const table = db.get<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'");
  if (table === undefined) return 0;
  return db.get<{ id: number | null }>('SELECT max(id) AS id FROM migrations')?.id ?? 0;
}

const newer = (found: number, known: number) =>
  new BuyerlineError(
    'STORE_NEWER',
    `The database stands at migration ${found}, this version knows ${known}: start the newer Buyerline or restore a backup`,
    { details: { found, known } },
  );

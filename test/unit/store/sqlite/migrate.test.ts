import { describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../../src/store/sqlite/driver.ts';
import { migrate } from '../../../../src/store/sqlite/migrate.ts';
import { migrations } from '../../../../src/store/sqlite/migrations/index.ts';

const tables = (db: Database): string[] =>
  db.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => row.name);

describe('migrate', () => {
  it('numbers migrations from 1 without a gap', () => {
    expect(migrations.map((migration) => migration.id)).toEqual(migrations.map((_, place) => place + 1));
  });

  it('applies each migration once', () => {
    const db = openDatabase(':memory:');
    const extra = [...migrations, { id: migrations.length + 1, name: 'next', sql: 'CREATE TABLE next_one (x)' }];
    migrate(db);
    migrate(db);
    expect(tables(db)).not.toContain('next_one');
    migrate(db, extra);
    migrate(db, extra);
    expect(tables(db)).toContain('next_one');
    db.close();
  });

  it('takes a failing migration back whole, its record included', () => {
    const db = openDatabase(':memory:');
    migrate(db);
    const broken = [
      ...migrations,
      { id: migrations.length + 1, name: 'broken', sql: 'CREATE TABLE half (x); NONSENSE' },
    ];
    expect(() => migrate(db, broken)).toThrow();
    expect(tables(db)).not.toContain('half');
    expect(() => migrate(db)).not.toThrow();
    db.close();
  });

  it('refuses a database of a newer version and leaves it as it is', () => {
    const db = openDatabase(':memory:');
    migrate(db);
    db.run("INSERT INTO migrations (id, name) VALUES (99, 'future')");
    expect(() => migrate(db)).toThrow(
      expect.objectContaining({ code: 'STORE_NEWER', details: { found: 99, known: migrations.length } }),
    );
    db.close();
  });
});

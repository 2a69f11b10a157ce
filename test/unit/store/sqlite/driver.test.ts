import { describe, expect, it } from 'vitest';
import { openDatabase, type SqlValue, sqliteCodeOf } from '../../../../src/store/sqlite/driver.ts';

describe('openDatabase', () => {
  it.each([
    ['a boolean', true],
    ['undefined', undefined],
    ['a date', new Date(0)],
    ['an object', {}],
    ['a list', []],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a function', () => {}],
  ])('refuses %s before the driver sees it', (_name, value) => {
    const db = openDatabase(':memory:');
    expect(() => db.get('SELECT ? AS x', [value as SqlValue])).toThrow(
      expect.objectContaining({ code: 'STORE_PARAMETER' }),
    );
    db.close();
  });

  it('keeps text, numbers and null exact', () => {
    const db = openDatabase(':memory:');
    db.exec('CREATE TABLE t (a TEXT, b INTEGER, c INTEGER)');
    db.run('INSERT INTO t VALUES (?, ?, ?)', ['7494560109732334261 ไทย', 2 ** 53 - 1, null]);
    expect(db.all('SELECT * FROM t').map((row) => ({ ...(row as object) }))).toEqual([
      { a: '7494560109732334261 ไทย', b: 2 ** 53 - 1, c: null },
    ]);
    expect(db.run('UPDATE t SET c = 1 WHERE b > ?', [5])).toBe(1);
    expect(db.get('SELECT 1 AS x FROM t WHERE b = ?', [3])).toBeUndefined();
    db.close();
  });

  it('writes and finds a text with NUL in it alike', () => {
    const db = openDatabase(':memory:');
    db.exec('CREATE TABLE t (a TEXT)');
    db.run('INSERT INTO t VALUES (?)', ['a\0b']);
    expect(db.get<{ a: string }>('SELECT a FROM t WHERE a = ?', ['a\0b'])?.a).toBe('a\uFFFDb');
    db.close();
  });

  it('tells SQLite codes apart', () => {
    const db = openDatabase(':memory:');
    db.exec('CREATE TABLE t (a TEXT PRIMARY KEY)');
    db.run("INSERT INTO t VALUES ('x')");
    let code: number | null = null;
    try {
      db.run("INSERT INTO t VALUES ('x')");
    } catch (thrown) {
      code = sqliteCodeOf(thrown);
    }
    expect(code).toBe(19);
    expect(sqliteCodeOf(new Error('x'))).toBeNull();
    db.close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../src/store/sqlite/driver.ts';
import { type Call, openEngine } from '../../../../src/store/sqlite/engine.ts';
import { operations, READS } from '../../../../src/store/sqlite/ops/registry.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('openEngine', () => {
  it('takes only the failing operation of a group back, whatever it threw', () => {
    const engine = openEngine(':memory:');
    const bad = { shop: { channel: 'tiktok', shopId: '2', name: true } };
    const replies = engine.run([
      ['putMeta', { key: 'a', value: '1' }],
      ['putShop', bad],
      ['putMeta', { key: 'b', value: '2' }],
      ['getMeta', null],
      ['getMeta', { key: 'a' }],
    ] as Call[]);
    expect(replies).toMatchObject([
      { value: null },
      { error: { code: 'STORE_PARAMETER' } },
      { value: null },
      { error: { code: 'INVARIANT_BROKEN', details: { operation: 'getMeta', name: 'TypeError' } } },
      { value: '1' },
    ]);
    expect(engine.run([['getMeta', { key: 'b' }]])).toEqual([{ value: '2' }]);
    engine.close();
  });

  it('writes nothing of a group when the disk is full, and works again when it is not', () => {
    const file = path.join(folder, 'full.db');
    const engine = openEngine(file);
    engine.run([['putMeta', { key: 'kept', value: '1' }]]);
    const big = 'x'.repeat(2_000_000);
    const limited = openEngine(file);
    expect(limited.run([['putMeta', { key: 'small', value: '1' }]])).toEqual([{ value: null }]);
    limited.close();
    engine.close();

    const full = openEngine(file, { maxPages: 90 });
    const replies = full.run([
      ['putMeta', { key: 'lost', value: '1' }],
      ['putMeta', { key: 'big', value: big }],
      ['putMeta', { key: 'lost too', value: '1' }],
    ]);
    expect(replies).toMatchObject(Array(3).fill({ error: { code: 'STORE_UNAVAILABLE', details: { sqlite: 13 } } }));
    expect(full.run([['getMeta', { key: 'lost' }]])).toEqual([{ value: null }]);
    expect(full.run([['putMeta', { key: 'after', value: '1' }]])).toEqual([{ value: null }]);
    expect(full.run([['getMeta', { key: 'kept' }]])).toEqual([{ value: '1' }]);
    full.close();
  });

  it('says that the database is held when another process keeps the write lock, and recovers', () => {
    const file = path.join(folder, 'busy.db');
    const engine = openEngine(file, { busyMs: 20 });
    const other = openDatabase(file);
    other.exec('BEGIN IMMEDIATE');
    expect(engine.run([['probe', null]])).toMatchObject([
      { error: { code: 'STORE_UNAVAILABLE', details: { sqlite: 5 } } },
    ]);
    expect(engine.run([['counts', null]])).toMatchObject([{ value: { conversations: 0 } }]);
    other.exec('ROLLBACK');
    expect(engine.run([['probe', null]])).toEqual([{ value: null }]);
    other.close();
    engine.close();
  });

  it('runs reads only where nothing is written', () => {
    const file = path.join(folder, 'reads.db');
    const engine = openEngine(file);
    const other = openDatabase(file);
    const args: Record<string, unknown> = {
      findConversations: { query: 'x', limit: 1 },
      getConversation: { id: 'x' },
      getCredentials: { channel: 'a', shopId: 'b' },
      getMeta: { key: 'x' },
      getShop: { channel: 'a', shopId: 'b' },
      knownMessages: { keys: ['a'] },
      listAside: { limit: 1 },
      listConversations: { limit: 1, before: null },
      listDeadLetters: { limit: 1 },
      listShops: { channel: null },
      scanForId: { query: 'x', below: null, slice: 10, limit: 1 },
      sentExternalIds: { conversationId: 'x', limit: 1 },
      timeline: { conversationId: 'x', limit: 1, after: 0 },
    };
    other.exec('BEGIN IMMEDIATE');
    for (const name of READS) expect(engine.run([[name, args[name] ?? null]])[0], name).toHaveProperty('value');
    expect(Object.keys(operations)).toEqual(expect.arrayContaining([...READS]));
    other.exec('ROLLBACK');
    other.close();
    engine.close();
  });
});

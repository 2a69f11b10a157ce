import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { createSecretBox } from '../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { describeStore } from '../../contract/store-suite.ts';

const secretBox = createSecretBox(Buffer.alloc(32, 7));
const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

describeStore('sqlite file in a worker thread', async () => {
  files += 1;
  const file = path.join(folder, `${files}.db`);
  const store = await createSqliteStore({ file, secretBox });
  return {
    store,
    reopen: async () => {
      await store.close();
      return createSqliteStore({ file, secretBox });
    },
  };
});

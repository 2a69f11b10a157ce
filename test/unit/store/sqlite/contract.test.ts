import { createSecretBox } from '../../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { describeStore } from '../../../contract/store-suite.ts';

describeStore('sqlite in this thread', async () => ({
  store: await createSqliteStore({ file: ':memory:', secretBox: createSecretBox(Buffer.alloc(32, 7)) }),
}));

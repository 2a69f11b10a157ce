import { createSecretBox } from '../../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';

/** Opens a store at the given moment, writes once, and closes it unless told otherwise; then nothing may keep the process alive. */
const [file = '', at = '0', close = 'close'] = process.argv.slice(2);
while (Date.now() < Number(at));
const store = await createSqliteStore({ file, secretBox: createSecretBox(Buffer.alloc(32, 7)) });
await store.putMeta(`process ${process.pid}`, 'here');
if (close === 'close') await store.close();
console.log('opened');

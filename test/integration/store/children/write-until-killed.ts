import { writeSync } from 'node:fs';
import { createSecretBox } from '../../../../src/store/secret-box.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { claimTurn, commitOf, idOf, ingest, line, say, T0 } from '../../../contract/store/builders.ts';

/** Writes turns as fast as it can in several conversations at once, and says on stdout what it was told is durable. */
const [file = '', start = '0'] = process.argv.slice(2);
const store = await createSqliteStore({ file, secretBox: createSecretBox(Buffer.alloc(32, 7)) });
await store.sweepLeases(T0);
let n = Number(start);

async function lane(externalId: string): Promise<void> {
  for (;;) {
    n += 1;
    const mine = n;
    await ingest(store, [line(externalId, mine)]);
    writeSync(1, `in ${mine}\n`);
    const claim = await claimTurn(store, idOf(externalId));
    const bot = { turns: claim.conversation.version + 1 };
    await store.commitTurn(commitOf(claim, { outbox: [say(`r${mine}`)], conversation: { bot } }));
    for (const row of claim.events) writeSync(1, `done ${externalId} ${row.event.eventKey}\n`);
  }
}
await Promise.all(['c1', 'c2', 'c3', 'c4', 'c5'].map(lane));

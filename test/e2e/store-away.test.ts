import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/sqlite/driver.ts';
import { OK, post as postTo, underAttack, written as writtenIn } from '../helpers/under-attack.ts';
import { until } from '../helpers/until.ts';

const target = underAttack();
const post = (body: string | Buffer, headers?: Record<string, string>) => postTo(target.stage, body, headers);
const postJson = (value: unknown) => post(JSON.stringify(value));
const written = (buyer: string, text?: string) => writtenIn(target.stage, buyer, text);

/** Another connection that writes and does not end: the way in which a SQLite file is away for a while and comes back. */
function lockStore() {
  const holder = openDatabase(join(target.stage.dir, 'buyerline.db'));
  holder.exec('PRAGMA busy_timeout = 10000');
  holder.exec('BEGIN IMMEDIATE');
  return holder;
}

describe('the store is away', () => {
  it('answers 503 in time for the platform, says so at /readyz, and goes on by itself', async () => {
    const { envelope } = await written('locked', 'said while locked');
    const holder = lockStore();
    let held = true;
    try {
      const begunAt = Date.now();
      const answers = await Promise.all([postJson(envelope({})), postJson(envelope({}))]);
      expect(answers).toEqual([
        { status: 503, body: '' },
        { status: 503, body: '' },
      ]);
      // TikTok waits 3 s for an answer.
      expect(Date.now() - begunAt).toBeLessThan(3_000);
      expect((await fetch(`${target.stage.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${target.stage.url}/healthz`)).status).toBe(200);
      // A real delivery: the simulator repeats it on its ladder.
      await target.stage.say('ladder', 'please repeat me');
      await until('the platform was told to repeat', async () =>
        (await target.stage.deliveries()).some(({ attempts }) => attempts.some(({ status }) => status === 503)),
      );
      holder.exec('ROLLBACK');
      held = false;
      await until('it is ready again', async () => (await fetch(`${target.stage.url}/readyz`)).status === 200);
      expect(await postJson(envelope({}))).toEqual(OK);
      await target.stage.answered('locked', /^Echo: said while locked$/);
      await target.stage.answered('ladder', /^Echo: please repeat me$/);
    } finally {
      if (held) holder.exec('ROLLBACK');
      holder.close();
    }
    await target.stage.settled();
    expect(await target.stage.answers('ladder')).toHaveLength(1);
  }, 120_000);

  it('lets no conversation stand still whose turn or delivery could not be written down', async () => {
    const store = await target.stage.store();
    await target.stage.tiktok.post('faults', { endpoint: 'messages.send', delayMs: 1_200, times: 6 });
    const slow = Array.from({ length: 6 }, (_, i) => `slow${i}`);
    for (const buyer of slow) await target.stage.say(buyer, `one ${buyer}`);
    const { id } = await target.stage.talk('slow5');
    await until('its answer is on its way', async () => {
      const [conversation] = await store.findConversations(id, 1);
      if (conversation === undefined) return false;
      const story = await store.timeline(conversation.id, { limit: 10 });
      return story.some((entry) => entry.kind === 'outbound' && entry.status === 'sending');
    });
    const many = Array.from({ length: 24 }, (_, i) => `many${i}`);
    await Promise.all(many.map((buyer) => target.stage.say(buyer, `one ${buyer}`)));
    const holder = lockStore();
    try {
      await until('a delivery meets the locked store', () =>
        /delivery\.record_failed|store\.awaited/.test(target.bridge.stdout()),
      );
    } finally {
      holder.exec('ROLLBACK');
      holder.close();
      await target.stage.tiktok.post('faults/clear');
    }
    for (const buyer of [...slow, ...many]) {
      // First words that met the locked store were refused with 503 and come again on the ladder.
      await target.stage.answered(buyer, new RegExp(`one ${buyer}`));
      await target.stage.say(buyer, `two ${buyer}`);
      await target.stage.answered(buyer, new RegExp(`two ${buyer}`));
    }
    await target.stage.settled();
    for (const buyer of [...slow, ...many]) {
      const said = (await target.stage.answers(buyer)).join('\n').match(new RegExp(`(one|two) ${buyer}`, 'g'));
      expect(said, buyer).toEqual([`one ${buyer}`, `two ${buyer}`]);
    }
  }, 120_000);
});

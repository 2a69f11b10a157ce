import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bridgeReady,
  buildProgram,
  buyerline,
  freePort,
  launchBridge,
  ROOT,
  type Started,
  type Variables,
} from '../helpers/processes.ts';
import { tiktokSignature } from '../helpers/raw-http.ts';
import { createStage, type Stage, tail } from '../helpers/stage.ts';
import { until } from '../helpers/until.ts';

const ECHO = 'test/fixtures/e2e-dialogs/echo';
const TOKEN = /tok-\w+-\d+/g;

describe('settings', () => {
  let dir: string;
  beforeAll(async () => {
    await buildProgram();
    dir = await mkdtemp(join(tmpdir(), 'buyerline-start-'));
  }, 120_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const complete = (): Variables => ({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: `sqlite:${join(dir, 'start.db')}`,
    DIALOGS_DIR: join(ROOT, ECHO),
    TIKTOK_APP_KEY: 'key',
    TIKTOK_APP_SECRET: 'app-secret-of-this-test',
    UDESK_API_URL: 'http://127.0.0.1:9/open_api_v1',
    UDESK_EMAIL: 'ops@shop.example',
    UDESK_API_TOKEN: 'api-token-of-this-test',
    UDESK_PUSH_SECRET: 'push-secret-of-this-test',
  });
  const serve = async (env: Variables) => {
    const { code, stdout, stderr } = await buyerline(['serve'], { cwd: dir, env });
    return { code, said: stdout + stderr };
  };

  it('ends with exit code 2 and names every missing variable at once', async () => {
    const { code, said } = await serve({});
    expect(code).toBe(2);
    for (const name of [
      'TIKTOK_APP_KEY',
      'TIKTOK_APP_SECRET',
      'UDESK_API_URL',
      'UDESK_EMAIL',
      'UDESK_API_TOKEN',
      'UDESK_PUSH_SECRET',
    ])
      expect(said, name).toMatch(new RegExp(`^.*${name}: is not set`, 'm'));
    expect(said).not.toContain('    at ');
  }, 60_000);

  it('ends with exit code 2 and names every wrong variable at once, without repeating what was written', async () => {
    const wrong: Variables = {
      PORT: '80O0',
      MAX_BODY_BYTES: '-1',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://user:hunter2@db/x',
      BUYERLINE_MASTER_KEY: 'tooshort-hunter2',
      TIKTOK_API_URL: 'open-api.example',
      TIKTOK_SHOP_ID: '7494049642642441621',
      UDESK_API_URL: 'https://shop.udesk.cn/api',
      UDESK_EMAIL: 'hunter2',
      UDESK_SIGN_HASH: 'md5',
      UDESK_CALLS_PER_MINUTE: '0',
    };
    const { code, said } = await serve({ ...complete(), ...wrong });
    expect(code).toBe(2);
    // Half a group is a problem of what is missing.
    const named = Object.keys(wrong).filter((name) => name !== 'TIKTOK_SHOP_ID');
    for (const name of [...named, 'TIKTOK_ACCESS_TOKEN']) expect(said, name).toMatch(new RegExp(`^.*${name}: `, 'm'));
    expect(said).not.toContain('hunter2');
    expect(said).not.toContain('app-secret-of-this-test');
  }, 60_000);

  it.each(
    Object.keys({ TIKTOK_APP_SECRET: 0, UDESK_API_URL: 0, UDESK_EMAIL: 0, UDESK_API_TOKEN: 0, UDESK_PUSH_SECRET: 0 }),
  )(
    'names %s alone when only it is missing',
    async (name) => {
      const { [name]: _left, ...rest } = complete();
      const { code, said } = await serve(rest);
      expect(code).toBe(2);
      expect(said.match(/^.*: is not set/gm)).toEqual([expect.stringContaining(`${name}: is not set`)]);
    },
    60_000,
  );

  it('reads .env below the process environment', async () => {
    const home = join(dir, 'with-env');
    await mkdir(home);
    const lines = Object.entries({ ...complete(), PORT: 'eighty', UDESK_EMAIL: 'not an address' }).map(
      ([name, value]) => `${name}=${value}`,
    );
    await writeFile(join(home, '.env'), lines.join('\n'));
    const { code, stderr } = await buyerline(['serve'], { cwd: home, env: { UDESK_EMAIL: 'ops@shop.example' } });
    expect(code).toBe(2);
    expect(stderr).toContain('PORT: ');
    expect(stderr).not.toContain('UDESK_EMAIL');
  }, 60_000);

  it('ends with exit code 2 for a port that is taken, a database that is none, and dialogs that are broken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen({ port: 0, host: '127.0.0.1' }, resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const occupied = await serve({ ...complete(), PORT: port });
    await new Promise((resolve) => taken.close(resolve));
    expect(occupied.said).toMatch(/PORT: /);
    expect(occupied.code).toBe(2);

    const folder = await serve({ ...complete(), DATABASE_URL: `sqlite:${dir}` });
    expect(folder.said).toMatch(/DATABASE_URL: /);
    expect(folder.code).toBe(2);
    const junk = join(dir, 'junk.db');
    await writeFile(junk, 'this is not a database, '.repeat(500));
    const none = await serve({ ...complete(), DATABASE_URL: `sqlite:${junk}` });
    expect(none.said).toMatch(/database/);
    expect(none.said).not.toContain('    at ');
    expect(none.code).toBe(2);

    const dialogs = join(dir, 'dialogs');
    await mkdir(dialogs);
    await writeFile(join(dialogs, 'one.yaml'), 'on:\n  - fallback: true\nsteps:\n  - sya: hello\n');
    await writeFile(join(dialogs, 'two.yaml'), 'on:\n  - phrases: [a]\nsteps:\n  - goto: nowhere\n');
    const broken = await serve({ ...complete(), DIALOGS_DIR: dialogs });
    expect(broken.said).toMatch(/one\.yaml:4:\d+/);
    expect(broken.said).toMatch(/two\.yaml:4:\d+/);
    expect(broken.code).toBe(2);
    const absent = await serve({ ...complete(), DIALOGS_DIR: join(dir, 'no-such-folder') });
    expect(absent.said).toMatch(/no-such-folder|DIALOGS_DIR/);
    expect(absent.code).toBe(2);
  }, 120_000);

  it('starts although both platforms are unreachable, and doctor says so with exit code 1', async () => {
    const env = {
      ...complete(),
      TIKTOK_API_URL: 'http://127.0.0.1:9',
      TIKTOK_AUTH_URL: 'http://127.0.0.1:9',
      PORT: String(await freePort()),
    };
    const bridge = await bridgeReady(launchBridge(dir, env));
    try {
      expect((await fetch(`${bridge.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200);
      const { code, stdout } = await buyerline(['doctor'], { cwd: dir, env });
      expect(stdout).toContain('FAIL');
      expect(code).toBe(1);
      expect((await bridge.stop()).code).toBe(0);
    } finally {
      await bridge.kill();
    }
  }, 90_000);
});

describe('stopping and starting again', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage({ dialogs: ECHO, compress: 240 });
  }, 120_000);
  afterEach(() => stage.close());

  const heard = async (buyer: string): Promise<string[]> =>
    (await stage.answers(buyer)).flatMap((text) => text.match(TOKEN) ?? []);
  const allHeard = async (buyers: string[], count: number) => {
    const expected = (buyer: string) => Array.from({ length: count }, (_, i) => `tok-${buyer}-${i + 1}`);
    await until(
      'everyone is answered',
      async () => {
        for (const buyer of buyers) if (new Set(await heard(buyer)).size < count) return false;
        return true;
      },
      { deadlineMs: 60_000, also: () => tail(stage.printed()) },
    );
    await stage.settled();
    for (const buyer of buyers) expect((await heard(buyer)).sort(), buyer).toEqual(expected(buyer).sort());
  };

  it('finishes what is under way on SIGTERM, loses and repeats nothing', async () => {
    const bridge = await stage.start();
    const buyers = Array.from({ length: 20 }, (_, i) => `term${i}`);
    await stage.tiktok.post('faults', { endpoint: 'messages.send', delayMs: 2_000, times: 10 });
    for (const buyer of buyers) await stage.say(buyer, `tok-${buyer}-1`);
    await until('some are answered and some are not', async () => (await heard('term19')).length > 0);
    const begunAt = Date.now();
    bridge.signal('SIGTERM');
    // Buyers go on writing while it stops; the platform repeats what is refused.
    for (const buyer of buyers) await stage.say(buyer, `tok-${buyer}-2`);
    expect(await bridge.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - begunAt).toBeLessThan(20_000);
    // Whatever had been given to the platform is written down: nothing is left half-way.
    expect(bridge.stdout()).toContain('bridge.stopped');
    expect(bridge.stdout()).not.toContain('dispatcher.stopped_late');
    const store = await stage.store();
    for (const buyer of buyers) {
      const [conversation] = await store.findConversations((await stage.talk(buyer)).id, 1);
      const story = conversation === undefined ? [] : await store.timeline(conversation.id, { limit: 100 });
      expect(
        story.filter((entry) => entry.status === 'sending' || entry.status === 'unknown'),
        buyer,
      ).toEqual([]);
    }
    await stage.start();
    await allHeard(buyers, 2);
  }, 150_000);

  it('keeps its deadline when the platform does not answer, and settles by reading back after the restart', async () => {
    const bridge = await stage.start();
    // Carried out at once, answered never (in time).
    await stage.tiktok.post('faults', {
      endpoint: 'messages.send',
      afterEffect: true,
      drop: true,
      delayMs: 0,
      times: 1,
    });
    await stage.tiktok.post('faults', { endpoint: 'messages.send', delayMs: 60_000, times: 1 });
    await stage.say('late', 'tok-late-1');
    await stage.say('later', 'tok-later-1');
    await until('the first arrived', async () => (await heard('late')).length + (await heard('later')).length > 0);
    const begunAt = Date.now();
    const how = await bridge.stop();
    expect(how).toEqual({ code: 0, signal: null });
    expect(Date.now() - begunAt).toBeLessThan(20_000);
    await stage.tiktok.post('faults/clear');
    await stage.start();
    await allHeard(['late', 'later'], 1);
  }, 150_000);

  it('ends at once on the second signal', async () => {
    const bridge = await stage.start();
    await stage.tiktok.post('faults', { endpoint: 'messages.send', delayMs: 60_000 });
    await stage.say('stuck', 'tok-stuck-1');
    const { id } = await stage.talk('stuck');
    const store = await stage.store();
    await until('the send is under way', async () => {
      const [conversation] = await store.findConversations(id, 1);
      return (
        conversation !== undefined &&
        (await store.timeline(conversation.id, { limit: 10 })).some((entry) => entry.status === 'sending')
      );
    });
    bridge.signal('SIGINT');
    await until('it stops', () => bridge.stdout().includes('bridge.stopping'));
    const begunAt = Date.now();
    bridge.signal('SIGINT');
    expect((await bridge.ended).code).toBe(1);
    expect(Date.now() - begunAt).toBeLessThan(3_000);
  }, 90_000);

  it('reads at the start what was written while it was down and no webhook told', async () => {
    await (await stage.start()).stop();
    const buyers = ['gap1', 'gap2', 'gap3'];
    for (const buyer of buyers)
      for (const n of [1, 2]) await stage.say(buyer, `tok-${buyer}-${n}`, { deliver: { lost: true } });
    await stage.start();
    await allHeard(buyers, 2);
    for (const buyer of buyers) expect(await heard(buyer)).toEqual([`tok-${buyer}-1`, `tok-${buyer}-2`]);
  }, 120_000);

  it('finds what no webhook told also behind its own answer to an earlier line', async () => {
    const bridge = await stage.start();
    const buyers = Array.from({ length: 20 }, (_, i) => `behind${i}`);
    // The platform takes no answer, so the first lines are answered after the restart: later than the second lines were written.
    await stage.tiktok.post('faults', { endpoint: 'messages.send', code: 36009002 });
    for (const buyer of buyers) await stage.say(buyer, `tok-${buyer}-1`);
    await until('every first line is acknowledged', async () =>
      (await stage.deliveries()).every((delivery) => delivery.state === 'delivered'),
    );
    expect((await bridge.stop()).code).toBe(0);
    for (const buyer of buyers) await stage.say(buyer, `tok-${buyer}-2`, { deliver: { lost: true } });
    await stage.tiktok.post('faults/clear');
    await stage.start();
    await allHeard(buyers, 2);
  }, 120_000);

  it('answers once when two processes share one database and both get every webhook', async () => {
    await stage.start();
    const second: Started[] = [];
    try {
      const port = await freePort();
      const other = launchBridge(stage.dir, { ...stage.env, PORT: String(port) });
      second.push(other);
      await bridgeReady(other);
      const buyers = Array.from({ length: 12 }, (_, i) => `twice${i}`);
      // Every webhook of the platform reaches the first; the test hands the same bytes to the second at the same moment.
      const repeat = async (messageId: string) => {
        const delivery = await until('the webhook is in the log', async () =>
          (await stage.deliveries(300)).find(({ body }) => body.includes(`"message_id":"${messageId}"`)),
        );
        const answer = await fetch(`http://127.0.0.1:${port}/webhooks/tiktok`, {
          method: 'POST',
          headers: { authorization: tiktokSignature(stage.credentials.tiktok, delivery.body) },
          body: delivery.body,
        });
        expect(answer.status).toBe(200);
      };
      for (const n of [1, 2, 3]) {
        const written = await Promise.all(buyers.map((buyer) => stage.say(buyer, `tok-${buyer}-${n}`)));
        await Promise.all(written.map(({ messageId }) => repeat(messageId)));
      }
      await allHeard(buyers, 3);
      for (const buyer of buyers) expect(await heard(buyer)).toEqual([1, 2, 3].map((n) => `tok-${buyer}-${n}`));

      // One is killed: the other goes on with what both had.
      for (const buyer of buyers) await stage.say(buyer, `tok-${buyer}-4`);
      await other.kill();
      await allHeard(buyers, 4);
      const store = await stage.store();
      expect((await store.counts()).deadLetters).toEqual({ inbox: 0, buyer: 0, desk: 0, receipt: 0 });
    } finally {
      for (const one of second) await one.kill();
    }
  }, 180_000);
});

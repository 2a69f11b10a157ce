import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../src/store/secret-box.ts';
import { openDatabase } from '../../../src/store/sqlite/driver.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { idOf, SHOP } from '../../contract/store/builders.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const secretBox = createSecretBox(Buffer.alloc(32, 7));
const child = (name: string) => path.join(import.meta.dirname, 'children', `${name}.ts`);
const run = (name: string, ...args: string[]) =>
  spawn(process.execPath, ['--import', 'tsx', child(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

/** Lines of a writing process until it has said `enough` of them; then it is killed where it stands. */
async function writeAndKill(file: string, start: number, enough: number): Promise<string[]> {
  const process = run('write-until-killed', file, String(start));
  let text = '';
  let lines = 0;
  for await (const chunk of process.stdout) {
    text += String(chunk);
    lines = text.split('\n').length - 1;
    if (lines >= enough && !process.killed) process.kill('SIGKILL');
  }
  // The last line may be cut by the kill.
  return text.slice(0, text.lastIndexOf('\n')).split('\n');
}

describe('a killed process', () => {
  it('loses nothing that it called durable and leaves no half turn, round after round', async () => {
    const file = path.join(folder, 'killed.db');
    const said: string[] = [];
    for (const [round, enough] of [40, 333, 121].entries())
      said.push(...(await writeAndKill(file, round * 100_000, enough)));
    const store = await createSqliteStore({ file, secretBox });
    const stored = said.filter((each) => each.startsWith('in ')).map((each) => `tiktok:${SHOP}:m:${each.slice(3)}`);
    expect(stored.length).toBeGreaterThan(100);
    expect((await store.knownMessages(stored)).size).toBe(stored.length);
    const done = new Set(said.filter((each) => each.startsWith('done ')));
    let turns = 0;
    for (const externalId of ['c1', 'c2', 'c3', 'c4', 'c5']) {
      const conversation = await store.getConversation(idOf(externalId));
      const story = await store.timeline(idOf(externalId), { limit: 100_000 });
      const committed = story.filter((entry) => entry.status === 'committed').length;
      expect(conversation).toMatchObject({ version: committed, bot: { turns: committed } });
      expect(story.filter((entry) => entry.kind === 'outbound')).toHaveLength(committed);
      const handled = new Set(
        story
          .filter((entry) => entry.status === 'handled')
          .map((entry) => (entry.detail as { event: { eventKey: string } }).event.eventKey),
      );
      for (const each of done)
        if (each.startsWith(`done ${externalId} `)) expect(handled).toContain(each.split(' ')[2]);
      turns += committed;
    }
    expect(turns).toBeGreaterThan(50);
    await store.close();
  }, 60_000);
});

describe('several processes', () => {
  it('migrate a new file at the same moment without colliding', async () => {
    const file = path.join(folder, 'together.db');
    const at = String(Date.now() + 1_500);
    const codes = await Promise.all(
      [1, 2, 3].map(() => new Promise((resolve) => run('open-and-close', file, at).once('exit', resolve))),
    );
    expect(codes).toEqual([0, 0, 0]);
    const db = openDatabase(file);
    expect(db.all<{ id: number }>('SELECT id FROM migrations').map((row) => row.id)).toEqual([1]);
    expect(db.get<{ n: number }>('SELECT count(*) AS n FROM meta')?.n).toBe(3);
    db.close();
  }, 60_000);

  it('are not kept alive by an open store that nobody waits for', async () => {
    const code = await new Promise((resolve) =>
      run('open-and-close', path.join(folder, 'alive.db'), '0', 'leave-open').once('exit', resolve),
    );
    expect(code).toBe(0);
  }, 60_000);
});

describe('secrets', () => {
  it('are nowhere in the files, in any spelling', async () => {
    const own = path.join(folder, 'secrets');
    mkdirSync(own);
    const store = await createSqliteStore({ file: path.join(own, 's.db'), secretBox });
    const token = 'ROW_very-secret-access-token';
    await store.saveCredentials('tiktok', SHOP, { accessToken: token }, 0);
    await store.putMeta('control', 'readable-control-value');
    const bytes = () =>
      Buffer.concat(readdirSync(own).map((name) => readFileSync(path.join(own, name)))).toString('latin1');
    const during = bytes();
    await store.close();
    for (const content of [during, bytes()]) {
      expect(content).toContain('readable-control-value');
      for (const spelling of [
        token,
        Buffer.from(token).toString('base64').slice(0, -4),
        Buffer.from(token).toString('hex'),
      ])
        expect(content.includes(spelling)).toBe(false);
    }
  });
});

describe('the worker thread', () => {
  it('survives a value that the database must not be given', async () => {
    const store = await createSqliteStore({ file: path.join(folder, 'hostile.db'), secretBox });
    await expect(store.putMeta({} as unknown as string, 'x')).rejects.toMatchObject({ code: 'STORE_PARAMETER' });
    await expect(store.putMeta('key', true as unknown as string)).rejects.toMatchObject({ code: 'STORE_PARAMETER' });
    await store.probe();
    await store.close();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const SECRET = 'a secret of the form';

const signatureOf = (body: string): string => createHmac('sha256', SECRET).update(body).digest('hex');

interface Callback {
  body: { visitor: string; ref: string; text: string };
  fits: boolean;
}

describe('the example of a channel from outside', () => {
  let site: Server;
  let example: ChildProcess;
  let url: string;
  const callbacks: Callback[] = [];
  const waiting: (() => void)[] = [];

  const called = async (count: number): Promise<Callback[]> => {
    while (callbacks.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return callbacks;
  };
  const ask = (question: Record<string, unknown>, signature?: string) => {
    const body = JSON.stringify(question);
    const headers = { 'x-webform-signature': signature ?? signatureOf(body) };
    return fetch(`${url}/webhooks/webform`, { method: 'POST', body, headers });
  };

  beforeEach(async () => {
    callbacks.length = 0;
    site = createServer(async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const raw = Buffer.concat(chunks).toString('utf8');
      callbacks.push({ body: JSON.parse(raw), fits: request.headers['x-webform-signature'] === signatureOf(raw) });
      response.end();
      for (const resolve of waiting.splice(0)) resolve();
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    example = spawn(process.execPath, ['--import', 'tsx', 'examples/add-a-channel/index.ts'], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
        DIALOGS_DIR: join(ROOT, 'test', 'fixtures', 'dialogs'),
        WEBFORM_SECRET: SECRET,
        WEBFORM_CALLBACK_URL: `http://127.0.0.1:${(site.address() as AddressInfo).port}/answers`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    url = await addressOf(example);
  });
  afterEach(async () => {
    if (example.exitCode === null && example.signalCode === null) {
      const gone = once(example, 'exit');
      example.kill('SIGKILL');
      await gone;
    }
    site.closeAllConnections();
    site.close();
  });

  it('answers a signed question once, refuses a forged one, and stops when asked to', async () => {
    const question = { id: 'q-1', visitor: 'v-7', name: 'Ada', text: 'hello' };
    expect((await ask(question, signatureOf('something else'))).status).toBe(401);
    expect((await ask(question)).status).toBe(200);
    expect((await ask(question)).status).toBe(200);
    expect((await ask({ not: 'a question' })).status).toBe(200);
    const [first] = await called(1);
    expect(first?.fits).toBe(true);
    expect(first?.body.visitor).toBe('v-7');
    // The greeting of the fixture's dialog, and its menu as a numbered list.
    expect(first?.body.text).toContain('Hello Ada, what can I do?');
    expect(first?.body.text).toContain('1. Where is my order');
    await ask({ id: 'q-2', visitor: 'v-7', text: '2' });
    const [, second] = await called(2);
    expect(second?.body.text).toBe('You can return it within 15 days.');
    expect(second?.body.ref).not.toBe(first?.body.ref);
    const gone = once(example, 'exit');
    example.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
    expect(callbacks).toHaveLength(2);
  });
});

/** The example says where it listens; when it ends before that, what it said instead is the reason. */
async function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-10_000);
      const found = /posts to (\S+)\/webhooks\/webform/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`the example ended with ${code}: ${said}`)));
  });
}

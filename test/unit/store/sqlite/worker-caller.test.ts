import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type Logger, silentLogger } from '../../../../src/contracts/logger.ts';
import { createWorkerCaller } from '../../../../src/store/sqlite/worker-caller.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buyerline-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const threads = vi.hoisted(() => ({ started: [] as { terminate(): Promise<number> }[] }));
vi.mock('node:worker_threads', async (original) => {
  const actual = await original<typeof import('node:worker_threads')>();
  class Worker extends actual.Worker {
    constructor(...args: ConstructorParameters<typeof actual.Worker>) {
      super(...args);
      threads.started.push(this);
    }
  }
  return { ...actual, Worker };
});
afterEach(() => threads.started.splice(0));

describe('createWorkerCaller', () => {
  it('answers with STORE_UNAVAILABLE for pending and later calls when its thread dies, and says so in the log', async () => {
    const events: string[] = [];
    const logger: Logger = { ...silentLogger, error: (event) => events.push(event) };
    const caller = await createWorkerCaller(path.join(folder, 'a.db'), logger);
    expect(await caller.call('probe', null)).toBeNull();
    const pending = Promise.allSettled(Array.from({ length: 50 }, () => caller.call('probe', null)));
    await threads.started[0]?.terminate();
    for (const result of await pending) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    await expect(caller.call('probe', null)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(events).toContain('store.worker_stopped');
    await caller.close();
  });

  it('rejects when the file cannot be opened, and ends its thread', async () => {
    const file = path.join(folder, 'no', 'such', 'folder', 'a.db');
    await expect(createWorkerCaller(file, silentLogger)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('answers many calls of many turns in their order', async () => {
    const caller = await createWorkerCaller(path.join(folder, 'b.db'), silentLogger);
    const answers: Promise<unknown>[] = [];
    for (let turn = 0; turn < 30; turn++) {
      for (let i = 0; i < 10; i++) {
        answers.push(caller.call('putMeta', { key: 'k', value: `${turn}-${i}` }));
        answers.push(caller.call('getMeta', { key: 'k' }));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const got = (await Promise.all(answers)).filter((_, place) => place % 2 === 1);
    expect(got).toEqual(Array.from({ length: 300 }, (_, n) => `${Math.floor(n / 10)}-${n % 10}`));
    await caller.close();
    await expect(caller.call('probe', null)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../contracts/logger.ts';
import type { Caller } from './caller.ts';
import type { Reply } from './engine.ts';
import { fromWireError, unavailable } from './errors.ts';
import { createGroupCaller } from './group-caller.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/**
 * The database in a thread of its own, so that commits and checkpoints never hold the event loop. While one group commits, the
 * groups behind it gather and share the next commit. The thread keeps the process alive only while somebody waits for an answer.
 * A thread that dies turns every waiting and later call into `STORE_UNAVAILABLE`.
 */
export async function createWorkerCaller(file: string, logger: Logger): Promise<Caller> {
  const worker = startWorker(file);
  await ready(worker);
  let closing = false;
  const queue: ((replies: Reply[]) => void)[] = [];
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const post = (message: ToWorker): void => worker.postMessage(message);

  const caller = createGroupCaller({
    post(calls, done) {
      if (queue.length === 0) worker.ref();
      queue.push(done);
      post(calls);
    },
    async close() {
      closing = true;
      worker.ref();
      post('close');
      await ended;
    },
  });
  worker.on('message', (message: FromWorker) => {
    if (!('groups' in message)) return;
    for (const replies of message.groups) queue.shift()?.(replies);
    if (queue.length === 0 && !closing) worker.unref();
  });
  const died = (name: string): void => {
    if (!closing) logger.error('store.worker_stopped', { error: name });
    caller.fail(unavailable('its thread stopped'));
  };
  worker.on('error', (error) => died(error instanceof Error ? error.name : 'unknown'));
  worker.once('exit', () => died('exit'));
  worker.unref();
  return caller;
}

/**
 * Compiled, the entry is plain JavaScript beside this file. From sources, Node 20 cannot load a `.ts` entry by itself and ignores
 * `--import tsx` for a worker's entry, so a line of JavaScript registers tsx and then imports it (checked on Node 20.20 and 24).
 */
function startWorker(file: string): Worker {
  const workerData = { file };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData, execArgv: [] });
  }
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  const register = pathToFileURL(path.join(path.dirname(tsx), 'dist', 'esm', 'api', 'index.mjs')).href;
  const entry = new URL('./worker.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(register)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); });`;
  return new Worker(code, { eval: true, workerData, execArgv: [] });
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromWorker): void => {
      if ('failed' in message) reject(fromWireError(message.failed));
      else resolve();
      off();
    };
    const onError = (): void => {
      reject(unavailable('its thread could not start'));
      off();
    };
    const off = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onError);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onError);
  });
}

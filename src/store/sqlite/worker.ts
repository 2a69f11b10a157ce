import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Call, type Engine, openEngine, type Reply } from './engine.ts';
import { storeError, toWireError, type WireError } from './errors.ts';

/** Entry of the thread that owns the database; started by `worker-caller.ts` only. */
export type ToWorker = Call[] | 'close';
export type FromWorker = { ready: true } | { failed: WireError } | { groups: Reply[][] };

/** A transaction never grows past this, so that an early asker does not wait for a flood behind it. */
const MAX_CALLS = 512;

function serve(port: MessagePort, engine: Engine): void {
  port.on('message', (first: ToWorker) => {
    let next: ToWorker | undefined = first;
    while (next !== undefined) {
      const groups: Call[][] = [];
      let size = 0;
      // Whatever arrived while the last commit was under way shares the next one.
      while (next !== undefined && next !== 'close' && size < MAX_CALLS) {
        groups.push(next);
        size += next.length;
        next = received(port);
      }
      if (groups.length > 0) {
        const replies = engine.run(groups.flat());
        let from = 0;
        const answers = groups.map((group) => {
          const part = replies.slice(from, from + group.length);
          from += group.length;
          return part;
        });
        port.postMessage({ groups: answers } satisfies FromWorker);
      }
      if (next === 'close') {
        engine.close();
        port.close();
        return;
      }
    }
  });
}

const received = (port: MessagePort): ToWorker | undefined =>
  (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message;

if (parentPort !== null) {
  try {
    const engine = openEngine((workerData as { file: string }).file);
    serve(parentPort, engine);
    parentPort.postMessage({ ready: true } satisfies FromWorker);
  } catch (thrown) {
    parentPort.postMessage({ failed: toWireError(storeError('open', thrown)) } satisfies FromWorker);
    parentPort.close();
  }
}

import type { BuyerlineError } from '../../common/errors.ts';
import type { Caller } from './caller.ts';
import type { Call, Reply } from './engine.ts';
import { fromWireError, unavailable } from './errors.ts';

/** Carries a group out and hands each group's replies back in the order of the groups. */
export interface Transport {
  post(calls: Call[], done: (replies: Reply[]) => void): void;
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: BuyerlineError): void;
}

/**
 * Collects calls until the event loop's check phase (`setImmediate`), then posts them as one group: one commit for all of them.
 * Timers of 1 to 5 ms made groups no larger and answers later (0.67 to 0.25 of a bare server's rate against 0.76).
 */
export function createGroupCaller(transport: Transport): Caller & { fail(error: BuyerlineError): void } {
  let calls: Call[] = [];
  let waiting: Waiting[] = [];
  const posted = new Set<Waiting[]>();
  let closing: Promise<void> | undefined;
  let broken: BuyerlineError | undefined;

  const flush = (): void => {
    if (calls.length === 0) return;
    const group = calls;
    const askers = waiting;
    calls = [];
    waiting = [];
    posted.add(askers);
    transport.post(group, (replies) => {
      posted.delete(askers);
      settle(askers, replies);
    });
  };

  return {
    call: (name, args) => {
      if (broken !== undefined) return Promise.reject(broken);
      if (closing !== undefined) return Promise.reject(unavailable('it is closed'));
      return new Promise((resolve, reject) => {
        if (calls.length === 0) setImmediate(flush);
        calls.push([name, args]);
        waiting.push({ resolve: resolve as Waiting['resolve'], reject });
      });
    },
    fail(error) {
      broken ??= error;
      for (const askers of [...posted, waiting]) for (const asker of askers) asker.reject(broken);
      posted.clear();
      calls = [];
      waiting = [];
    },
    close() {
      closing ??= (async () => {
        flush();
        await transport.close();
      })();
      return closing;
    },
  };
}

function settle(askers: Waiting[], replies: Reply[]): void {
  for (let i = 0; i < askers.length; i++) {
    const reply = replies[i];
    if (reply === undefined) askers[i]?.reject(unavailable('it did not answer'));
    else if ('error' in reply) askers[i]?.reject(fromWireError(reply.error));
    else askers[i]?.resolve(reply.value);
  }
}

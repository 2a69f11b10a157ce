import type { Caller } from './caller.ts';
import { openEngine } from './engine.ts';
import { createGroupCaller } from './group-caller.ts';

/** The database in this thread: for `:memory:`, short commands and tests. A commit holds the event loop for as long as the disk takes. */
export function createInlineCaller(file: string): Caller {
  const engine = openEngine(file);
  return createGroupCaller({
    post: (calls, done) => done(engine.run(calls)),
    close: async () => engine.close(),
  });
}

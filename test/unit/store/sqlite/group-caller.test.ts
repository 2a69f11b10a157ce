import { describe, expect, it } from 'vitest';
import type { Call, Reply } from '../../../../src/store/sqlite/engine.ts';
import { unavailable } from '../../../../src/store/sqlite/errors.ts';
import { createGroupCaller } from '../../../../src/store/sqlite/group-caller.ts';

function recording() {
  const groups: { calls: Call[]; done: (replies: Reply[]) => void }[] = [];
  const caller = createGroupCaller({
    post: (calls, done) => groups.push({ calls, done }),
    close: async () => {},
  });
  return { groups, caller };
}
const turnOfLoop = () => new Promise((resolve) => setImmediate(resolve));

describe('createGroupCaller', () => {
  it('puts everything of one turn of the event loop into one group, promises included', async () => {
    const { groups, caller } = recording();
    const first = caller.call('getMeta', { key: 'a' });
    const second = Promise.resolve().then(() => caller.call('getMeta', { key: 'b' }));
    await turnOfLoop();
    const third = caller.call('getMeta', { key: 'c' });
    await turnOfLoop();
    expect(groups.map((group) => group.calls.length)).toEqual([2, 1]);
    groups[0]?.done([
      { value: '1' },
      { error: { code: 'STORE_CONFLICT', message: 'm', retryable: true, details: {} } },
    ]);
    expect(await first).toBe('1');
    await expect(second).rejects.toMatchObject({ code: 'STORE_CONFLICT', name: 'StoreConflictError' });
    groups[1]?.done([{ value: '3' }]);
    expect(await third).toBe('3');
  });

  it('rejects what was posted, what waits and what comes later when the transport dies', async () => {
    const { caller } = recording();
    const posted = caller.call('counts', null);
    await turnOfLoop();
    const waiting = caller.call('counts', null);
    caller.fail(unavailable('its thread stopped'));
    for (const call of [posted, waiting, caller.call('counts', null)])
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });

  it('rejects a call without a reply instead of leaving it open', async () => {
    const { groups, caller } = recording();
    const call = caller.call('counts', null);
    await turnOfLoop();
    groups[0]?.done([]);
    await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

import type { Clock } from '../common/clock.ts';
import { coerceError } from '../common/errors.ts';
import type { Channel } from '../contracts/channel.ts';
import { conversationIdOf } from '../contracts/conversation.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Store } from '../contracts/store.ts';
import type { Ingest } from './ingest.ts';

const WALKED_AT = 'recovery.walked_at';
const CLOCKS_DIFFER_MS = 5 * 60_000;

export interface RecoveryOptions {
  channels: readonly Channel[];
  store: Store;
  ingest: Ingest;
  clock: Clock;
  logger: Logger;
  everyMs: number;
  /** Older unread messages are left alone, per channel. */
  maxAgeMs(channel: string): number;
}

export interface Recovery {
  start(): void;
  /** One walk over every channel now; resolves with how many events were new. */
  run(): Promise<number>;
  stop(): Promise<void>;
}

/** Gap recovery: what a webhook should have brought and did not is read from the platform and fed into the inbox, on start and on a schedule. */
export function createRecovery(options: RecoveryOptions): Recovery {
  const { store, clock, logger } = options;
  const abort = new AbortController();
  let timer: { cancel(): void } | null = null;
  let walk: Promise<number> | null = null;
  let firstWalk = true;

  async function recoverChannel(channel: Channel, newsSince: number | undefined): Promise<number> {
    if (channel.recover === undefined) return 0;
    let fresh = 0;
    const batches = channel.recover({
      known: (keys) => store.knownMessages(keys),
      notBefore: clock.now() - options.maxAgeMs(channel.name),
      newsSince,
      own: async (ref) => new Set(await store.sentExternalIds(conversationIdOf(ref), 100)),
      signal: abort.signal,
    });
    for await (const events of batches) {
      const results = await options.ingest({ events, aside: [] });
      fresh += results.filter((result) => result.outcome === 'stored').length;
    }
    if (fresh > 0) logger.info('gap.recovered', { channel: channel.name, events: fresh });
    return fresh;
  }

  const run = (): Promise<number> => {
    walk ??= (async () => {
      const begunAt = clock.now();
      const newsSince = firstWalk ? await lastWalk() : undefined;
      // A conversation that moves to the front of a platform's list while it is paged through is met by a second pass.
      const passes = newsSince === undefined ? 1 : 2;
      let fresh = 0;
      for (let pass = 0; pass < passes; pass++) {
        for (const channel of options.channels) {
          if (abort.signal.aborted) break;
          fresh += await recoverChannel(channel, newsSince).catch((thrown: unknown) => {
            if (!abort.signal.aborted) {
              const error = coerceError(thrown);
              logger.warn('gap.recovery_failed', {
                channel: channel.name,
                error: error.name,
                code: 'code' in error ? String(error.code) : undefined,
              });
            }
            return 0;
          });
        }
      }
      if (!abort.signal.aborted) {
        firstWalk = false;
        await store.putMeta(WALKED_AT, String(begunAt));
      }
      return fresh;
    })().finally(() => {
      walk = null;
    });
    return walk;
  };

  /** When the walk before this process began, less what clocks may differ by; what came since may have missed a bridge that was down. */
  async function lastWalk(): Promise<number | undefined> {
    const at = Number((await store.getMeta(WALKED_AT)) ?? Number.NaN);
    return Number.isFinite(at) ? at - CLOCKS_DIFFER_MS : undefined;
  }

  const tick = (): void => {
    void run()
      .catch((thrown: unknown) => {
        // The store is away; the next walk is due anyway.
        logger.warn('gap.recovery_failed', { error: coerceError(thrown).name });
      })
      .finally(() => {
        if (!abort.signal.aborted) timer = clock.schedule(options.everyMs, tick);
      });
  };

  return {
    start: tick,
    run,
    async stop() {
      abort.abort(new Error('the process stops'));
      timer?.cancel();
      await walk?.catch(() => 0);
    },
  };
}

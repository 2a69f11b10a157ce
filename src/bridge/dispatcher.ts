import { randomUUID } from 'node:crypto';
import { backoffMs } from '../common/backoff.ts';
import { type Clock, wait } from '../common/clock.ts';
import { coerceError, StoreConflictError, StoreUnavailableError } from '../common/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import type { DeliveryClaim, Store, TurnClaim } from '../contracts/store.ts';
import type { DeliverParts } from './deliver.ts';
import { deliver } from './deliver.ts';
import { processTurn, type TurnParts } from './process-turn.ts';

/** Leases live as long as the heartbeat: a killed worker's are free within LIFE_MS plus one sweep. */
const LIFE_MS = 7_000;
const BEAT_MS = 2_000;
/** Safety net for what no wake-up announced: another process's commit, a clock that jumped. */
const IDLE_POLL_MS = 1_000;
/** Wake-ups are rounded up to this, so that a thousand bursts need some fifty timers. */
const BUCKET_MS = 20;
const CLAIM_BATCH = 64;
const MAX_TURN_STARTS = 5;

export interface DispatcherOptions {
  store: Store;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  turn: Omit<TurnParts, 'store' | 'logger'>;
  deliver: Omit<DeliverParts, 'store' | 'clock' | 'logger' | 'metrics'>;
  /** Something was committed or delivered; for live views. */
  changed?: () => void;
  maxTurns?: number;
  maxDeliveries?: number;
}

export interface Dispatcher {
  start(): Promise<void>;
  /** Inbox rows become due at that time (milliseconds). Cheap, may be called per event. */
  wake(dueAt: number): void;
  /** Takes nothing new, lets what runs finish until the deadline, then frees its leases. */
  stop(deadlineMs: number): Promise<void>;
  /** Turns and deliveries under way. */
  active(): { turns: number; deliveries: number };
}

/** Runs due turns and deliveries, any number of conversations side by side, never two of one. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, clock, logger, metrics } = options;
  const workerId = `w-${randomUUID()}`;
  const abort = new AbortController();
  const maxTurns = options.maxTurns ?? 256;
  const maxDeliveries = options.maxDeliveries ?? 128;
  const heldShops = new Map<string, number>();
  const running = new Set<Promise<void>>();
  let turns = 0;
  let deliveries = 0;
  let running_ = false;
  let sleeping: { cancel(): void } | null = null;
  let sleepUntil = Number.POSITIVE_INFINITY;
  let pollAt = 0;
  const wakes = new Set<number>();
  let beat: { cancel(): void } | null = null;
  // A claim is under way, and whether something became due meanwhile.
  const claiming = { turns: false, deliveries: false, timers: false };
  const again = { turns: false, deliveries: false };

  const track = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  /** Wakes at that time. Further away than the next poll needs no note: the poll asks the store what comes next. */
  const sleep = (until: number): void => {
    if (!running_ || until > pollAt) return;
    wakes.add(Math.ceil(until / BUCKET_MS) * BUCKET_MS);
    doze();
  };

  const doze = (): void => {
    let next = pollAt;
    for (const at of wakes) if (at < next) next = at;
    if (sleeping !== null && next >= sleepUntil) return;
    sleeping?.cancel();
    sleepUntil = next;
    sleeping = clock.schedule(Math.max(0, next - clock.now()), () => {
      sleeping = null;
      const now = clock.now();
      for (const at of wakes) if (at <= now) wakes.delete(at);
      if (now >= pollAt) pump();
      else {
        void claimTurns();
        void claimDeliveries();
        void fireTimers();
        if (running_) doze();
      }
    });
  };

  const wake = (dueAt: number): void => {
    if (!running_) return;
    if (dueAt <= clock.now()) {
      void claimTurns();
    } else sleep(dueAt);
  };

  const pump = (): void => {
    if (!running_) return;
    void claimTurns();
    void claimDeliveries();
    void fireTimers();
    pollAt = clock.now() + IDLE_POLL_MS;
    doze();
    store.nextDueAt().then(
      (dueAt) => {
        if (dueAt !== null && dueAt > clock.now()) sleep(dueAt);
      },
      (thrown: unknown) => trouble('due.unknown', thrown),
    );
  };

  const trouble = (what: string, thrown: unknown): void => {
    const error = coerceError(thrown);
    logger.error(what, { error: error.name, code: 'code' in error ? String(error.code) : undefined });
  };

  /**
   * Waits until the store takes what was done under a lease of ours. While this process lives nobody else frees that lease, so giving up
   * would leave its conversation standing still; and what a delivery brought back is known here only.
   */
  async function outlast<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (thrown) {
        if (!(coerceError(thrown) instanceof StoreUnavailableError)) throw thrown;
        if (tries === 1) trouble('store.awaited', thrown);
        await wait(clock, backoffMs(tries, 200, 5_000), abort.signal);
      }
    }
  }

  async function claimTurns(): Promise<void> {
    if (!running_) return;
    if (claiming.turns) {
      again.turns = true;
      return;
    }
    claiming.turns = true;
    try {
      for (;;) {
        again.turns = false;
        const limit = Math.min(CLAIM_BATCH, maxTurns - turns);
        if (limit <= 0 || !running_) return;
        const claims = await store.claimTurns({ workerId, now: clock.now(), limit });
        for (const claim of claims) track(runTurn(claim));
        if (claims.length < limit && !again.turns) return;
      }
    } catch (thrown) {
      trouble('turns.claim_failed', thrown);
    } finally {
      claiming.turns = false;
    }
  }

  async function runTurn(claim: TurnClaim): Promise<void> {
    turns += 1;
    const startedAt = clock.now();
    const lease = { conversationId: claim.conversationId, workerId, leaseToken: claim.leaseToken };
    try {
      const starts = Math.max(0, ...claim.events.map((row) => row.attempts));
      if (starts > MAX_TURN_STARTS) {
        await store.failTurn({
          claim: lease,
          now: startedAt,
          reason: `begun ${starts - 1} times and never finished`,
          retryAt: null,
        });
        metrics.count('buyerline_turns_total', { outcome: 'dead' });
        return;
      }
      const { commit, ownerChanges } = await processTurn(
        { ...options.turn, store, logger },
        claim,
        startedAt,
        abort.signal,
      );
      const { nextDueAt } = await outlast(() => store.commitTurn(commit));
      metrics.count('buyerline_turns_total', { outcome: 'committed' });
      for (const { from, to } of ownerChanges) {
        metrics.count('buyerline_owner_changes_total', { from, to });
        if (to === 'queue') metrics.count('buyerline_handoffs_total', { outcome: 'asked' });
        else if (from === 'queue')
          metrics.count('buyerline_handoffs_total', { outcome: to === 'agent' ? 'accepted' : 'failed' });
      }
      options.changed?.();
      metrics.observe('buyerline_turn_seconds', (clock.now() - startedAt) / 1000);
      if (commit.outbox.length > 0) void claimDeliveries();
      if (nextDueAt !== null) wake(nextDueAt);
      for (const timer of commit.timers.set) sleep(timer.dueAt);
    } catch (thrown) {
      await turnFailed(claim, thrown);
    } finally {
      turns -= 1;
      if (again.turns || turns === maxTurns - 1) void claimTurns();
    }
  }

  async function turnFailed(claim: TurnClaim, thrown: unknown): Promise<void> {
    const error = coerceError(thrown);
    const lease = { conversationId: claim.conversationId, workerId, leaseToken: claim.leaseToken };
    const conflict = error instanceof StoreConflictError;
    metrics.count('buyerline_turns_total', { outcome: conflict ? 'conflict' : 'failed' });
    if (!conflict && !(error instanceof StoreUnavailableError))
      logger.error('turn.failed', {
        conversationId: claim.conversationId,
        error: error.name,
        stack: error.stack?.split('\n')[1]?.trim(),
      });
    const starts = Math.max(0, ...claim.events.map((row) => row.attempts));
    const now = clock.now();
    const dead = !conflict && starts >= MAX_TURN_STARTS;
    const retryAt = dead ? null : conflict ? now : now + backoffMs(starts, 200, 10_000);
    const reason = dead ? `failed ${starts} times: ${error.name}` : `failed: ${error.name}`;
    await outlast(() => store.failTurn({ claim: lease, now, reason, retryAt }))
      // The lease was lost to another worker, or this process stops: the sweep frees what is left.
      .catch((inner: unknown) => trouble('turn.release_failed', inner));
    if (retryAt !== null) wake(Math.max(retryAt, now + 1));
  }

  async function claimDeliveries(): Promise<void> {
    if (!running_) return;
    if (claiming.deliveries) {
      again.deliveries = true;
      return;
    }
    claiming.deliveries = true;
    try {
      for (;;) {
        again.deliveries = false;
        const limit = Math.min(CLAIM_BATCH, maxDeliveries - deliveries);
        if (limit <= 0 || !running_) return;
        const now = clock.now();
        for (const [shop, until] of heldShops) if (until <= now) heldShops.delete(shop);
        const merge = options.turn.desk.underPressure() ? { desk: 10 } : {};
        const claims = await store.claimDeliveries({ workerId, now, limit, merge, heldShops: [...heldShops.keys()] });
        for (const claim of claims) track(runDelivery(claim));
        if (claims.length < limit && !again.deliveries) return;
      }
    } catch (thrown) {
      trouble('deliveries.claim_failed', thrown);
    } finally {
      claiming.deliveries = false;
    }
  }

  async function runDelivery(claim: DeliveryClaim): Promise<void> {
    deliveries += 1;
    try {
      const delivered = await deliver({ ...options.deliver, store, clock, logger, metrics }, claim, abort.signal);
      if (delivered.holdUntil !== undefined)
        heldShops.set(`${claim.conversation.channel}:${claim.conversation.shopId}`, delivered.holdUntil);
      const { nextDueAt, ingested } = await outlast(() => store.recordDelivery(delivered.record));
      options.changed?.();
      if (nextDueAt !== null) {
        if (nextDueAt <= clock.now()) void claimDeliveries();
        else sleep(nextDueAt);
      }
      if (ingested.length > 0) void claimTurns();
    } catch (thrown) {
      // The lease was lost to another worker, or this process stops: the rows stay `sending` and are settled by reading back.
      trouble('delivery.record_failed', thrown);
    } finally {
      deliveries -= 1;
      if (again.deliveries || deliveries === maxDeliveries - 1) void claimDeliveries();
    }
  }

  async function fireTimers(): Promise<void> {
    if (claiming.timers) return;
    claiming.timers = true;
    try {
      for (;;) {
        const fired = await store.fireTimers(clock.now(), 200);
        if (fired.length > 0) void claimTurns();
        if (fired.length < 200) break;
      }
    } catch (thrown) {
      trouble('timers.fire_failed', thrown);
    } finally {
      claiming.timers = false;
    }
  }

  async function heartbeat(): Promise<void> {
    const now = clock.now();
    try {
      await store.heartbeat(workerId, now + LIFE_MS);
      const freed = await store.sweepLeases(now);
      if (freed > 0) {
        logger.warn('leases.freed', { freed });
        pump();
      }
    } catch (thrown) {
      trouble('heartbeat.failed', thrown);
    }
    if (running_) beat = clock.schedule(BEAT_MS, () => void heartbeat());
  }

  return {
    async start() {
      running_ = true;
      await heartbeat();
      pump();
    },
    wake,
    async stop(deadlineMs) {
      running_ = false;
      sleeping?.cancel();
      beat?.cancel();
      const deadline = clock.now() + deadlineMs;
      const expired = new Promise<void>((resolve) => clock.schedule(Math.max(0, deadline - clock.now()), resolve));
      await Promise.race([Promise.allSettled([...running]), expired]);
      if (running.size > 0) {
        logger.warn('dispatcher.stopped_late', { running: running.size });
        abort.abort(new Error('the process stops'));
        // What was aborted records its outcome as unknown; give it a moment to do so.
        await Promise.race([
          Promise.allSettled([...running]),
          new Promise<void>((resolve) => clock.schedule(500, resolve)),
        ]);
      }
      await store
        .sweepLeases(clock.now(), workerId)
        .catch((thrown: unknown) => trouble('leases.release_failed', thrown));
    },
    active: () => ({ turns, deliveries }),
  };
}

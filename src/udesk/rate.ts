import type { Clock } from '../common/clock.ts';
import type { CallPriority } from './endpoints.ts';

export interface RateOptions {
  /** Calls in any 60 seconds; Udesk's default is 60 per tenant (whether per endpoint is undocumented, so we count them together). */
  callsPerMinute: number;
  clock: Clock;
  /** Spreads the pauses of several processes on one tenant. */
  random?: () => number;
  /** Told after each change, for the gauge. */
  onRemaining?(remaining: number): void;
}

export type RateGrant = 'granted' | 'waited-too-long' | 'aborted';

/** Calls left in reach of a priority: polls leave a tenth for messages, read marks a quarter. */
const RESERVE: Readonly<Record<CallPriority, number>> = { message: 0, status: 0.1, mark: 0.25 };
const ORDER: readonly CallPriority[] = ['message', 'status', 'mark'];
const WINDOW_MS = 60_000;

interface Waiter {
  cost: number;
  settle(grant: RateGrant): void;
}

/**
 * A sliding window over the last minute, for one process: with several processes on one tenant, give each its share.
 * Waiting calls go in order within their priority; a lower priority never overtakes a higher one.
 */
export class CallBudget {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onRemaining: (remaining: number) => void;
  readonly #waiting: Record<CallPriority, Waiter[]> = { message: [], status: [], mark: [] };
  /** When each call of the window began, oldest first. */
  #calls: number[] = [];
  #pausedUntil = 0;
  #strikes = 0;
  #wake: { cancel(): void } | null = null;

  constructor(options: RateOptions) {
    this.#limit = Math.max(1, Math.floor(options.callsPerMinute));
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    this.#onRemaining = options.onRemaining ?? (() => {});
  }

  /** Resolves when the call may leave. Nothing was counted unless `granted`. */
  acquire(priority: CallPriority, cost: number, maxWaitMs: number, signal?: AbortSignal): Promise<RateGrant> {
    if (signal?.aborted) return Promise.resolve('aborted');
    const wanted = Math.min(cost, this.#limit);
    if (this.#firstWaiting() === null && this.#fits(priority, wanted)) {
      this.#take(wanted);
      return Promise.resolve('granted');
    }
    return new Promise((resolve) => {
      const queue = this.#waiting[priority];
      const leave = (grant: RateGrant) => {
        const place = queue.indexOf(waiter);
        if (place >= 0) queue.splice(place, 1);
        waiter.settle(grant);
        this.#pump();
      };
      const onAbort = () => leave('aborted');
      const patience = this.#clock.schedule(maxWaitMs, () => leave('waited-too-long'));
      const waiter: Waiter = {
        cost: wanted,
        settle: (grant) => {
          patience.cancel();
          signal?.removeEventListener('abort', onAbort);
          resolve(grant);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(waiter);
      this.#pump();
    });
  }

  remaining(): number {
    this.#expire();
    return Math.max(0, this.#limit - this.#calls.length);
  }

  /** Under a quarter of the minute left, or told to slow down: texts are merged then. */
  underPressure(): boolean {
    return this.#clock.now() < this.#pausedUntil || this.remaining() < this.#limit / 4;
  }

  /** Udesk said, or seems to say, that we are too fast: nothing leaves for `retryAfterMs`, or for 1, 2, 4 … 30 s and up to half more. */
  slowDown(retryAfterMs?: number): void {
    const pauseMs =
      retryAfterMs ?? Math.min(30_000, 1_000 * 2 ** Math.min(5, this.#strikes)) * (1 + this.#random() / 2);
    this.#strikes += 1;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.min(pauseMs, 5 * WINDOW_MS));
  }

  /** Milliseconds until {@link slowDown}'s pause ends. */
  pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.now());
  }

  /** An answer that we understand: the next pause starts small again. */
  steady(): void {
    this.#strikes = 0;
  }

  /** Lets nobody wait any longer. */
  stop(): void {
    this.#wake?.cancel();
    this.#wake = null;
    for (const priority of ORDER) for (const waiter of this.#waiting[priority].splice(0)) waiter.settle('aborted');
  }

  #firstWaiting(): CallPriority | null {
    for (const priority of ORDER) if (this.#waiting[priority].length > 0) return priority;
    return null;
  }

  #fits(priority: CallPriority, cost: number): boolean {
    if (this.#clock.now() < this.#pausedUntil) return false;
    return cost <= this.remaining() - this.#reserve(priority);
  }

  #reserve(priority: CallPriority): number {
    return Math.floor(this.#limit * RESERVE[priority]);
  }

  #take(cost: number): void {
    const now = this.#clock.now();
    for (let i = 0; i < cost; i++) this.#calls.push(now);
    this.#onRemaining(this.#limit - this.#calls.length);
  }

  #expire(): void {
    const edge = this.#clock.now() - WINDOW_MS;
    let gone = 0;
    while ((this.#calls[gone] ?? Number.POSITIVE_INFINITY) <= edge) gone += 1;
    if (gone > 0) this.#calls = this.#calls.slice(gone);
  }

  #pump(): void {
    this.#wake?.cancel();
    this.#wake = null;
    for (;;) {
      const priority = this.#firstWaiting();
      const waiter = priority === null ? undefined : this.#waiting[priority][0];
      if (priority === null || waiter === undefined) return;
      if (!this.#fits(priority, waiter.cost)) {
        this.#wake = this.#clock.schedule(this.#nextChangeMs(), () => this.#pump());
        return;
      }
      this.#waiting[priority].shift();
      this.#take(waiter.cost);
      waiter.settle('granted');
    }
  }

  #nextChangeMs(): number {
    const now = this.#clock.now();
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    return Math.max(1, (this.#calls[0] ?? now) + WINDOW_MS - now);
  }
}

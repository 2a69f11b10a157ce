import type { Clock } from '../../common/clock.ts';
import { coerceError } from '../../common/errors.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { Metrics } from '../../contracts/metrics.ts';
import type { ShopDirectory } from './tokens.ts';

/** Sends come before everything, look-ups for a dialog before read marks and polling. Reading back after an unknown send is a send. */
export type Priority = 'send' | 'lookup' | 'low';

export interface BudgetRequest {
  shopId: string;
  priority: Priority;
  /** Customer-service calls count against the day. */
  counted: boolean;
  signal?: AbortSignal;
}

export type BudgetAnswer = { ok: true } | { ok: false; reason: string; retryAfterMs: number; daySpent: boolean };

/**
 * The requests a shop may make: so many a second, so many customer-service calls a day. Within the second a caller waits its turn by
 * priority; for the day a caller is refused, low priority already when a fifth is left and look-ups when a twentieth is, so that sends
 * always find something. The day's count is kept in the store ahead of use, in blocks: a restart may waste a block, never overspend.
 */
export interface Budget {
  take(request: BudgetRequest): Promise<BudgetAnswer>;
  /** The platform says that the day is spent; answers how long to wait. */
  daySpent(shopId: string): Promise<number>;
}

export interface BudgetLimits {
  requestsPerSecond: number;
  requestsPerDay: number;
  dayStartsAtUtcHour: number;
}

const DAY_MS = 86_400_000;
/** A little more than a second: arrivals are never spaced exactly as departures. */
const WINDOW_MS = 1_050;
const BLOCK = 25;
const RESERVE: Record<Priority, number> = { send: 0, lookup: 0.05, low: 0.2 };
const RANK: Record<Priority, number> = { send: 0, lookup: 1, low: 2 };

interface Waiter {
  rank: number;
  resolve: () => void;
}

interface ShopBudget {
  day: number;
  used: number;
  /** What the store holds; `used` may grow up to it without another write. */
  persisted: number;
  loading: Promise<void> | null;
  writing: Promise<void> | null;
  /** Departure times, a ring of `requestsPerSecond` places. */
  departures: number[];
  next: number;
  waiters: Waiter[];
  pump: { cancel(): void } | null;
}

export function createBudget(deps: {
  limits: BudgetLimits;
  shops: Pick<ShopDirectory, 'getMeta' | 'putMeta'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): Budget {
  const { limits, clock } = deps;
  const budgets = new Map<string, ShopBudget>();
  const offsetMs = limits.dayStartsAtUtcHour * 3_600_000;
  const dayNow = () => Math.floor((clock.now() - offsetMs) / DAY_MS);
  const untilNextDay = () => (dayNow() + 1) * DAY_MS + offsetMs - clock.now();
  const metaKey = (shopId: string) => `tiktok.budget.${shopId}`;

  const budgetOf = (shopId: string): ShopBudget => {
    let budget = budgets.get(shopId);
    if (budget === undefined) {
      budget = {
        day: -1,
        used: 0,
        persisted: 0,
        loading: null,
        writing: null,
        departures: [],
        next: 0,
        waiters: [],
        pump: null,
      };
      budgets.set(shopId, budget);
    }
    return budget;
  };

  const load = async (shopId: string, budget: ShopBudget): Promise<void> => {
    const stored = readStored(await deps.shops.getMeta(metaKey(shopId)).catch(() => null));
    const today = dayNow();
    budget.day = today;
    budget.used = stored !== null && stored.day === today ? stored.used : 0;
    budget.persisted = budget.used;
  };

  /** A failed write costs exactness after a restart, not the buyer's answer: logged, and the call goes on. */
  const persist = async (shopId: string, budget: ShopBudget, used: number): Promise<void> => {
    budget.persisted = used;
    try {
      await deps.shops.putMeta(metaKey(shopId), JSON.stringify({ day: budget.day, used }));
    } catch (thrown) {
      deps.logger.warn('tiktok.budget_write_failed', { shopId, error: coerceError(thrown).name });
    }
  };

  const ready = async (shopId: string, budget: ShopBudget): Promise<void> => {
    if (budget.day === -1) {
      budget.loading ??= load(shopId, budget).finally(() => {
        budget.loading = null;
      });
      await budget.loading;
    }
    const today = dayNow();
    if (budget.day !== today) {
      budget.day = today;
      budget.used = 0;
      budget.persisted = 0;
    }
  };

  const departed = (budget: ShopBudget): void => {
    budget.departures[budget.next] = clock.now();
    budget.next = (budget.next + 1) % limits.requestsPerSecond;
  };
  const freeInMs = (budget: ShopBudget): number => {
    const oldest = budget.departures[budget.next];
    return oldest === undefined ? 0 : Math.max(0, oldest + WINDOW_MS - clock.now());
  };

  const pump = (budget: ShopBudget): void => {
    budget.pump = null;
    while (budget.waiters.length > 0 && freeInMs(budget) === 0) {
      departed(budget);
      budget.waiters.shift()?.resolve();
    }
    if (budget.waiters.length > 0) budget.pump = clock.schedule(freeInMs(budget), () => pump(budget));
  };

  const waitTurn = (budget: ShopBudget, priority: Priority, signal?: AbortSignal): Promise<boolean> => {
    if (budget.waiters.length === 0 && freeInMs(budget) === 0) {
      departed(budget);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const onAbort = () => {
        budget.waiters.splice(budget.waiters.indexOf(waiter), 1);
        resolve(false);
      };
      const waiter: Waiter = {
        rank: RANK[priority],
        resolve: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(true);
        },
      };
      const place = budget.waiters.findIndex((other) => other.rank > waiter.rank);
      budget.waiters.splice(place === -1 ? budget.waiters.length : place, 0, waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
      budget.pump ??= clock.schedule(freeInMs(budget), () => pump(budget));
    });
  };

  return {
    async take(request) {
      const { shopId, priority, signal } = request;
      const budget = budgetOf(shopId);
      if (signal?.aborted) return { ok: false, reason: 'given up before it began', retryAfterMs: 0, daySpent: false };
      if (request.counted) {
        await ready(shopId, budget);
        const left = limits.requestsPerDay - budget.used;
        if (left <= limits.requestsPerDay * RESERVE[priority])
          return {
            ok: false,
            reason:
              left <= 0
                ? "the day's customer-service requests are spent"
                : "what is left of the day's customer-service requests is kept for answers",
            retryAfterMs: untilNextDay(),
            daySpent: left <= 0,
          };
        budget.used += 1;
        if (budget.used > budget.persisted)
          budget.writing = persist(shopId, budget, Math.min(limits.requestsPerDay, budget.used - 1 + BLOCK));
        // Everyone who leaves under a new block waits until that block is durable.
        await budget.writing;
        deps.metrics.gauge('buyerline_budget_remaining', left - 1, { vendor: 'tiktok', window: 'day' });
      }
      const granted = await waitTurn(budget, priority, signal);
      return granted ? { ok: true } : { ok: false, reason: 'given up while waiting', retryAfterMs: 0, daySpent: false };
    },
    async daySpent(shopId) {
      const budget = budgetOf(shopId);
      await ready(shopId, budget);
      budget.used = limits.requestsPerDay;
      await persist(shopId, budget, budget.used);
      deps.metrics.gauge('buyerline_budget_remaining', 0, { vendor: 'tiktok', window: 'day' });
      return untilNextDay();
    },
  };
}

function readStored(stored: string | null): { day: number; used: number } | null {
  if (stored === null) return null;
  const match = /^\{"day":(-?\d+),"used":(\d+)\}$/.exec(stored);
  return match === null ? null : { day: Number(match[1]), used: Number(match[2]) };
}

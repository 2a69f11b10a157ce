import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
} from 'cockatiel';
import type { HttpAnswer } from '../common/http-client.ts';
import type { Logger } from '../contracts/logger.ts';

/** So many failures in a row mean that the host is down rather than one connection. */
const FAILURES_TO_OPEN = 5;

/** Raised by a call whose caller gave up: says nothing about the host. */
export class CallerGaveUp extends Error {}

/**
 * A dead Udesk fails at once instead of holding every delivery for its time-out. While open nothing leaves; after 1, 2, 4 … 15 s
 * one call tries, and the others wait for its result. cockatiel reads the wall clock itself.
 */
export function createBreaker(logger: Logger): CircuitBreakerPolicy {
  const policy = circuitBreaker(
    handleWhen((error) => !(error instanceof CallerGaveUp)).orWhenResult(
      (result) => isAnswer(result) && result.status >= 500,
    ),
    {
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: 1_000, maxDelay: 15_000, generator: noJitterGenerator }),
    },
  );
  policy.onBreak(() => logger.warn('desk.circuit_opened', { desk: 'udesk' }));
  policy.onReset(() => logger.info('desk.circuit_closed', { desk: 'udesk' }));
  return policy;
}

export const isBroken = (error: unknown): boolean => error instanceof BrokenCircuitError;

const isAnswer = (value: unknown): value is HttpAnswer =>
  typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';

import type { DeskOutcome } from '../contracts/desk.ts';
import type { Called } from './client.ts';

export type Failed = Exclude<Called<never>, { kind: 'answered' }>;
export type Failure = Exclude<DeskOutcome, { kind: 'accepted' } | { kind: 'gone' }>;

/** A call that did not succeed, as the bridge knows it. What never left is a refusal that may be repeated freely. */
export function toFailure(called: Failed): Failure {
  switch (called.kind) {
    case 'refused':
      return {
        kind: 'refused',
        next: called.next,
        code: String(called.code ?? `http_${called.httpStatus}`),
        reason: called.reason,
        ...(called.retryAfterMs === undefined ? {} : { retryAfterMs: called.retryAfterMs }),
      };
    case 'not_sent':
      return {
        kind: 'refused',
        next: 'retry',
        code: called.code,
        reason: called.reason,
        ...(called.retryAfterMs === undefined ? {} : { retryAfterMs: called.retryAfterMs }),
      };
    case 'unknown':
      return { kind: 'unknown', reason: called.reason };
  }
}

import { LRUCache } from 'lru-cache';
import type { Desk, DeskOutcome } from '../contracts/desk.ts';
import type { UdeskClient } from './client.ts';
import { endpoints } from './endpoints.ts';
import { isSettingCode } from './errors.ts';
import { toFailure } from './outcome.ts';

/** The vendor's own client stops a remark here. */
const REMARK_LIMIT = 255;
const BAD_PARAMETER = 2005;

/**
 * Sends ratings. Udesk takes one vote per session and publishes no code for a second one, so a vote that it has already answered once
 * and refuses again counts as accepted: either it is in, or repeating it helps nobody. Refusals that a setting causes are told as they are.
 */
export class Votes {
  readonly #client: UdeskClient;
  /** Sessions whose vote Udesk has answered or may have seen, in this process. */
  readonly #tried = new LRUCache<string, true>({ max: 10_000 });

  constructor(client: UdeskClient) {
    this.#client = client;
  }

  async rate(vote: Parameters<Desk['rate']>[0], signal?: AbortSignal): Promise<DeskOutcome> {
    const called = await this.#client.call(
      endpoints.rateSession,
      {
        im_sub_session_id: vote.sessionId,
        option_id: vote.optionId,
        remark: vote.remark === undefined ? undefined : [...vote.remark].slice(0, REMARK_LIMIT).join(''),
        // 0 means "resolved" and must leave as 0.
        resolved_state_v2: vote.resolved,
      },
      { signal },
    );
    const repeated = this.#tried.has(vote.sessionId);
    if (called.kind !== 'not_sent') this.#tried.set(vote.sessionId, true);
    if (called.kind === 'answered') return { kind: 'accepted' };
    const isVerdict =
      called.kind === 'refused' &&
      called.code !== null &&
      called.httpStatus !== 429 &&
      called.code !== BAD_PARAMETER &&
      !isSettingCode(called.code);
    if (isVerdict && repeated) return { kind: 'accepted' };
    const failure = toFailure(called);
    // The second try is what settles it, so the first refusal is never final.
    return isVerdict && failure.kind === 'refused' ? { ...failure, next: 'retry' } : failure;
  }
}

import type { Clock } from '../common/clock.ts';
import { NetworkNotSentError } from '../common/errors.ts';
import type { HttpAnswer, HttpClient } from '../common/http-client.ts';
import { tryParseJson } from '../common/json.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { CallerGaveUp, createBreaker, isBroken } from './breaker.ts';
import {
  type BuiltRequest,
  buildRequest,
  type CallPriority,
  type Endpoint,
  type ParameterSpecs,
  type Values,
} from './endpoints.ts';
import { readEnvelope } from './envelope.ts';
import { isSettingCode, type Refusal, refusalOfCode, refusalOfStatus } from './errors.ts';
import { CallBudget, type RateGrant } from './rate.ts';
import { type SignHash, signedQuery } from './sign.ts';

/** How a call ended. Only `not_sent` and `refused` are sure to have changed nothing. */
export type Called<R> =
  | { kind: 'answered'; code: number; result: R }
  | ({ kind: 'refused'; code: number | null; httpStatus: number } & Refusal)
  | { kind: 'not_sent'; code: string; reason: string; retryAfterMs?: number }
  | { kind: 'unknown'; reason: string };

export interface UdeskAccount {
  /** `https://acme.udesk.cn/open_api_v1`, with its numbered host if the tenant has one. */
  apiUrl: string;
  email: string;
  apiToken: string;
  signHash: SignHash;
  callsPerMinute: number;
}

export interface ClientDeps {
  account: UdeskAccount;
  http: HttpClient;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  random?: () => number;
  /** Bound on one call; reads get at most 5 s of it. */
  timeoutMs?: number;
}

export interface CallOptions {
  /** A refusal is an ordinary answer to this call ("no such customer"): it is no warning. */
  refusalExpected?: boolean;
  signal?: AbortSignal;
  /** Overrides the row's own priority. */
  priority?: CallPriority;
}

const DEFAULT_TIMEOUT_MS = 8_000;
const READ_TIMEOUT_MS = 5_000;
/** A message may wait for a whole window; a poll that waited this long is asked again by its timer anyway. */
const PATIENCE_MS: Readonly<Record<CallPriority, number>> = { message: 60_000, status: 5_000, mark: 20_000 };
const NONCE_REUSED = 20623;

/** Signs, counts, sends and reads every call to one tenant. */
export class UdeskClient {
  readonly budget: CallBudget;
  /** Udesk's clock minus ours in milliseconds, from the last answer's `Date`; `null` before the first. */
  clockSkewMs: number | null = null;
  readonly #deps: ClientDeps;
  readonly #base: string;
  readonly #breaker: ReturnType<typeof createBreaker>;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    this.#base = deps.account.apiUrl.replace(/\/+$/, '');
    this.#breaker = createBreaker(deps.logger);
    this.budget = new CallBudget({
      callsPerMinute: deps.account.callsPerMinute,
      clock: deps.clock,
      random: deps.random,
      onRemaining: (left) =>
        deps.metrics.gauge('buyerline_budget_remaining', left, { vendor: 'udesk', window: 'minute' }),
    });
  }

  /**
   * Never throws. A refused nonce is signed anew once, because that answer proves that nothing was done.
   * Example: `call(endpoints.queueStatus, { customer_token: 'tts-9-77' })`.
   */
  async call<S extends ParameterSpecs, R>(
    endpoint: Endpoint<S, R>,
    values: Values<S>,
    options: CallOptions = {},
  ): Promise<Called<R>> {
    const request = buildRequest(endpoint, values);
    let called = await this.#attempt(endpoint, request, options);
    if (called.kind === 'refused' && called.code === NONCE_REUSED)
      called = await this.#attempt(endpoint, request, options);
    return called;
  }

  stop(): void {
    this.budget.stop();
  }

  async #attempt<S extends ParameterSpecs, R>(
    endpoint: Endpoint<S, R>,
    request: BuiltRequest,
    options: CallOptions,
  ): Promise<Called<R>> {
    const { clock, metrics, logger } = this.#deps;
    const begunAt = clock.now();
    const called = await this.#send(endpoint, request, options);
    const outcome = called.kind === 'answered' ? 'ok' : called.kind;
    metrics.count('buyerline_vendor_calls_total', { vendor: 'udesk', endpoint: endpoint.name, outcome });
    metrics.observe('buyerline_vendor_call_seconds', (clock.now() - begunAt) / 1_000, { vendor: 'udesk' });
    if (called.kind === 'refused' && called.code !== null && isSettingCode(called.code))
      logger.error('desk.settings_refused', { endpoint: endpoint.name, code: called.code, hint: called.reason });
    else if (called.kind !== 'answered' && !(called.kind === 'refused' && options.refusalExpected === true))
      logger.warn('desk.call_failed', {
        endpoint: endpoint.name,
        outcome,
        code: called.kind === 'unknown' ? null : called.code,
      });
    return called;
  }

  async #send<S extends ParameterSpecs, R>(
    endpoint: Endpoint<S, R>,
    request: BuiltRequest,
    options: CallOptions,
  ): Promise<Called<R>> {
    const priority = options.priority ?? endpoint.priority;
    try {
      const answer = await this.#breaker.execute(async (): Promise<HttpAnswer | RateGrant> => {
        const grant = await this.budget.acquire(priority, endpoint.cost, PATIENCE_MS[priority], options.signal);
        return grant === 'granted' ? this.#transmit(request, options.signal) : grant;
      });
      return typeof answer === 'string' ? this.#notGranted(answer) : this.#read(endpoint, answer);
    } catch (error) {
      if (isBroken(error))
        return {
          kind: 'not_sent',
          code: 'circuit_open',
          reason: 'Udesk does not answer; calls pause until it does',
          retryAfterMs: 1_000,
        };
      if (error instanceof NetworkNotSentError)
        return {
          kind: 'not_sent',
          code: 'not_sent',
          reason: 'Udesk could not be reached: check UDESK_API_URL and the network',
        };
      return { kind: 'unknown', reason: 'The request left and Udesk did not answer' };
    }
  }

  async #transmit(request: BuiltRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { http, clock, account } = this.#deps;
    const bound = this.#deps.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const query = [...signedQuery(account, clock.now()), ...request.query]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    try {
      return await http.call({
        method: request.method,
        url: `${this.#base}${request.path}?${query}`,
        // A JSON content type on a GET makes the abandoned-queue query fail, so a call without a body has none.
        headers:
          request.body === undefined
            ? { accept: 'application/json' }
            : { accept: 'application/json', 'content-type': 'application/json; charset=utf-8' },
        body: request.body,
        timeoutMs: request.method === 'GET' ? Math.min(bound, READ_TIMEOUT_MS) : bound,
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw new CallerGaveUp('the caller gave up', { cause: error });
      throw error;
    }
  }

  #notGranted(grant: RateGrant): Called<never> {
    if (grant === 'aborted')
      return { kind: 'not_sent', code: 'aborted', reason: 'The call was given up before it left' };
    return {
      kind: 'not_sent',
      code: 'rate_wait',
      reason: "The tenant's calls per minute are spent: see UDESK_CALLS_PER_MINUTE",
      retryAfterMs: Math.max(1_000, this.budget.pauseLeftMs()),
    };
  }

  #read<S extends ParameterSpecs, R>(endpoint: Endpoint<S, R>, answer: HttpAnswer): Called<R> {
    this.#noteClock(answer);
    const envelope = readEnvelope(tryParseJson(answer.body.toString('utf8')));
    if (answer.status === 429) return this.#tooFast(answer, envelope.code);
    if (envelope.code === null) {
      const refusal = refusalOfStatus(answer.status);
      if (refusal !== null) return { kind: 'refused', code: null, httpStatus: answer.status, ...refusal };
      return { kind: 'unknown', reason: `Udesk answered without a code (HTTP ${answer.status})` };
    }
    const { code } = envelope;
    if (endpoint.accepts.includes(code)) {
      this.budget.steady();
      const read = endpoint.result.safeParse(envelope.body);
      if (read.success) return { kind: 'answered', code, result: read.data };
      return { kind: 'unknown', reason: `Udesk answered ${code} in a shape that cannot be read` };
    }
    const { known, ...refusal } = refusalOfCode(code);
    if (known) this.budget.steady();
    else {
      // The code of "over the limit" is published nowhere.
      this.budget.slowDown();
      refusal.retryAfterMs = this.budget.pauseLeftMs();
    }
    return { kind: 'refused', code, httpStatus: answer.status, ...refusal };
  }

  #tooFast(answer: HttpAnswer, code: number | null): Called<never> {
    const seconds = Number(answer.headers['retry-after']);
    this.budget.slowDown(Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined);
    return {
      kind: 'refused',
      code,
      httpStatus: 429,
      next: 'retry',
      reason: refusalOfStatus(429)?.reason ?? '',
      retryAfterMs: this.budget.pauseLeftMs(),
    };
  }

  #noteClock(answer: HttpAnswer): void {
    const date = answer.headers.date;
    const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
    if (!Number.isNaN(at)) this.clockSkewMs = at - this.#deps.clock.now();
  }
}

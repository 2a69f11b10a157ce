import { BuyerlineError } from '../../common/errors.ts';
import type { HttpClient } from '../../common/http-client.ts';
import type { ChangeHub } from '../kernel/change-hub.ts';
import type { DeliveryPlan, DeliverySwitches } from '../kernel/delivery-plan.ts';
import type { SimClock } from '../kernel/sim-clock.ts';
import type { UdeskBehaviour } from './options.ts';
import type { TranscriptLine } from './types.ts';

const TIMEOUTS_TO_PAUSE = 10;
const TIMEOUT_WINDOW_MS = 60_000;
const PAUSE_MS = 60_000;
const LOG_SIZE = 5_000;
const TIMEOUT_CODES = new Set(['TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

export type PushKind = 'agent' | 'urobot' | 'robot' | 'receipt' | 'raw';

export interface PushDelivery {
  serial: number;
  kind: PushKind;
  customerToken: string;
  body: string;
  /** `paused`: swallowed while pushes stand still. `lost`: swallowed on purpose. `nobody`: no receiving URL. */
  state: 'waiting' | 'delivered' | 'failed' | 'timeout' | 'paused' | 'lost' | 'nobody';
  attempts: { atMs: number; status: number | null; tookMs: number }[];
}

export interface Pushes {
  /** Settles after the first copy was answered or given up; never rejects. `lines` learn what became of them. */
  push(
    kind: PushKind,
    customerToken: string,
    body: unknown,
    lines?: TranscriptLine[],
    own?: DeliverySwitches,
  ): Promise<PushDelivery>;
  pushRaw(body: string): Promise<PushDelivery>;
  deliveries(): PushDelivery[];
  setUrl(url: string | undefined): void;
  /** 0 when pushes flow. */
  pausedUntilMs(): number;
}

export interface PushParts {
  clock: SimClock;
  plan: DeliveryPlan;
  http: HttpClient;
  changes: ChangeHub;
  stopping: AbortSignal;
  behaviour: UdeskBehaviour;
  url: string | undefined;
  timeoutMs: number;
  order: 'sequential' | 'concurrent';
  compress: number;
}

/** POSTs to the receiving URL: unsigned, 5 s, no repeats; ten time-outs within 60 s stop everything for 60 s. */
export function createPushes(parts: PushParts): Pushes {
  const { clock } = parts;
  const log: PushDelivery[] = [];
  const chains = new Map<string, Promise<void>>();
  const held: (() => void)[] = [];
  let timeouts: number[] = [];
  let pausedUntil = 0;
  let url = parts.url;
  let serial = 0;

  const paused = () => clock.now() < pausedUntil;

  const resume = () => {
    if (paused()) return;
    for (const send of held.splice(0)) send();
  };

  const countTimeout = () => {
    const now = clock.now();
    timeouts = [...timeouts.filter((at) => now - at < TIMEOUT_WINDOW_MS), now];
    if (timeouts.length < TIMEOUTS_TO_PAUSE) return;
    timeouts = [];
    pausedUntil = now + PAUSE_MS / parts.compress;
    clock.schedule(PAUSE_MS / parts.compress, resume);
    parts.changes.emit('push', { paused: 1 });
  };

  async function post(delivery: PushDelivery, address: string): Promise<void> {
    const startedMs = clock.base.now();
    const attempt = { atMs: clock.now(), status: null as number | null, tookMs: 0 };
    let timedOut = false;
    try {
      const answer = await parts.http.call({
        method: 'POST',
        url: address,
        headers: { 'content-type': 'application/json' },
        body: delivery.body,
        timeoutMs: parts.timeoutMs,
        maxBytes: 64 * 1024,
        signal: parts.stopping,
      });
      attempt.status = answer.status;
    } catch (thrown) {
      timedOut = thrown instanceof BuyerlineError && TIMEOUT_CODES.has(String(thrown.details.code));
    }
    if (parts.stopping.aborted) return;
    attempt.tookMs = clock.base.now() - startedMs;
    delivery.attempts.push(attempt);
    if (attempt.status === 200) delivery.state = 'delivered';
    else if (delivery.state !== 'delivered') delivery.state = timedOut ? 'timeout' : 'failed';
    if (timedOut) countTimeout();
  }

  const inOrder = (key: string, task: () => Promise<void>): Promise<void> => {
    if (parts.order === 'concurrent') return task();
    const next = (chains.get(key) ?? Promise.resolve()).then(task);
    chains.set(key, next);
    void next.then(() => {
      if (chains.get(key) === next) chains.delete(key);
    });
    return next;
  };

  const settle = (delivery: PushDelivery, lines: TranscriptLine[]) => {
    for (const line of lines)
      if (line.push !== 'delivered') line.push = delivery.state === 'delivered' ? 'delivered' : 'failed';
    parts.changes.emit('push', {
      customerToken: delivery.customerToken,
      serial: delivery.serial,
      state: delivery.state,
    });
  };

  const push: Pushes['push'] = (kind, customerToken, body, lines = [], own) =>
    new Promise((resolve) => {
      serial += 1;
      const switches = parts.plan.take(own, kind);
      const delivery: PushDelivery = {
        serial,
        kind,
        customerToken,
        body: typeof body === 'string' && kind === 'raw' ? body : JSON.stringify(body),
        state: 'waiting',
        attempts: [],
      };
      for (const line of lines) line.push = 'waiting';
      log.push(delivery);
      if (log.length > LOG_SIZE) log.splice(0, LOG_SIZE / 10);
      const finish = () => {
        settle(delivery, lines);
        resolve(delivery);
      };
      const address = url;
      if (address === undefined || switches.lost === true) {
        delivery.state = address === undefined ? 'nobody' : 'lost';
        finish();
        return;
      }
      const send = () => {
        if (paused()) {
          if (parts.behaviour.pausedPushes === 'hold') held.push(send);
          else if (delivery.state === 'waiting') {
            delivery.state = 'paused';
            finish();
          }
          return;
        }
        void inOrder(customerToken, () => post(delivery, address)).then(finish);
      };
      parts.plan.dispatch(customerToken, switches, send);
    });

  return {
    push,
    pushRaw: (body) => push('raw', '', body),
    deliveries: () => log,
    setUrl(next) {
      url = next;
    },
    pausedUntilMs: () => (paused() ? pausedUntil : 0),
  };
}

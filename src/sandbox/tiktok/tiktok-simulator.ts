import { systemClock, wait } from '../../common/clock.ts';
import { createHttpClient } from '../../common/http-client.ts';
import { answerControl, isControlPath } from '../control.ts';
import { DEMO_APP, demoTiktokSeed } from '../demo-data/tiktok.ts';
import { type ChangeListener, createChangeHub } from '../kernel/change-hub.ts';
import { createDeliveryPlan } from '../kernel/delivery-plan.ts';
import { createFaultBoard, type Fault, faultAnswers } from '../kernel/faults.ts';
import { jsonAnswer, type SimAnswer, type SimRequest, startSimServer } from '../kernel/http-server.ts';
import { createIdSource } from '../kernel/ids.ts';
import { createRandom } from '../kernel/random.ts';
import { createRateWindow } from '../kernel/rate-window.ts';
import { createSimClock } from '../kernel/sim-clock.ts';
import { createChat } from './chat.ts';
import { CODES, statusOf, TiktokRefusal } from './codes.ts';
import { createTiktokControl, type TiktokControl, tiktokControlRoutes } from './control-methods.ts';
import type { TiktokPlatform } from './endpoint.ts';
import { CHAT_ENDPOINTS } from './endpoints-chat.ts';
import { COMMERCE_ENDPOINTS } from './endpoints-commerce.ts';
import { openEndpoint } from './endpoints-open.ts';
import { createGate, type Gate } from './gate.ts';
import { DEFAULT_LIMITS, DEFAULT_NOISE, DEFAULT_SENSITIVE_WORDS, type TiktokSimulatorOptions } from './options.ts';
import { createPageTokens } from './page-tokens.ts';
import { createWebhooks } from './webhooks.ts';
import { createTiktokWorld } from './world.ts';

const SWEEP_MS = 60_000;
/** Above the 10 MB picture, so that the refusal is the platform's code and not a bare 413. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface TiktokSimulator {
  /** Base of API, token calls and authorise page: `http://127.0.0.1:43125`. */
  url: string;
  /** The same as `/_control/...`; see `src/sandbox/control.ts`. */
  control: TiktokControl;
  /** Tells of every message, conversation and webhook attempt; returns the way to stop listening. */
  onChange(listener: ChangeListener): () => void;
  stop(): Promise<void>;
}

/**
 * TikTok Shop's Open API, webhooks and authorise page on a local port, as strict as the reference says.
 * Example: `const tiktok = await createTiktokSimulator({ webhookUrl: 'http://127.0.0.1:3978/webhooks/tiktok' })`.
 * Rejects when the port is taken.
 */
export async function createTiktokSimulator(options: TiktokSimulatorOptions = {}): Promise<TiktokSimulator> {
  const clock = createSimClock(options.clock ?? systemClock);
  const random = createRandom(options.randomSeed ?? 1);
  const ids = createIdSource(() => clock.base.now(), random);
  const world = createTiktokWorld((options.seed ?? demoTiktokSeed)(clock.now()), clock, ids);
  const changes = createChangeHub('tiktok', clock.now);
  const plan = createDeliveryPlan(clock.base, random);
  const http = createHttpClient({ connectionsPerOrigin: 64 });
  const stopping = new AbortController();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const appKey = options.appKey ?? DEMO_APP.appKey;
  const appSecret = options.appSecret ?? DEMO_APP.appSecret;
  const webhooks = createWebhooks({
    world,
    clock,
    plan,
    http,
    changes,
    stopping: stopping.signal,
    appKey,
    appSecret,
    url: options.webhookUrl,
    version: options.webhookVersion ?? 'current',
    compress: options.compress ?? 1,
    timeoutMs: options.webhookTimeoutMs ?? 3_000,
    retryUnauthorised: options.retryUnauthorised ?? false,
  });
  const noise = { ...DEFAULT_NOISE, ...options.noise };
  let url = '';
  const platform: TiktokPlatform = {
    appKey,
    appSecret,
    serviceId: options.serviceId ?? DEMO_APP.serviceId,
    world,
    chat: createChat(world, webhooks, noise, changes),
    faults: createFaultBoard(),
    limits,
    pages: createPageTokens(`${appSecret}/pages`),
    perSecond: createRateWindow(limits.perSecond, 1_000),
    perCoupon: createRateWindow(limits.couponWindowMs > 0 ? 1 : 0, limits.couponWindowMs),
    sensitiveWords: [...(options.sensitiveWords ?? DEFAULT_SENSITIVE_WORDS)],
    mediaTtlMs: options.mediaTtlMs,
    authorise: options.authorise ?? 'page',
    oauthRedirectUrl: options.oauthRedirectUrl,
    daily: new Map(),
    calls: new Map(),
    url: () => url,
  };
  const endpoints = [...CHAT_ENDPOINTS, ...COMMERCE_ENDPOINTS];
  const gate = createGate(endpoints, platform);
  const control = createTiktokControl({ platform, webhooks, plan, changes, noise, endpoints });
  const routes = tiktokControlRoutes(control);

  const sweepLoop = () => {
    platform.chat.sweep();
    clock.schedule(SWEEP_MS, sweepLoop);
  };

  const server = await startSimServer({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    maxBodyBytes: MAX_BODY_BYTES,
    answer(request) {
      if (isControlPath(request)) return answerControl(routes, changes, request);
      platform.chat.sweep();
      return openEndpoint(request, platform) ?? answerApi(request, platform, gate);
    },
  });
  url = server.url;
  sweepLoop();

  return {
    url,
    control,
    onChange: changes.onChange,
    async stop() {
      stopping.abort();
      clock.stop();
      await server.stop();
      await http.close();
    },
  };
}

async function answerApi(request: SimRequest, platform: TiktokPlatform, gate: Gate): Promise<SimAnswer> {
  let name = 'unknown';
  let fault: Fault | undefined;
  let answer: SimAnswer;
  try {
    const routed = gate.route(request);
    name = routed.endpoint.name;
    fault = platform.faults.take(name);
    if (fault?.delayMs !== undefined) await wait(platform.world.clock.base, fault.delayMs);
    if (fault !== undefined && faultAnswers(fault) && fault.afterEffect !== true)
      return counted(platform, name, fault.code ?? -1, faultAnswer(fault, platform));
    const data = routed.endpoint.run(gate.admit(request, routed), platform);
    answer = envelope(platform, 0, 'Success', data);
    counted(platform, name, 0, answer);
  } catch (thrown) {
    if (!(thrown instanceof TiktokRefusal)) throw thrown;
    return counted(platform, name, thrown.code, envelope(platform, thrown.code, thrown.message));
  }
  if (fault !== undefined && faultAnswers(fault)) return faultAnswer(fault, platform);
  return answer;
}

function counted(platform: TiktokPlatform, name: string, code: number, answer: SimAnswer): SimAnswer {
  const key = `${name}:${code}`;
  platform.calls.set(key, (platform.calls.get(key) ?? 0) + 1);
  return answer;
}

function envelope(platform: TiktokPlatform, code: number, message: string, data?: unknown): SimAnswer {
  const requestId = `${new Date(platform.world.clock.now()).toISOString().replace(/\D/g, '').slice(0, 14)}${platform.world.ids.next()}`;
  const body = { code, message, request_id: requestId, ...(data === undefined ? {} : { data }) };
  return jsonAnswer(statusOf(code), body);
}

function faultAnswer(fault: Fault, platform: TiktokPlatform): SimAnswer {
  if (fault.drop === true) return { kind: 'drop' };
  const headers = fault.retryAfterSec === undefined ? {} : { 'retry-after': String(fault.retryAfterSec) };
  if (fault.code === undefined) return { kind: 'answer', status: fault.status ?? 500, headers, body: '' };
  const message = fault.message ?? (fault.code === CODES.INTERNAL ? 'internal error' : 'fault');
  const body = { code: fault.code, message, request_id: platform.world.ids.next() };
  return jsonAnswer(fault.status ?? statusOf(fault.code), body, headers);
}

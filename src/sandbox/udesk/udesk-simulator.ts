import { systemClock, wait } from '../../common/clock.ts';
import { createHttpClient } from '../../common/http-client.ts';
import { answerControl, isControlPath } from '../control.ts';
import { DEMO_DESK, demoUdeskSeed } from '../demo-data/udesk.ts';
import { type ChangeListener, createChangeHub } from '../kernel/change-hub.ts';
import { createDeliveryPlan } from '../kernel/delivery-plan.ts';
import { createFaultBoard, type Fault, faultAnswers } from '../kernel/faults.ts';
import { jsonAnswer, type SimAnswer, type SimRequest, startSimServer, textAnswer } from '../kernel/http-server.ts';
import { createRandom } from '../kernel/random.ts';
import { createRateWindow } from '../kernel/rate-window.ts';
import { compilePath } from '../kernel/routes.ts';
import { createSimClock } from '../kernel/sim-clock.ts';
import { CODES, refuse, UdeskRefusal } from './codes.ts';
import { createUdeskControl, type UdeskControl, udeskControlRoutes } from './control-methods.ts';
import { createDesk } from './desk.ts';
import type { UdeskCall, UdeskEndpoint, UdeskPlatform } from './endpoint.ts';
import { CUSTOMER_ENDPOINTS } from './endpoints-customers.ts';
import { MESSAGE_ENDPOINTS } from './endpoints-messages.ts';
import { QUERY_ENDPOINTS } from './endpoints-queries.ts';
import { SESSION_ENDPOINTS } from './endpoints-sessions.ts';
import { STRUCT_ENDPOINTS } from './endpoints-struct.ts';
import { createUdeskGate } from './gate.ts';
import { DEFAULT_BEHAVIOUR, type UdeskSimulatorOptions } from './options.ts';
import { createPushes } from './pushes.ts';
import { createUrobotDesk } from './urobot.ts';
import { createUdeskWorld } from './world.ts';

const BASE = '/open_api_v1';
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const ENDPOINTS: readonly UdeskEndpoint[] = [
  ...STRUCT_ENDPOINTS,
  ...SESSION_ENDPOINTS,
  ...MESSAGE_ENDPOINTS,
  ...QUERY_ENDPOINTS,
  ...CUSTOMER_ENDPOINTS,
];

export interface UdeskSimulator {
  /** Origin without path; the control API hangs below it. */
  url: string;
  /** What `UDESK_API_URL` wants: origin + `/open_api_v1`. */
  apiUrl: string;
  /** The same as `/_control/...`; see `src/sandbox/control.ts`. */
  control: UdeskControl;
  /** Tells of every message, session, queue and push; returns the way to stop listening. */
  onChange(listener: ChangeListener): () => void;
  stop(): Promise<void>;
}

/**
 * Udesk's IM open API, agent desk, urobot and pushes on a local port, as strict as the reference says.
 * Example: `const udesk = await createUdeskSimulator({ pushUrl: 'http://127.0.0.1:3978/webhooks/udesk/secret' })`.
 * Rejects when the port is taken.
 */
export async function createUdeskSimulator(options: UdeskSimulatorOptions = {}): Promise<UdeskSimulator> {
  const clock = createSimClock(options.clock ?? systemClock);
  const behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  behaviour.sensitiveWords = [...behaviour.sensitiveWords];
  const world = createUdeskWorld((options.seed ?? demoUdeskSeed)(), clock, behaviour);
  const changes = createChangeHub('udesk', clock.now);
  const plan = createDeliveryPlan(clock.base, createRandom(options.randomSeed ?? 1));
  const http = createHttpClient();
  const stopping = new AbortController();
  const pushes = createPushes({
    clock,
    plan,
    http,
    changes,
    stopping: stopping.signal,
    behaviour,
    url: options.pushUrl,
    timeoutMs: options.pushTimeoutMs ?? 5_000,
    order: options.pushOrder ?? 'sequential',
    compress: options.compress ?? 1,
  });
  const email = options.email ?? DEMO_DESK.email;
  const apiToken = options.apiToken ?? DEMO_DESK.apiToken;
  const overLimit = options.overLimit ?? { status: 429, code: CODES.FAILED };
  const platform: UdeskPlatform = {
    world,
    desk: createDesk(world, pushes, changes),
    urobot: createUrobotDesk(world, pushes, changes),
    pushes,
    faults: createFaultBoard(),
    changes,
    email,
    apiToken,
    password: options.password ?? DEMO_DESK.password,
    structKey: options.structKey ?? DEMO_DESK.structKey,
    perPreview: createRateWindow(3, 1_000),
    perStruct: createRateWindow(1, 2_000),
    overLimit,
    calls: new Map(),
    repeats: { count: 0 },
  };
  const gate = createUdeskGate({
    clock,
    email,
    apiToken,
    hash: options.signHash ?? 'sha256',
    perMinute: createRateWindow(options.callsPerMinute ?? 60, 60_000),
    overLimit,
  });
  const control = createUdeskControl(platform, plan, ENDPOINTS);
  const routes = udeskControlRoutes(control);
  const server = await startSimServer({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    maxBodyBytes: MAX_BODY_BYTES,
    answer: (request) =>
      isControlPath(request) ? answerControl(routes, changes, request) : answerApi(request, platform, gate),
  });
  return {
    url: server.url,
    apiUrl: `${server.url}${BASE}`,
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

const ROUTES = ENDPOINTS.map((endpoint) => ({ endpoint, pattern: compilePath(BASE + endpoint.path) }));

async function answerApi(
  request: SimRequest,
  platform: UdeskPlatform,
  gate: (request: SimRequest) => void,
): Promise<SimAnswer> {
  for (const { endpoint, pattern } of ROUTES) {
    if (endpoint.method !== request.method) continue;
    const params = pattern.match(request.path);
    if (params !== null) return answerEndpoint(endpoint, params, request, platform, gate);
  }
  return textAnswer(404, 'text/html', '<h1>404 Not Found</h1>');
}

async function answerEndpoint(
  endpoint: UdeskEndpoint,
  params: Record<string, string>,
  request: SimRequest,
  platform: UdeskPlatform,
  gate: (request: SimRequest) => void,
): Promise<SimAnswer> {
  const fault = platform.faults.take(endpoint.name);
  if (fault?.delayMs !== undefined) await wait(platform.world.clock.base, fault.delayMs);
  const answers = fault !== undefined && faultAnswers(fault);
  if (answers && fault.afterEffect !== true) return counted(platform, endpoint, fault.code ?? -1, faultAnswer(fault));
  try {
    if (endpoint.sign === undefined) gate(request);
    const call: UdeskCall = { request, params, body: readJsonBody(request) };
    const result = (await endpoint.run(call, platform)) as Record<string, unknown>;
    const success = endpoint.sign === 'struct' ? { status: CODES.OK } : { code: CODES.OK };
    const body = { ...success, ...(endpoint.envelope === 'general' ? { code_message: 'success' } : {}), ...result };
    if (answers) return faultAnswer(fault);
    return counted(platform, endpoint, Number(body.code ?? CODES.OK), jsonAnswer(200, body));
  } catch (thrown) {
    if (!(thrown instanceof UdeskRefusal)) throw thrown;
    return counted(platform, endpoint, thrown.code, refusal(thrown, endpoint));
  }
}

function refusal(thrown: UdeskRefusal, endpoint: UdeskEndpoint): SimAnswer {
  if (thrown.envelope === 'general' || endpoint.envelope === 'general')
    return jsonAnswer(thrown.status, { code: thrown.code, code_message: thrown.message, exception: thrown.message });
  const name = endpoint.sign === 'struct' ? 'status' : 'code';
  return jsonAnswer(thrown.status, { [name]: thrown.code, message: thrown.message });
}

function readJsonBody(request: SimRequest): Record<string, unknown> {
  if (request.method !== 'POST' && request.method !== 'PUT') return {};
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refuse(CODES.FAILED, 'the content type must be application/json');
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  return refuse(CODES.FAILED, 'the body is not a JSON object');
}

function counted(platform: UdeskPlatform, endpoint: UdeskEndpoint, code: number, answer: SimAnswer): SimAnswer {
  const key = `${endpoint.name}:${code}`;
  platform.calls.set(key, (platform.calls.get(key) ?? 0) + 1);
  return answer;
}

function faultAnswer(fault: Fault): SimAnswer {
  if (fault.drop === true) return { kind: 'drop' };
  const headers = fault.retryAfterSec === undefined ? {} : { 'retry-after': String(fault.retryAfterSec) };
  if (fault.code === undefined) return { kind: 'answer', status: fault.status ?? 500, headers, body: '' };
  return jsonAnswer(fault.status ?? 200, { code: fault.code, message: fault.message ?? 'fault' }, headers);
}

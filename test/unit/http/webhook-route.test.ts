import { afterEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../../src/common/errors.ts';
import type { WebhookRequest, WebhookResult } from '../../../src/contracts/channel.ts';
import type { AsideRecord, InboundEvent } from '../../../src/contracts/inbound.ts';
import { type Logger, silentLogger } from '../../../src/contracts/logger.ts';
import { type Metrics, noMetrics } from '../../../src/contracts/metrics.ts';
import { createHealthRoutes } from '../../../src/http/health-routes.ts';
import { createDeskPushRoute, createWebhookRoute, type Ingest } from '../../../src/http/webhook-route.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';
import { eventually, exchange, rawSocket, serveRoutes, stopAll } from './raw.ts';

afterEach(stopAll);

const event: InboundEvent = {
  eventKey: 'tiktok:1:n:2',
  messageKey: null,
  bodyHash: null,
  source: 'webhook',
  target: { by: 'shop', channel: 'tiktok', shopId: '1' },
  order: { index: null, at: null },
  body: { kind: 'other', what: 'test' },
};
const aside: AsideRecord = { source: 'tiktok', reason: 'unreadable', detail: 'not JSON', raw: 'x' };

function parts(ingest: Ingest) {
  const counted: string[] = [];
  const warned: Record<string, unknown>[] = [];
  const metrics: Metrics = {
    ...noMetrics,
    count: (name, labels) => {
      if (name === 'buyerline_webhooks_total') counted.push(`${labels?.channel} ${labels?.answer}`);
    },
  };
  const logger: Logger = { ...silentLogger, warn: (name, facts) => warned.push({ name, ...facts }) };
  return { counted, warned, shared: { ingest, metrics, logger, clock: createFakeClock() } };
}

async function serveWebhook(
  receive: (request: WebhookRequest) => WebhookResult | Promise<WebhookResult>,
  ingest: Ingest,
) {
  const { counted, warned, shared } = parts(ingest);
  const route = createWebhookRoute({ path: '/webhooks/tiktok', channelName: 'tiktok', receive, ...shared });
  return { counted, warned, ...(await serveRoutes([route], { clock: shared.clock })) };
}

const post = (url: string, body = '{}', headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

describe('createWebhookRoute', () => {
  it('gives the channel the raw bytes and acknowledges only when they are durable', async () => {
    const seen: WebhookRequest[] = [];
    const stored: unknown[] = [];
    let commit: (() => void) | undefined;
    const { port, counted } = await serveWebhook(
      (request) => {
        seen.push(request);
        return { kind: 'accepted', events: [event], aside: [aside] };
      },
      (input) => {
        stored.push(input);
        return new Promise((resolve) => {
          commit = resolve;
        });
      },
    );
    const raw = await rawSocket(port);
    raw.write('POST /webhooks/tiktok HTTP/1.1\r\nHost: h\r\nAuthorization: ab\r\nContent-Length: 4\r\n\r\n{\xff}\n');
    await eventually(() => commit !== undefined);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(raw.received()).toBe('');
    commit?.();
    expect(await raw.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200 [\s\S]*content-length: 0\r\n/);
    expect(seen[0]?.headers.authorization).toBe('ab');
    expect(seen[0]?.rawBody).toHaveLength(4);
    expect(stored).toMatchObject([{ events: [event], aside: [aside] }]);
    expect(counted).toEqual(['tiktok accepted']);
  });

  it('answers 401 empty, stores nothing and logs a flood as one line', async () => {
    const stored: unknown[] = [];
    const { url, counted, warned } = await serveWebhook(
      () => ({ kind: 'refused', reason: 'signature' }),
      async (input) => void stored.push(input),
    );
    for (let i = 0; i < 3; i++) {
      const answer = await post(`${url}/webhooks/tiktok`);
      expect([answer.status, await answer.text()]).toEqual([401, '']);
    }
    expect(stored).toEqual([]);
    expect(counted).toEqual(Array(3).fill('tiktok refused'));
    expect(warned).toEqual([{ name: 'webhook.refused', channel: 'tiktok', reason: 'signature', heldBack: 0 }]);
  });

  it('answers 503 when the store is down and 500 to a bug, so that the platform repeats', async () => {
    let error: Error = new StoreUnavailableError('no disk');
    const { url, counted } = await serveWebhook(
      async () => ({ kind: 'accepted', events: [event], aside: [] }),
      () => Promise.reject(error),
    );
    const down = await post(`${url}/webhooks/tiktok`);
    expect([down.status, await down.text()]).toEqual([503, '']);
    error = new TypeError('bug');
    const bug = await post(`${url}/webhooks/tiktok`);
    expect([bug.status, await bug.text()]).toEqual([500, '']);
    expect(counted).toEqual(['tiktok unavailable', 'tiktok failed']);
  });

  it('does not trouble the store when there is nothing to keep', async () => {
    const { url } = await serveWebhook(
      () => ({ kind: 'accepted', events: [], aside: [] }),
      () => Promise.reject(new StoreUnavailableError('must not be asked')),
    );
    expect((await post(`${url}/webhooks/tiktok`)).status).toBe(200);
  });
});

describe('createDeskPushRoute', () => {
  async function serveDesk(ingest: Ingest = async () => {}) {
    const bodies: string[] = [];
    const { counted, warned, shared } = parts(ingest);
    const route = createDeskPushRoute({
      desk: {
        webhookPath: '/webhooks/udesk/:secret',
        secretFits: (secret) => secret === 'right secret',
        receive: (rawBody) => {
          bodies.push(rawBody.toString());
          return { events: [event], aside: [] };
        },
      },
      ...shared,
    });
    return { bodies, counted, warned, ...(await serveRoutes([route], { clock: shared.clock })) };
  }

  it('answers 200 empty to the right secret', async () => {
    const { url, bodies, counted } = await serveDesk();
    const answer = await post(`${url}/webhooks/udesk/right%20secret`, 'push');
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(bodies).toEqual(['push']);
    expect(counted).toEqual(['udesk accepted']);
  });

  it('answers a wrong secret exactly like an unknown path, and does not log it', async () => {
    const { port, bodies, counted, warned } = await serveDesk();
    const ask = async (path: string) => {
      const head = await exchange(port, `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\npush`);
      return head.replace(/^date:.*\r\n/im, '');
    };
    const unknown = await ask('/nowhere/at/all');
    expect(unknown).toMatch(/^HTTP\/1\.1 404 /);
    expect(await ask('/webhooks/udesk/wrong')).toBe(unknown);
    expect(await ask('/webhooks/udesk/%ff')).toBe(unknown);
    expect(await ask('/webhooks/udesk/')).toBe(unknown);
    expect(bodies).toEqual([]);
    expect(counted).toEqual(['udesk refused']);
    expect(JSON.stringify(warned)).not.toContain('wrong"');
    expect(warned).toHaveLength(1);
  });

  it('answers 503 when the store is down', async () => {
    const { url, counted } = await serveDesk(() => Promise.reject(new StoreUnavailableError('no disk')));
    expect((await post(`${url}/webhooks/udesk/right%20secret`)).status).toBe(503);
    expect(counted).toEqual(['udesk unavailable']);
  });
});

describe('createHealthRoutes', () => {
  const metrics = { render: async () => 'a_total 1\n', contentType: 'text/plain; version=0.0.4' };

  it('is healthy while the process answers, ready while nothing fails', async () => {
    const failing: string[] = [];
    const { url } = await serveRoutes(createHealthRoutes({ readiness: async () => ({ failing }), metrics }));
    const ask = async (path: string) => {
      const answer = await fetch(url + path);
      return [answer.status, await answer.json()];
    };
    expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
    failing.push('store');
    expect(await ask('/readyz')).toEqual([503, { status: 'not ready', failing: ['store'] }]);
    expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
  });

  it('shows the metrics', async () => {
    const { url } = await serveRoutes(createHealthRoutes({ readiness: async () => ({ failing: [] }), metrics }));
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await answer.text()).toBe('a_total 1\n');
  });
});

import type { HttpReply, HttpRoute } from '../contracts/http.ts';

export interface HealthRoutesOptions {
  /** Runs the checks; names what fails, and nothing else about it. `createReadiness` of `observability/` is one. */
  readiness(): Promise<{ failing: string[] }>;
  metrics: { render(): Promise<string>; readonly contentType: string };
}

const json = (status: number, body: unknown): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});

/**
 * `/healthz`: the process answers, always 200 `{"status":"ok"}`. Restart it when this fails.
 * `/readyz`: 200 `{"status":"ready"}` or 503 `{"status":"not ready","failing":["store"]}`. Send it no traffic while this fails.
 * `/metrics`: Prometheus text.
 */
export function createHealthRoutes(options: HealthRoutesOptions): HttpRoute[] {
  return [
    { method: 'GET', path: '/healthz', handle: () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      async handle() {
        const { failing } = await options.readiness();
        return failing.length === 0 ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', failing });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      async handle() {
        const body = await options.metrics.render();
        return { status: 200, headers: { 'content-type': options.metrics.contentType }, body };
      },
    },
  ];
}

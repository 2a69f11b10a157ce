import { isIP } from 'node:net';
import { type ZodType, z } from 'zod';
import type { HttpReply, HttpRequest, HttpRoute } from '../contracts/http.ts';
import { ControlError } from './control.ts';

/** Pictures travel as base64 inside the JSON. */
const MAX_BODY_BYTES = 1024 * 1024;

export const jsonReply = (status: number, value: unknown): HttpReply => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  },
  body: JSON.stringify(value),
});

export const refusal = (status: number, error: string): HttpReply => jsonReply(status, { error });

/**
 * Whether the request names this machine as a person would: `localhost`, an address in figures, or the host of `ownUrl`. Any other name
 * may be a foreign site's that was pointed at this machine (DNS rebinding), whose scripts must not play with the demo.
 */
export function isOwnHost(host: string | undefined, ownUrl: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return true;
  return ownUrl !== undefined && URL.canParse(ownUrl) && new URL(ownUrl).hostname === hostname;
}

/** Browsers name the page's origin with every POST; a client that names none is not a browser. */
function isSameOrigin(request: HttpRequest): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

export interface GuardOptions {
  ownUrl(): string | undefined;
}

/** A GET of the demo: 403 under a foreign host name. */
export function guardedGet(path: string, options: GuardOptions, handle: HttpRoute['handle']): HttpRoute {
  return {
    method: 'GET',
    path,
    handle: (request) =>
      isOwnHost(request.headers.host, options.ownUrl()) ? handle(request) : refusal(403, FOREIGN_HOST),
  };
}

const FOREIGN_HOST = 'open the demo as 127.0.0.1 or localhost, or set PUBLIC_URL to the address you use';

/**
 * A POST that changes something: 403 from another site, 415 unless JSON, 413 when large, 400 `{error}` naming each wrong field,
 * 404 `{error}` for a session, agent or conversation that is not there. `run` answers what goes beside `ok`.
 */
export function guardedPost<T>(
  path: string,
  options: GuardOptions,
  schema: ZodType<T>,
  run: (input: T, request: HttpRequest) => Record<string, unknown>,
): HttpRoute {
  return {
    method: 'POST',
    path,
    handle(request) {
      if (!isOwnHost(request.headers.host, options.ownUrl())) return refusal(403, FOREIGN_HOST);
      if (!isSameOrigin(request)) return refusal(403, 'this call may only come from the demo page itself');
      if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
        return refusal(415, 'send JSON, with content-type: application/json');
      if (request.rawBody.length > MAX_BODY_BYTES) return refusal(413, 'the body is larger than 1 MiB');
      let input: unknown;
      try {
        input = JSON.parse(request.rawBody.toString('utf8'));
      } catch {
        return refusal(400, 'the body is not JSON');
      }
      const read = schema.safeParse(input);
      if (!read.success) return refusal(400, z.prettifyError(read.error));
      try {
        return jsonReply(200, { ok: true, ...run(read.data, request) });
      } catch (thrown) {
        if (thrown instanceof DemoInputError) return refusal(400, thrown.message);
        if (thrown instanceof ControlError) return refusal(404, thrown.message);
        throw thrown;
      }
    },
  };
}

/** Input of the right shape that cannot be used; becomes 400. */
export class DemoInputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoInputError';
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { demoCredentials, type UdeskSimulator } from '../../../../src/sandbox/index.ts';

export interface UdeskCallOptions {
  query?: Record<string, string> | [string, string][];
  body?: unknown;
  hash?: 'sha256' | 'sha1';
  nonce?: string;
  timestamp?: string;
  sign?: string;
  email?: string;
  contentType?: string | null;
}

export interface UdeskAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes; goes when the shapes get schemas.
  json: any;
}

export async function callUdesk(
  simulator: UdeskSimulator,
  method: string,
  path: string,
  options: UdeskCallOptions = {},
): Promise<UdeskAnswer> {
  const demo = demoCredentials({ tiktokUrl: '', udeskUrl: simulator.url, nowMs: 0 }).udesk;
  const email = options.email ?? demo.email;
  const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000));
  const nonce = options.nonce ?? randomUUID();
  const sign =
    options.sign ??
    createHash(options.hash ?? 'sha256')
      .update([email, demo.apiToken, timestamp, nonce, 'v2'].join('&'))
      .digest('hex');
  const query = new URLSearchParams(options.query ?? {});
  for (const [name, value] of Object.entries({ email, timestamp, sign, nonce, sign_version: 'v2' }))
    query.set(name, value);
  const headers: Record<string, string> = {};
  const type =
    options.contentType === undefined ? (options.body === undefined ? null : 'application/json') : options.contentType;
  if (type !== null) headers['content-type'] = type;
  const body =
    options.body === undefined
      ? undefined
      : typeof options.body === 'string'
        ? options.body
        : JSON.stringify(options.body);
  const answer = await fetch(`${simulator.apiUrl}${path}?${query}`, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
}

export const createAgentSession = (simulator: UdeskSimulator, customerToken: string, more: object = {}) =>
  callUdesk(simulator, 'POST', '/im/sessions', {
    body: { customer_token: customerToken, assign_type: 'agent', ...more },
  });

export const sendToUdesk = (simulator: UdeskSimulator, body: object) =>
  callUdesk(simulator, 'POST', '/im/messages', { body });

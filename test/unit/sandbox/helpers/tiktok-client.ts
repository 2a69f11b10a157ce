import { createHmac } from 'node:crypto';
import { demoCredentials, type TiktokSimulator } from '../../../../src/sandbox/index.ts';

export interface CallOptions {
  query?: Record<string, string>;
  /** An object is serialised; a string goes as it stands. */
  body?: unknown;
  form?: { name: string; bytes: Buffer; filename: string };
  /** Place in the demo's list of shops, default 0. */
  shop?: number;
  cipher?: string | null;
  appKey?: string;
  token?: string | null;
  timestamp?: string | null;
  sign?: string | null;
  contentType?: string;
}

export interface ApiAnswer {
  status: number;
  code: number;
  message: string;
  requestId: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes; goes when the shapes get schemas.
  data: any;
}

export const credentials = (simulator: { url: string }) =>
  demoCredentials({ tiktokUrl: simulator.url, udeskUrl: '', nowMs: Date.now() }).tiktok;

/** Signs by its own few lines, so that it can disagree with the simulator. */
export async function callTiktok(
  simulator: TiktokSimulator,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const demo = credentials(simulator);
  const shop = demo.shops[options.shop ?? 0];
  const query: Record<string, string> = { app_key: options.appKey ?? demo.appKey, ...options.query };
  const timestamp = options.timestamp === undefined ? String(Math.floor(Date.now() / 1000)) : options.timestamp;
  if (timestamp !== null) query.timestamp = timestamp;
  const cipher = options.cipher === undefined ? shop?.cipher : options.cipher;
  if (cipher !== null && cipher !== undefined) query.shop_cipher = cipher;
  let body: string | Buffer | undefined;
  let signed = '';
  let contentType = options.contentType ?? 'application/json';
  if (options.form !== undefined) {
    contentType = options.contentType ?? 'multipart/form-data; boundary=cut';
    const head = `--cut\r\nContent-Disposition: form-data; name="${options.form.name}"; filename="${options.form.filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    body = Buffer.concat([Buffer.from(head), options.form.bytes, Buffer.from('\r\n--cut--\r\n')]);
  } else if (options.body !== undefined) {
    body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    signed = body;
  }
  const pairs = Object.keys(query)
    .sort()
    .map((name) => `${name}${query[name]}`)
    .join('');
  const text = `${demo.appSecret}${path}${pairs}${signed}${demo.appSecret}`;
  const sign =
    options.sign === undefined ? createHmac('sha256', demo.appSecret).update(text).digest('hex') : options.sign;
  if (sign !== null) query.sign = sign;
  const headers: Record<string, string> = { 'content-type': contentType };
  const token = options.token === undefined ? shop?.accessToken : options.token;
  if (token !== null && token !== undefined) headers['x-tts-access-token'] = token;
  const answer = await fetch(`${simulator.url}${path}?${new URLSearchParams(query)}`, { method, headers, body });
  const json = (await answer.json()) as Record<string, unknown>;
  return {
    status: answer.status,
    code: json.code as number,
    message: String(json.message),
    requestId: String(json.request_id),
    data: json.data,
  };
}

export const sendText = (simulator: TiktokSimulator, conversationId: string, text: string) =>
  callTiktok(simulator, 'POST', `/customer_service/202309/conversations/${conversationId}/messages`, {
    body: { type: 'TEXT', content: JSON.stringify({ content: text }) },
  });

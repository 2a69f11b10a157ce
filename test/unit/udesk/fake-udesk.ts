import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/common/clock.ts';

export const ACCOUNT = { email: 'ops+shop@example.com', apiToken: 'tok-0000-1111' };

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  contentType: string | undefined;
  body: Record<string, unknown>;
}

/** `cut`: done, then the connection breaks before the answer. `drop`: it breaks before anything is done. `hang`: no answer ever. */
export type Fault = 'cut' | 'drop' | 'hang' | { status: number; body?: string; headers?: Record<string, string> };

interface Session {
  token: string;
  open: boolean;
}

/**
 * A small Udesk for tests: real HTTP, its own signature code, five-minute clock window, single-use nonce, one live session a customer.
 * It keeps what it saw, so that a test can compare requests with the vendor's list.
 */
export class FakeUdesk {
  people: 'free' | 'busy' | 'assigning' | 'nobody' = 'free';
  hash: 'sha256' | 'sha1' = 'sha256';
  readonly seen: Seen[] = [];
  readonly messages: Record<string, unknown>[] = [];
  readonly votes: Record<string, unknown>[] = [];
  readonly customers = new Map<string, { id: number; name: string }>();
  readonly sessions = new Map<number, Session>();
  readonly queue = new Set<string>();
  /** Answers in place of the real ones, by path: `/im/messages` -> the next calls of it. */
  readonly faults = new Map<string, Fault[]>();
  groups = new Set(['7']);
  readonly #clock: Clock;
  readonly #nonces = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #nextId = 900;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/open_api_v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  fail(path: string, ...faults: Fault[]): void {
    this.faults.set(path, [...(this.faults.get(path) ?? []), ...faults]);
  }

  calls(path: string): Seen[] {
    return this.seen.filter((one) => one.path === path);
  }

  openSessionOf(token: string): number | undefined {
    for (const [id, session] of this.sessions) if (session.open && session.token === token) return id;
    return undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://fake');
    const path = url.pathname.replace('/open_api_v1', '');
    const text = Buffer.concat(chunks).toString('utf8');
    const seen: Seen = {
      method: request.method ?? '',
      path,
      query: url.searchParams,
      contentType: request.headers['content-type'],
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    this.seen.push(seen);
    const fault = this.faults.get(path)?.shift();
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    if (fault === 'hang') return;
    response.setHeader('date', new Date(this.#clock.now()).toUTCString());
    if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const refused = this.#checkSignature(url);
    const answer = refused === null ? this.#answer(seen) : { code: refused, code_message: '...', exception: null };
    if (fault === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #checkSignature(url: URL): number | null {
    // Read from the raw query: URLSearchParams would turn a bare "+" into a blank.
    const raw = new Map(
      url.search
        .slice(1)
        .split('&')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), decodeURIComponent(pair.slice(pair.indexOf('=') + 1))]),
    );
    const timestamp = raw.get('timestamp') ?? '';
    const nonce = raw.get('nonce') ?? '';
    if (!/^\d{10}$/.test(timestamp)) return 20621;
    if (Math.abs(this.#clock.now() / 1000 - Number(timestamp)) > 300) return 20622;
    if (nonce === '') return 20624;
    if (this.#nonces.has(nonce)) return 20623;
    this.#nonces.add(nonce);
    const expected = createHash(this.hash)
      .update([ACCOUNT.email, ACCOUNT.apiToken, timestamp, nonce, 'v2'].join('&'))
      .digest('hex');
    return raw.get('email') === ACCOUNT.email && raw.get('sign') === expected && raw.get('sign_version') === 'v2'
      ? null
      : 2059;
  }

  #answer(seen: Seen): Record<string, unknown> {
    const { method, path, query, body } = seen;
    switch (`${method} ${path}`) {
      case 'GET /customers/get_customer': {
        const customer = this.customers.get(query.get('content') ?? '');
        return customer === undefined
          ? { code: 2000 }
          : { code: 1000, customer: { id: customer.id, nick_name: customer.name } };
      }
      case 'POST /customers': {
        const { open_api_token: token, nick_name: name } = body.customer as Record<string, string>;
        return { code: 1000, customer: { id: this.#addCustomer(token ?? '', name ?? '').id } };
      }
      case 'PUT /customers/update_customer': {
        const customer = this.customers.get(query.get('content') ?? '');
        if (customer === undefined) return { code: 2000 };
        customer.name = (body.customer as Record<string, string>).nick_name ?? '';
        return { code: 1000, customer: { id: customer.id } };
      }
      case 'POST /im/sessions':
        return this.#createSession(body);
      case 'POST /im/messages':
        return this.#message(body);
      case 'DELETE /im/sessions/close_queue':
        return { code: this.queue.delete(query.get('customer_token') ?? '') ? 1000 : 2062 };
      case 'POST /im/sessions/survey':
        if (this.votes.some((vote) => vote.im_sub_session_id === body.im_sub_session_id)) return { code: 2000 };
        this.votes.push(body);
        return { code: 1000, message: '...' };
      case 'GET /im/queue_status':
        return { code: 1000, ...this.#queueStatus(query.get('customer_token') ?? '') };
      case 'GET /im/customer_status':
        return { code: 1000, ...this.#customerStatus(query.get('customer_token') ?? '') };
      case 'GET /im/agent_status':
        if (query.has('group_id') && !this.groups.has(query.get('group_id') ?? '')) return { code: 11012 };
        return {
          code: 1000,
          agents: [{ id: 5, name: 'Mia', im_status: this.people === 'nobody' ? 'offline' : 'online' }],
        };
      default:
        return method === 'DELETE' && path.startsWith('/im/sessions/') ? this.#close(path) : { code: 2000 };
    }
  }

  #addCustomer(token: string, name: string): { id: number; name: string } {
    const known = this.customers.get(token);
    if (known !== undefined) return known;
    this.#nextId += 1;
    const customer = { id: this.#nextId, name };
    this.customers.set(token, customer);
    return customer;
  }

  #createSession(body: Record<string, unknown>): Record<string, unknown> {
    const token = String(body.customer_token);
    this.#addCustomer(token, `API匿名用户(${token})`);
    const answer = { message: 'text', assign_type: 'agent' };
    let id = this.openSessionOf(token);
    if (id === undefined && this.people !== 'free') {
      if (this.people === 'nobody') return { ...answer, code: 2002, assign_info: { count: 0 } };
      if (this.people === 'assigning') return { ...answer, code: 2001, assign_info: { count: 0 } };
      this.queue.add(token);
      return { ...answer, code: 2001, assign_info: { count: 3, queue: 'queue:company:1:agent:486' } };
    }
    this.queue.delete(token);
    if (id === undefined) {
      this.#nextId += 1;
      id = this.#nextId;
      this.sessions.set(id, { token, open: true });
    }
    const agent = { agent_id: 5, agent_name: 'Mia', agent_avatar: '' };
    return { ...answer, code: 1000, assign_info: { im_sub_session_id: id, count: 0, ...agent } };
  }

  #message(body: Record<string, unknown>): Record<string, unknown> {
    const id = Number(body.im_sub_session_id);
    if (id > 0 && this.sessions.get(id)?.open !== true) return { code: 9200 };
    if (body.customer_token === undefined || body.message_id === undefined || body.data === undefined)
      return { code: 2062 };
    this.messages.push(body);
    return { code: 1000 };
  }

  #close(path: string): Record<string, unknown> {
    const session = this.sessions.get(Number(path.split('/').at(-1)));
    if (session?.open !== true) return { code: 2062 };
    session.open = false;
    return { code: 1000 };
  }

  #queueStatus(token: string): Record<string, unknown> {
    if (this.openSessionOf(token) !== undefined) return { status: '会话中', count: 0 };
    if (this.queue.has(token)) return { status: '排队中', count: 3 };
    return this.people === 'assigning' ? { status: '分配中', count: 0 } : { status: '未排队', count: 0 };
  }

  #customerStatus(token: string): Record<string, unknown> {
    if (!this.customers.has(token)) return { status_code: 3, status: 'Invalid customer' };
    if (this.openSessionOf(token) !== undefined) return { status_code: 1, status: '会话中' };
    return this.queue.has(token) ? { status_code: 2, status: '排队中' } : { status_code: 0, status: '无会话' };
  }
}

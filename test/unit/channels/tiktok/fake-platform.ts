import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../../src/common/clock.ts';

/** A small strict TikTok Shop for tests: its own signature check, token, cipher and clock window; faults on demand. */
export const APP_KEY = '6abc123def456';
export const APP_SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f001234567';
export const SHOP_ID = '7494049642642441621';
export const CIPHER = 'ROW_TESTAAAAAExampleCipher0001';
export const CONVERSATION_ID = '7494560109732334261';
export const BUYER_IM = '7494560109732334299';
export const BUYER_USER = '7021436810468230477';

export interface Line {
  id: string;
  type: string;
  content: string;
  create_time: number;
  is_visible: boolean;
  index?: string;
  sender: { im_user_id: string; role: string; nickname: string };
}

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** `code`: refuse. `status` alone: answer without JSON. `drop`: close the connection. `after`: carry out first, then fail that way. */
export interface Fault {
  code?: number;
  message?: string;
  status?: number;
  drop?: boolean;
  after?: boolean;
  headers?: Record<string, string>;
}

export interface FakePlatform {
  url: string;
  seen: Seen[];
  /** Calls to a path that ends so. */
  calls(ending: string): Seen[];
  token: string;
  refreshToken: string;
  /** Lines of the test's conversation, oldest first. */
  lines: Line[];
  conversations: Record<string, unknown>[] | null;
  knows202601: boolean;
  orders: Record<string, unknown>[];
  product: Record<string, unknown> | null;
  canAcceptChat: boolean;
  userType: number;
  shops: Record<string, unknown>[];
  /** The next call whose path ends so fails. */
  fail(ending: string, fault: Fault): void;
  say(role: string, type: string, content: unknown, more?: Partial<Line>): Line;
  close(): Promise<void>;
}

const sign = (secret: string, path: string, query: URLSearchParams, body: string): string => {
  const names = [...query.keys()].filter((name) => name !== 'sign' && name !== 'access_token').sort();
  const joined = names.map((name) => `${name}${query.get(name)}`).join('');
  return createHmac('sha256', secret).update(`${secret}${path}${joined}${body}${secret}`, 'utf8').digest('hex');
};

export const signWebhook = (body: Buffer | string, secret = APP_SECRET): string =>
  createHmac('sha256', secret).update(APP_KEY).update(body).digest('hex');

export async function startFakePlatform(clock: Clock): Promise<FakePlatform> {
  let serial = 0n;
  const faults: { ending: string; fault: Fault }[] = [];
  const nowSec = () => Math.floor(clock.now() / 1000);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const platform: FakePlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    calls: (ending) => platform.seen.filter((call) => call.path.endsWith(ending)),
    token: 'TTP_acc_1',
    refreshToken: 'TTP_ref_1',
    lines: [],
    conversations: null,
    knows202601: true,
    orders: [],
    product: null,
    canAcceptChat: true,
    userType: 0,
    shops: [
      { id: SHOP_ID, name: 'Demo <Shop>', region: 'GB', seller_type: 'LOCAL', cipher: CIPHER, code: 'GBLCDEMO0001' },
    ],
    fail: (ending, fault) => void faults.push({ ending, fault }),
    say(role, type, content, more = {}) {
      serial += 1n;
      const line: Line = {
        id: String(7494560109732340000n + serial),
        type,
        content: typeof content === 'string' ? content : JSON.stringify(content),
        create_time: nowSec(),
        is_visible: true,
        index: String(7494560109732350000n + serial * 7n),
        sender: {
          im_user_id: role === 'BUYER' ? BUYER_IM : '7494560109732334200',
          role,
          nickname: role === 'BUYER' ? 'Mia' : '',
        },
        ...more,
      };
      platform.lines.push(line);
      return line;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return platform;

  function handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? '/', platform.url);
    const call: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    platform.seen.push(call);
    const place = faults.findIndex(({ ending }) => call.path.endsWith(ending));
    const fault = place === -1 ? undefined : faults.splice(place, 1)[0]?.fault;
    if (fault !== undefined) {
      if (fault.after === true) route(call);
      if (fault.drop === true) return void request.socket.destroy();
      response.writeHead(fault.status ?? 200, { date: new Date(clock.now()).toUTCString(), ...fault.headers });
      const { code, message = 'no' } = fault;
      return void response.end(
        code === undefined ? '<html>gateway</html>' : JSON.stringify({ code, message, request_id: 'r1' }),
      );
    }
    const answer = route(call);
    const reply = Array.isArray(answer)
      ? { code: answer[0], message: answer[1] ?? 'refused' }
      : { code: 0, message: 'Success', data: answer };
    response.writeHead(200, { 'content-type': 'application/json', date: new Date(clock.now()).toUTCString() });
    response.end(JSON.stringify({ ...reply, request_id: '20260101000000AAAA' }));
  }

  /** `[code]` refuses. Order of checks as the gateway's: key, clock, sign, token, cipher, body. */
  function route(call: Seen): Record<string, unknown> | [number, string?] {
    const { path, query, method } = call;
    if (path.startsWith('/api/v2/token/')) return tokenRoute(path, query);
    if (query.get('app_key') !== APP_KEY) return [36009004, 'bad app_key'];
    const drift = Number(query.get('timestamp')) - nowSec();
    if (drift > 30 || drift < -300) return [36009004, 'timestamp outside the window'];
    const multipart = call.headers['content-type']?.startsWith('multipart/form-data') === true;
    if (query.get('sign') !== sign(APP_SECRET, path, query, multipart ? '' : call.body.toString('utf8')))
      return [106001];
    if (call.headers['x-tts-access-token'] !== platform.token) return [105002];
    if (path === '/authorization/202309/shops')
      return query.has('shop_cipher') ? [36009004, 'unexpected identifier'] : { shops: platform.shops };
    if (query.get('shop_cipher') !== CIPHER) return [106013];
    if ([...query.values()].includes('')) return [36009004, 'empty parameter'];
    const json =
      multipart || call.body.length === 0 ? {} : (JSON.parse(call.body.toString('utf8')) as Record<string, unknown>);
    if (path === '/customer_service/202309/images/upload') {
      const text = call.body.toString('latin1');
      if (!multipart || !text.includes('name="data"')) return [36009023];
      serial += 1n;
      return { url: `https://p16-oec-sg.ibyteimg.com/up/${serial}.png`, width: 304, height: 290 };
    }
    if (path === '/customer_service/202309/agents/settings') {
      if (method === 'PUT') platform.canAcceptChat = json.can_accept_chat === true;
      return method === 'PUT' ? {} : { can_accept_chat: platform.canAcceptChat };
    }
    if (path.endsWith('/messages/read')) return {};
    if (/\/conversations\/\d+\/messages$/.test(path)) return method === 'POST' ? accept(json) : page(query);
    if (path === `/customer_service/202601/conversations/${CONVERSATION_ID}`)
      return platform.knows202601 ? { conversation: conversation() } : [36009009];
    if (path === '/customer_service/202309/conversations')
      return method === 'POST' ? { conversation_id: CONVERSATION_ID } : listPage(query);
    if (path === '/order/202309/orders')
      return { orders: platform.orders.filter((order) => query.get('ids')?.split(',').includes(String(order.id))) };
    if (path === '/order/202309/orders/search')
      return { orders: platform.orders.filter((order) => order.user_id === json.buyer_user_id) };
    if (path.endsWith('/tracking'))
      return {
        tracking: [
          { description: 'Label created', update_time_millis: 1699996900000 },
          { description: 'Parcel handed to courier', update_time_millis: 1700000500000 },
        ],
      };
    if (path.startsWith('/product/')) return platform.product ?? [12052032];
    if (path === '/event/202309/webhooks') return method === 'GET' ? { webhooks: [], total_count: 0 } : {};
    return [36009009];
  }

  function tokenRoute(path: string, query: URLSearchParams): Record<string, unknown> | [number] {
    if (query.get('app_key') !== APP_KEY || query.get('app_secret') !== APP_SECRET) return [36009004];
    if (path.endsWith('/get') && query.get('auth_code') !== 'good-code') return [36004004];
    if (path.endsWith('/refresh') && query.get('refresh_token') !== platform.refreshToken) return [36004004];
    serial += 1n;
    platform.token = `TTP_acc_${serial + 100n}`;
    platform.refreshToken = `TTP_ref_${serial + 100n}`;
    return {
      access_token: platform.token,
      access_token_expire_in: nowSec() + 604_800,
      refresh_token: platform.refreshToken,
      refresh_token_expire_in: nowSec() + 31_536_000,
      open_id: 'oid-demo',
      seller_name: 'Demo Shop',
      seller_base_region: 'GB',
      user_type: platform.userType,
      granted_scopes: ['seller.customer_service', 'seller.order.info'],
    };
  }

  function accept(json: Record<string, unknown>): Record<string, unknown> | [number] {
    const { type, content } = json;
    if (typeof type !== 'string' || typeof content !== 'string') return [45101001];
    return { message_id: platform.say('CUSTOMER_SERVICE', type, content).id };
  }

  function page(query: URLSearchParams): Record<string, unknown> | [number] {
    const size = Number(query.get('page_size'));
    if (size > 10) return [45101001];
    const from = Number(query.get('page_token') ?? 0);
    const newest = [...platform.lines].reverse();
    return {
      next_page_token: from + size < newest.length ? String(from + size) : '',
      messages: newest.slice(from, from + size),
    };
  }

  function listPage(query: URLSearchParams): Record<string, unknown> | [number] {
    const size = Number(query.get('page_size'));
    if (size > 20) return [45101001];
    const all = platform.conversations ?? [conversation()];
    const from = Number(query.get('page_token') ?? 0);
    return {
      next_page_token: from + size < all.length ? String(from + size) : '',
      conversations: all.slice(from, from + size),
    };
  }

  function conversation(): Record<string, unknown> {
    return {
      id: CONVERSATION_ID,
      participant_count: 2,
      can_send_message: true,
      unread_count: 1,
      create_time: 1699990000,
      participants: [
        { im_user_id: '7494560109732334200', user_id: SHOP_ID, role: 'SHOP', nickname: 'Demo Shop', avatar: '' },
        { im_user_id: BUYER_IM, user_id: BUYER_USER, role: 'BUYER', nickname: 'Mia', avatar: '' },
      ],
      latest_message: platform.lines.at(-1),
    };
  }
}

import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest, HttpRoute } from '../../../src/contracts/http.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';
import { eventually, exchange, rawSocket, serveRoutes, statusOfHead, stopAll } from './raw.ts';

const seen: HttpRequest[] = [];
const routes: HttpRoute[] = [
  { method: 'GET', path: '/healthz', handle: () => ({ status: 200, body: 'ok' }) },
  {
    method: 'POST',
    path: '/in',
    handle(request) {
      seen.push(request);
      return { status: 200, body: `got ${request.rawBody.length}` };
    },
  },
  { method: 'POST', path: '/in/:secret', handle: () => ({ status: 200 }) },
];

afterEach(async () => {
  seen.length = 0;
  await stopAll();
});

const post = (body: string, headers = '') =>
  `POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

describe('request lines and headers that are not right', () => {
  it.each([
    ['an absolute address of another host', 'GET http://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n', 404],
    ['an absolute address of a known path', 'GET http://evil:1/healthz?x=1 HTTP/1.1\r\nHost: evil\r\n\r\n', 200],
    ['an absolute address without a path', 'GET http://evil HTTP/1.1\r\nHost: evil\r\n\r\n', 404],
    ['an absolute address with a broken host', 'GET http://[::1/healthz HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['an absolute address of another kind', 'GET ftp://evil/ HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a Host with a space', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['a Host with a path', 'GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['a Host with a bad port', 'GET /healthz HTTP/1.1\r\nHost: h:port\r\n\r\n', 400],
    ['a Host of brackets', 'GET /healthz HTTP/1.1\r\nHost: [\r\n\r\n', 400],
    ['an address of version 6', 'GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', 200],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', 200],
    ['two slashes', 'GET //x HTTP/1.1\r\nHost: h\r\n\r\n', 404],
    ['two slashes and brackets', 'GET //[ HTTP/1.1\r\nHost: h\r\n\r\n', 404],
    ['%ff in the path', 'POST /in/%ff HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n', 404],
    ['%zz in the path', 'GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n', 404],
    ['%ff in the query', 'GET /healthz?a=%ff&%&=& HTTP/1.1\r\nHost: h\r\n\r\n', 200],
    ['a star', 'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n', 404],
    ['the wrong method', 'DELETE /healthz HTTP/1.1\r\nHost: h\r\n\r\n', 405],
    ['an unknown method', 'BREW /healthz HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n', 400],
    ['two lengths', 'POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['a negative length', 'POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n', 400],
    [
      'length and chunks',
      'POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an impossible expectation', 'POST /in HTTP/1.1\r\nHost: h\r\nExpect: miracle\r\nContent-Length: 1\r\n\r\n', 417],
    ['headers of 100 kB', `GET /healthz HTTP/1.1\r\nHost: h\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
    ['thousands of headers', `GET /healthz HTTP/1.1\r\nHost: h\r\n${'X-A: 1\r\n'.repeat(12_000)}\r\n`, 431],
  ])('%s', async (_, bytes, status) => {
    const { port } = await serveRoutes(routes);
    expect(statusOfHead(await exchange(port, Buffer.from(bytes, 'latin1')))).toBe(status);
    // The control: the same process still serves.
    expect(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
  });

  it('serves a request that offers to upgrade, and survives CONNECT', async () => {
    const { port } = await serveRoutes(routes);
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    expect(await exchange(port, post('hello', offer))).toContain('got 5');
    const raw = await rawSocket(port);
    raw.write('CONNECT evil:443 HTTP/1.1\r\nHost: evil\r\n\r\n');
    await raw.closed;
    expect(statusOfHead(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'))).toBe(200);
  });

  it('answers a silent connection 408 and closes it', async () => {
    const clock = createFakeClock();
    const { port } = await serveRoutes(routes, { clock, headersTimeoutMs: 3_000 });
    const raw = await rawSocket(port);
    raw.write('GET /healthz HT');
    await eventually(() => clock.waiting() > 0);
    await clock.advance(2_999);
    expect(raw.received()).toBe('');
    await clock.advance(1);
    expect(statusOfHead(await raw.until(/\r\n\r\n/))).toBe(408);
  });
});

describe('bodies that are too large or too slow', () => {
  it('takes a body of exactly the limit and refuses one byte more', async () => {
    const { port } = await serveRoutes(routes);
    expect(await exchange(port, post('x'.repeat(1_000)))).toContain('got 1000');
    expect(statusOfHead(await exchange(port, post('x'.repeat(1_001))))).toBe(413);
    expect(seen).toHaveLength(1);
  });

  it('refuses by the declared length, before the body comes, and never invites it', async () => {
    const { port } = await serveRoutes(routes);
    const raw = await rawSocket(port);
    raw.write('POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n');
    const head = await raw.until(/\r\n\r\n/);
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect(head).toMatch(/content-length: 0\r\n/i);
    expect(head).toMatch(/connection: close\r\n/i);
  });

  // More than the kernel's buffers take: closing with unread bytes would reset the connection before the client reads.
  it.each([
    ['413', () => post('x'.repeat(12_000_000))],
    ['404', () => post('x'.repeat(12_000_000)).replace('/in', '/nowhere')],
    ['431', () => `GET /healthz HTTP/1.1\r\nHost: h\r\nX-Long: ${'a'.repeat(12_000_000)}\r\n\r\n`],
    ['400', () => '\x00'.repeat(12_000_000)],
  ])('lets a client that sends everything before it reads see the %s', async (status, bytes) => {
    const { port } = await serveRoutes(routes);
    const raw = await rawSocket(port);
    raw.socket.pause();
    raw.write(bytes());
    raw.socket.end();
    await new Promise((resolve) => raw.socket.once('finish', resolve).once('close', resolve));
    raw.socket.resume();
    const text = await raw.closed;
    expect(statusOfHead(text)).toBe(Number(status));
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text).toMatch(/\r\n\r\n$/);
  });

  it('refuses chunked bodies once they pass the limit', async () => {
    const { port } = await serveRoutes(routes);
    const chunk = `3e8\r\n${'x'.repeat(1_000)}\r\n`;
    const start = 'POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await exchange(port, `${start}${chunk}0\r\n\r\n`)).toContain('got 1000');
    expect(statusOfHead(await exchange(port, `${start}${chunk}${chunk}`))).toBe(413);
  });

  it('invites a body that it wants', async () => {
    const { port } = await serveRoutes(routes);
    const raw = await rawSocket(port);
    raw.write('POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await raw.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    raw.write('hello');
    expect(await raw.until(/got 5/)).toContain('HTTP/1.1 200');
  });

  it('joins a body that comes in pieces, byte for byte', async () => {
    const { port } = await serveRoutes(routes);
    const raw = await rawSocket(port);
    const body = Buffer.from([0, 255, 13, 10, 0xf0, 0x9f, 0x98, 0x80]);
    raw.write(`POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`);
    await raw.until(/100 Continue/);
    for (const byte of body) raw.write(Buffer.from([byte]));
    await raw.until(/got 8/);
    expect(seen[0]?.rawBody).toEqual(body);
  });

  it('answers 408 to a body that trickles, counted from its beginning', async () => {
    const clock = createFakeClock();
    const { port } = await serveRoutes(routes, { clock, bodyTimeoutMs: 4_000 });
    const raw = await rawSocket(port);
    raw.write('POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n');
    await raw.until(/100 Continue/);
    raw.write('a');
    await clock.advance(3_999);
    raw.write('b');
    expect(raw.received()).not.toContain('408');
    await clock.advance(1);
    expect(await raw.until(/ 408 /)).toMatch(/connection: close/i);
    expect(seen).toHaveLength(0);
    await clock.advance(1_000);
    await raw.closed;
    expect(clock.waiting()).toBe(0);
  });

  it('forgets a client that leaves in the middle of its body', async () => {
    const clock = createFakeClock();
    const { port } = await serveRoutes(routes, { clock });
    const raw = await rawSocket(port);
    raw.write('POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\nabc');
    await raw.until(/100 Continue/);
    expect(clock.waiting()).toBe(1);
    raw.socket.resetAndDestroy();
    await eventually(() => clock.waiting() === 0);
    expect(seen).toHaveLength(0);
    expect(statusOfHead(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'))).toBe(200);
  });

  it('keeps a connection in step after answers, and closes it when a body was left unread', async () => {
    const { port } = await serveRoutes(routes);
    const raw = await rawSocket(port);
    raw.write(`${post('one') + post('three')}GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n${post('eleven more')}`);
    const text = await raw.until(/got 11/);
    expect(text.match(/got \d+|404/g)).toEqual(['got 3', 'got 5', '404', 'got 11']);
    raw.write('POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n');
    expect((await raw.until(/404[\s\S]*404/)).match(/connection: close/gi)).toHaveLength(1);
  });
});

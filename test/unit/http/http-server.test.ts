import { afterEach, describe, expect, it } from 'vitest';
import { BuyerlineError, StoreUnavailableError } from '../../../src/common/errors.ts';
import type { HttpRequest, HttpRoute } from '../../../src/contracts/http.ts';
import { type Logger, silentLogger } from '../../../src/contracts/logger.ts';
import { type Metrics, noMetrics } from '../../../src/contracts/metrics.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';
import { eventually, exchange, rawSocket, serveRoutes, stopAll } from './raw.ts';

afterEach(stopAll);

const get = (path: string, handle: HttpRoute['handle']): HttpRoute => ({ method: 'GET', path, handle });
const raise = (error: unknown) => () => Promise.reject(error);

describe('what handlers get and give', () => {
  it('hands over method, path, params, query, first header values, bytes and address', async () => {
    let seen: HttpRequest | undefined;
    const clock = createFakeClock(1_700_000_000_123);
    const { port } = await serveRoutes(
      [
        {
          method: 'PUT',
          path: '/shops/:id/notes',
          handle(request) {
            seen = request;
            return { status: 201, headers: { 'x-note': 'kept' }, body: 'ünd' };
          },
        },
      ],
      { clock },
    );
    const answer = await exchange(
      port,
      'PUT /shops/a%2Fb/notes?q=1&q=2&t=%E4%BD%A0 HTTP/1.1\r\nHost: h\r\nX-Twice: one\r\nx-twice: two\r\nContent-Length: 2\r\n\r\nhi',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
    expect(answer).toMatch(/x-note: kept\r\n/);
    expect(answer).toMatch(/content-length: 4\r\n/);
    expect(answer).not.toMatch(/^server:/im);
    expect(seen?.method).toBe('PUT');
    expect(seen?.path).toBe('/shops/a%2Fb/notes');
    expect(seen?.params).toEqual({ id: 'a/b' });
    expect(seen?.query.getAll('q')).toEqual(['1', '2']);
    expect(seen?.query.get('t')).toBe('你');
    expect(seen?.headers['x-twice']).toBe('one');
    expect(seen?.headers.host).toBe('h');
    expect(seen?.headers.absent).toBeUndefined();
    expect(seen?.rawBody.toString()).toBe('hi');
    expect(seen?.remoteAddress).toBe('127.0.0.1');
    expect(seen?.receivedAt).toBe(1_700_000_000_123);
    expect(seen?.signal.aborted).toBe(false);
  });

  it('answers HEAD like GET without the body, and 405 with what is allowed', async () => {
    const { url } = await serveRoutes([get('/a', () => ({ status: 200, body: 'four' }))]);
    const head = await fetch(`${url}/a`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '4', '']);
    const wrong = await fetch(`${url}/a`, { method: 'POST', body: 'x' });
    expect([wrong.status, wrong.headers.get('allow'), await wrong.text()]).toEqual([405, 'GET, HEAD', '']);
  });

  it('counts answers by route pattern and status, never by what the caller wrote', async () => {
    const counted: string[] = [];
    const metrics: Metrics = {
      ...noMetrics,
      count: (name, labels) => counted.push(`${name} ${labels?.route} ${labels?.status}`),
    };
    const { url } = await serveRoutes([get('/media/:id', () => ({ status: 204 }))], { metrics });
    await fetch(`${url}/media/7`);
    await fetch(`${url}/nowhere`);
    expect(counted).toEqual(['buyerline_http_answers_total /media/:id 204', 'buyerline_http_answers_total none 404']);
  });

  it('tells a handler that its client has left', async () => {
    let request: HttpRequest | undefined;
    const { port } = await serveRoutes([
      get('/slow', (given) => {
        request = given;
        return new Promise(() => {});
      }),
    ]);
    const raw = await rawSocket(port);
    raw.write('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => request !== undefined);
    const signal = request?.signal;
    expect(signal?.aborted).toBe(false);
    raw.socket.destroy();
    await eventually(() => signal?.aborted === true);
  });
});

describe('errors', () => {
  it('become a status by their code, without a word of text', async () => {
    const { url } = await serveRoutes(
      [
        get('/store', raise(new StoreUnavailableError('disk at 10.0.0.5 full'))),
        get('/large', raise(new BuyerlineError('BODY_TOO_LARGE', 'secret words'))),
        get('/signature', raise(new BuyerlineError('SIGNATURE_REFUSED', 'secret words'))),
        get('/vendor', raise(new BuyerlineError('CHANNEL_API_FAILED', 'secret words'))),
        get('/retry', raise(new BuyerlineError('SECRET_UNREADABLE', 'secret words', { retryable: true }))),
        get('/bug', raise(new TypeError('secret words'))),
        get('/text', raise('secret words')),
        get('/sync', () => {
          throw new Error('secret words');
        }),
        get('/status', () => ({ status: 7 })),
        get('/header', () => ({ status: 200, headers: { 'x-a': 'a\r\nx-b: b' } })),
        get('/mapped', raise(new BuyerlineError('DIALOG_FAILED', 'secret words'))),
      ],
      { errorStatus: { DIALOG_FAILED: 422 } },
    );
    const statusOf = async (path: string) => {
      const answer = await fetch(url + path);
      expect(await answer.text()).toBe('');
      return answer.status;
    };
    expect(await statusOf('/store')).toBe(503);
    expect(await statusOf('/large')).toBe(413);
    expect(await statusOf('/signature')).toBe(401);
    expect(await statusOf('/vendor')).toBe(502);
    expect(await statusOf('/retry')).toBe(503);
    expect(await statusOf('/mapped')).toBe(422);
    for (const path of ['/bug', '/text', '/sync', '/status', '/header']) expect(await statusOf(path)).toBe(500);
  });

  it('are logged once per kind and moment, under the route and not the path', async () => {
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (event, facts) => logged.push({ event, ...facts }) };
    const clock = createFakeClock();
    const { url } = await serveRoutes([get('/x/:secret', raise(new TypeError('oops')))], { logger, clock });
    for (let i = 0; i < 4; i++) await fetch(`${url}/x/hidden`);
    await clock.advance(5_000);
    await fetch(`${url}/x/hidden`);
    expect(logged).toMatchObject([
      { event: 'http.request_failed', route: '/x/:secret', status: 500, heldBack: 0 },
      { event: 'http.request_failed', route: '/x/:secret', status: 500, heldBack: 3 },
    ]);
    expect(JSON.stringify(logged)).not.toContain('hidden');
  });

  it('name the setting when the address is taken or is not ours', async () => {
    const { port } = await serveRoutes([]);
    await expect(serveRoutes([], { port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ where: 'PORT' }],
    });
    await expect(serveRoutes([], { host: '203.0.113.7' })).rejects.toMatchObject({ problems: [{ where: 'HOST' }] });
  });
});

describe('streams', () => {
  const events = { 'content-type': 'text/event-stream' };

  it('are written as they come', async () => {
    let release: (() => void) | undefined;
    async function* pieces() {
      yield 'data: 1\n\n';
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield 'data: 2\n\n';
    }
    const { port } = await serveRoutes([get('/events', () => ({ status: 200, headers: events, body: pieces() }))]);
    const raw = await rawSocket(port);
    raw.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await raw.until(/data: 1/)).not.toContain('data: 2');
    await eventually(() => release !== undefined);
    release?.();
    expect(await raw.until(/\r\n0\r\n\r\n$/)).toContain('data: 2');
  });

  it('wait for a client that does not read, and end when it leaves', async () => {
    let made = 0;
    let ended = false;
    let aborted = false;
    const { port } = await serveRoutes([
      get('/events', (request) => {
        request.signal.addEventListener('abort', () => {
          aborted = true;
        });
        async function* pieces() {
          try {
            for (;;) {
              made += 1;
              yield 'x'.repeat(65_536);
            }
          } finally {
            ended = true;
          }
        }
        return { status: 200, headers: events, body: pieces() };
      }),
    ]);
    const raw = await rawSocket(port);
    raw.socket.pause();
    raw.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
    // Still when several turns of the loop made nothing new: the kernel's buffers are full.
    let before = -1;
    await eventually(() => made > 0);
    for (let still = 0; still < 200; ) {
      await new Promise((resolve) => setImmediate(resolve));
      still = made === before ? still + 1 : 0;
      before = made;
    }
    expect(made).toBeLessThan(2_000);
    expect(ended).toBe(false);
    raw.socket.destroy();
    await eventually(() => ended && aborted);
  });

  it('cut the connection when the source raises', async () => {
    async function* pieces() {
      yield 'first';
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('secret words');
    }
    const { port } = await serveRoutes([get('/events', () => ({ status: 200, body: pieces() }))]);
    const raw = await rawSocket(port);
    raw.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
    const text = await raw.closed;
    expect(text).toContain('first');
    expect(text).not.toContain('secret words');
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  });
});

describe('stop', () => {
  it('lets an answer under way finish, ends event streams, and refuses new connections', async () => {
    let release: (() => void) | undefined;
    let streaming = false;
    const clock = createFakeClock();
    const { port, server } = await serveRoutes(
      [
        get('/slow', () => new Promise((resolve) => (release = () => resolve({ status: 200, body: 'whole' })))),
        get('/events', () => ({
          status: 200,
          headers: { 'content-type': 'text/event-stream' },
          body: (async function* () {
            yield 'data: 1\n\n';
            streaming = true;
            await new Promise(() => {});
          })(),
        })),
      ],
      { clock },
    );
    const slow = await rawSocket(port);
    slow.write('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
    const stream = await rawSocket(port);
    stream.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
    const silent = await rawSocket(port);
    await eventually(() => release !== undefined && streaming);

    const stopped = server.stop(10_000);
    expect(await stream.until(/\r\n0\r\n\r\n$/)).toContain('data: 1');
    await silent.closed;
    await expect(fetch(`http://127.0.0.1:${port}/slow`)).rejects.toThrow();
    release?.();
    expect(await slow.closed).toMatch(/connection: close[\s\S]*whole$/i);
    await clock.advance(100);
    await stopped;
    expect(clock.waiting()).toBe(0);
  });

  it('destroys what is left at the deadline, once for all callers', async () => {
    let begun = false;
    const clock = createFakeClock();
    const { port, server } = await serveRoutes(
      [
        get('/never', () => {
          begun = true;
          return new Promise(() => {});
        }),
      ],
      { clock },
    );
    const raw = await rawSocket(port);
    raw.write('GET /never HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => begun);
    const both = Promise.all([server.stop(5_000), server.stop(5_000)]);
    await clock.advance(4_999);
    expect(raw.socket.destroyed).toBe(false);
    await clock.advance(1);
    await both;
    expect(await raw.closed).toBe('');
  });

  it('is done at once when nothing listens', async () => {
    const { server } = await serveRoutes([]);
    await server.stop(1_000);
    await server.stop(1_000);
  });
});

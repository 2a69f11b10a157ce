import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../src/common/http-client.ts';
import { type Logger, silentLogger } from '../../../src/contracts/logger.ts';
import { UdeskClient } from '../../../src/udesk/client.ts';
import { endpoints } from '../../../src/udesk/endpoints.ts';
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.ts';
import { ACCOUNT, FakeUdesk } from './fake-udesk.ts';
import { createCounters } from './harness.ts';

const ok = { status: 200, body: '{"code":"1000","status":"未排队","count":0}' };

describe('UdeskClient', () => {
  let clock: FakeClock;
  let fake: FakeUdesk;
  let http: HttpClient;
  let apiUrl: string;
  let lines: string[];
  let counts: Map<string, number>;
  let client: UdeskClient;

  const create = (
    over: { signHash?: 'sha256' | 'sha1'; apiToken?: string; apiUrl?: string; callsPerMinute?: number } = {},
  ) => {
    const write = (event: string, facts?: Record<string, unknown>) => lines.push(`${event} ${JSON.stringify(facts)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
    const counters = createCounters();
    counts = counters.counts;
    return new UdeskClient({
      account: { apiUrl, ...ACCOUNT, signHash: 'sha256', callsPerMinute: 1_000, ...over },
      http,
      clock,
      logger,
      metrics: counters.metrics,
      random: () => 0,
      timeoutMs: 200,
    });
  };
  const poll = (of = client) => of.call(endpoints.queueStatus, { customer_token: 't' });
  const send = (of = client) =>
    of.call(endpoints.sendMessage, {
      customer_token: 't',
      im_sub_session_id: '-3',
      message_id: 'm',
      type: 'message',
      data: { content: 'my secret words' },
    });

  beforeEach(async () => {
    clock = createFakeClock();
    fake = new FakeUdesk(clock);
    apiUrl = await fake.start();
    http = createHttpClient();
    lines = [];
    client = create();
  });
  afterEach(async () => {
    vi.useRealTimers();
    client.stop();
    await http.close();
    await fake.stop();
  });

  it('is accepted by a server that checks the signature itself, with either hash', async () => {
    expect(await poll()).toMatchObject({ kind: 'answered', code: 1000, result: { count: 0 } });
    fake.hash = 'sha1';
    expect(await poll(create({ signHash: 'sha1' }))).toMatchObject({ kind: 'answered' });
  });

  it('percent-encodes the address in the query only and sends a JSON type with a body only', async () => {
    await poll();
    await send();
    expect(fake.seen[0]?.contentType).toBeUndefined();
    expect(fake.seen[1]?.contentType).toContain('application/json');
    expect(fake.seen[0]?.query.get('email')).toBe(ACCOUNT.email);
  });

  it.each([
    [{ apiToken: 'wrong' }, 'UDESK_API_TOKEN'],
    [{ signHash: 'sha1' as const }, 'UDESK_SIGN_HASH'],
  ])('names the setting when the signature is refused: %j', async (over, word) => {
    const called = await send(create(over));
    expect(called).toMatchObject({ kind: 'refused', code: 2059, next: 'dead' });
    expect(lines.join()).toContain(word);
    expect(lines.join()).not.toMatch(/secret words|wrong|sign=|tok-0000/);
  });

  it('names the clock when it is more than five minutes off', async () => {
    const late = createFakeClock(clock.now() + 301_000);
    const other = new UdeskClient({
      account: { apiUrl, ...ACCOUNT, signHash: 'sha256', callsPerMinute: 60 },
      http,
      clock: late,
      logger: silentLogger,
      metrics: createCounters().metrics,
    });
    expect(await poll(other)).toMatchObject({ kind: 'refused', code: 20622, next: 'retry', retryAfterMs: 30_000 });
    expect(Math.round((other.clockSkewMs ?? 0) / 1_000)).toBe(-301);
  });

  it('signs anew, once, when the nonce is refused', async () => {
    fake.fail('/im/queue_status', { status: 200, body: '{"code":20623}' });
    expect(await poll()).toMatchObject({ kind: 'answered' });
    const nonces = fake.seen.map((one) => one.query.get('nonce'));
    expect(new Set(nonces).size).toBe(2);
    fake.fail('/im/queue_status', { status: 200, body: '{"code":20623}' }, { status: 200, body: '{"code":20623}' });
    expect(await poll()).toMatchObject({ kind: 'refused', code: 20623, next: 'retry' });
  });

  it('takes a code written as a text and never a success without a code', async () => {
    fake.fail('/im/queue_status', ok);
    expect(await poll()).toMatchObject({ kind: 'answered', code: 1000 });
    for (const body of ['<html>login</html>', '', '{}', '{"message":"ok"}']) {
      fake.fail('/im/queue_status', { status: 200, body });
      expect(await poll()).toMatchObject({ kind: 'unknown' });
    }
  });

  it.each([
    [404, '', { kind: 'refused', code: null, next: 'dead' }],
    [403, '{"code":2059}', { kind: 'refused', code: 2059 }],
    [502, '<html>', { kind: 'unknown' }],
    [500, '{"code":2000}', { kind: 'refused', code: 2000, next: 'retry' }],
  ])('reads HTTP %i with %j', async (status, body, expected) => {
    fake.fail('/im/messages', { status, body });
    expect(await send()).toMatchObject(expected);
  });

  it('waits as long as a 429 says before the next call leaves', async () => {
    fake.fail('/im/messages', { status: 429, headers: { 'retry-after': '7' } });
    expect(await send()).toMatchObject({ kind: 'refused', next: 'retry', retryAfterMs: 7_000 });
    expect(client.budget.underPressure()).toBe(true);
    let later: unknown = null;
    void send().then((called) => {
      later = called;
    });
    await clock.advance(4_000);
    expect(fake.seen).toHaveLength(1);
    await clock.advance(3_000);
    await vi.waitFor(() => expect(later).toMatchObject({ kind: 'answered' }));
  });

  it('slows down at a code that nobody documents', async () => {
    fake.fail('/im/messages', { status: 200, body: '{"code":4290}' });
    expect(await send()).toMatchObject({ kind: 'refused', code: 4290, next: 'retry', retryAfterMs: 1_000 });
  });

  it('does not send a message that waited a whole minute for its turn', async () => {
    client = create({ callsPerMinute: 1 });
    await send();
    client.budget.slowDown(90_000);
    let later: unknown = null;
    void send().then((called) => {
      later = called;
    });
    await clock.advance(60_000);
    await vi.waitFor(() => expect(later).toMatchObject({ kind: 'not_sent', code: 'rate_wait', retryAfterMs: 30_000 }));
    expect(fake.seen).toHaveLength(1);
  });

  it('tells a request that never left from one without an answer', async () => {
    fake.fail('/im/messages', 'hang', 'cut', 'drop');
    for (let i = 0; i < 3; i++) expect(await send()).toMatchObject({ kind: 'unknown' });
    await fake.stop();
    expect(await send()).toMatchObject({ kind: 'not_sent', code: 'not_sent' });
    expect(counts.get('buyerline_vendor_calls_total{vendor=udesk,endpoint=messages.send,outcome=unknown}')).toBe(3);
    expect(counts.get('buyerline_vendor_calls_total{vendor=udesk,endpoint=messages.send,outcome=not_sent}')).toBe(1);
  });

  it('fails fast once Udesk is dead, and one call finds out when it is back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let i = 0; i < 5; i++) fake.fail('/im/messages', 'drop');
    for (let i = 0; i < 5; i++) expect(await send()).toMatchObject({ kind: 'unknown' });
    expect(await send()).toMatchObject({ kind: 'not_sent', code: 'circuit_open' });
    expect(fake.seen).toHaveLength(5);
    vi.setSystemTime(Date.now() + 1_001);
    fake.fail('/im/messages', 'drop');
    // The probe fails: the others that waited for it do not leave.
    const probes = await Promise.all([send(), send(), send()]);
    expect(probes.map((called) => called.kind)).toEqual(['unknown', 'not_sent', 'not_sent']);
    expect(fake.seen).toHaveLength(6);
    vi.setSystemTime(Date.now() + 2_001);
    expect((await Promise.all([send(), send()])).map((called) => called.kind)).toEqual(['answered', 'answered']);
    expect(lines.filter((line) => line.startsWith('desk.circuit'))).toHaveLength(3);
  });

  it('does not take a caller that gives up for a dead Udesk', async () => {
    for (let i = 0; i < 6; i++) {
      fake.fail('/im/messages', 'hang');
      const controller = new AbortController();
      const sent = client.call(
        endpoints.sendMessage,
        { customer_token: 't', im_sub_session_id: '-3', message_id: 'm', type: 'message', data: {} },
        { signal: controller.signal },
      );
      await vi.waitFor(() => expect(fake.seen).toHaveLength(i + 1));
      controller.abort();
      expect(await sent).toMatchObject({ kind: 'unknown' });
    }
    expect(await send()).toMatchObject({ kind: 'answered' });
  });
});

import { describe, expect, it } from 'vitest';
import { BuyerlineError } from '../../../src/common/errors.ts';
import { createLogger, type LogLevel } from '../../../src/observability/logger.ts';
import { REDACTED, redactFacts, redactText } from '../../../src/observability/redact.ts';

function logInto(lines: Record<string, unknown>[], level: LogLevel = 'info') {
  return createLogger({ level, stream: { write: (line) => void lines.push(JSON.parse(line)) } });
}

describe('redactFacts', () => {
  it.each([
    'token',
    'accessToken',
    'refresh_token',
    'appSecret',
    'x-tts-signature',
    'sign',
    'Authorization',
    'cookie',
    'password',
    'apiKey',
    'app_key',
    'key',
    'queueKey',
    'shopCipher',
    'text',
    'content',
    'rawBody',
    'nickname',
    'buyerName',
    'phone',
    'phoneNumber',
    'email',
    'shippingAddress',
  ])('hides what is called %s, however deep it lies', (name) => {
    const facts = { [name]: 'v4lue', list: [{ inner: { [name]: { a: 'v4lue' } } }] };
    expect(JSON.stringify(redactFacts(facts))).not.toContain('v4lue');
  });

  it('keeps what operators look for', () => {
    const facts = {
      conversationId: 'tiktok:7494049642642441621:7494560109732334261',
      eventKey: 'tiktok:7494049642642441621:n:7327112393057371910',
      messageKey: 'tiktok:7494049642642441621:m:7494560109732334263',
      shopId: '700100200',
      sessionId: '1234567890',
      textLimit: 2000,
      tokenExpiresAt: 1_700_000_000_000,
      contentType: 'application/json',
      durationMs: 12,
      reason: 'signature does not fit',
      url: 'https://open-api.example/customer_service/202309/conversations/7494560109732334261',
      ok: true,
      nothing: null,
    };
    expect(redactFacts(facts)).toEqual(facts);
  });

  it('copes with anything', () => {
    const circular: Record<string, unknown> = { n: 1n, f: () => 1, s: Symbol('x'), bytes: Buffer.from('secret words') };
    circular.self = circular;
    circular.when = new Date(0);
    Object.defineProperty(circular, 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 50; i++) deep = { deep };
    expect(redactFacts({ circular, deep, many: Array(1_000).fill(1) })).toMatchObject({
      circular: {
        n: '1',
        f: '[function]',
        s: '[symbol]',
        bytes: '[12 bytes]',
        self: '[circular]',
        when: '1970-01-01T00:00:00.000Z',
        trap: '[unreadable]',
      },
    });
  });

  it('leaves its argument alone', () => {
    const facts = { token: 'v', inner: { text: 'w' } };
    redactFacts(facts);
    expect(facts).toEqual({ token: 'v', inner: { text: 'w' } });
  });

  it('tells of a foreign error only its kind and place, because its words may be a buyer’s', () => {
    let caught: unknown;
    try {
      JSON.parse('my name is Somchai');
    } catch (thrown) {
      caught = thrown;
    }
    const described = JSON.stringify(redactFacts({ error: caught }));
    expect(described).toContain('SyntaxError');
    expect(described).toContain('logger.test.ts');
    expect(described).not.toContain('Somchai');
  });

  it('keeps code, words and details of our own errors, and the kind of their cause', () => {
    const error = new BuyerlineError('CHANNEL_API_FAILED', 'refused', {
      details: { vendorCode: 45101006, accessToken: 'v4lue' },
      cause: new TypeError('buyer words'),
    });
    const described = redactFacts({ error });
    expect(described.error).toMatchObject({
      code: 'CHANNEL_API_FAILED',
      message: 'refused',
      details: { vendorCode: 45101006, accessToken: REDACTED },
      cause: { name: 'TypeError' },
    });
    expect(JSON.stringify(described)).not.toContain('buyer words');
  });
});

describe('redactText', () => {
  it.each([
    [
      'GET https://h/api?app_key=k1k1&sign=abcd12&timestamp=1',
      'https://h/api?app_key=[redacted]&sign=[redacted]&timestamp=1',
    ],
    [
      'https://h/token/get?app_secret=s3&auth_code=c0de&grant_type=x',
      'app_secret=[redacted]&auth_code=[redacted]&grant_type=x',
    ],
    ['/oauth/tiktok/callback?code=c0de&state=1', '?code=[redacted]&state=1'],
    ['sent Bearer abc.def-123', 'Bearer [redacted]'],
    ['Cookie: SPC_EC=xyz; a=b', 'Cookie: [redacted]'],
    ['{"access_token":"ROW_abc","id":5}', '{"access_token":"[redacted]","id":5}'],
    ['POST /webhooks/udesk/5ecret9 404', '/webhooks/udesk/[redacted] 404'],
    ['postgres://me:pw@db/x', 'postgres://[redacted]@db/x'],
    ['wrote to somchai.k@example.co.th today', 'wrote to [redacted] today'],
    ['call +66 81 234 5678 now', 'call [redacted] now'],
    ['call 0812345678 now', 'call [redacted] now'],
    ['call 081-234-5678 now', 'call [redacted] now'],
    ['key sk-proj_abcdefgh12 used', 'key [redacted] used'],
  ])('%s', (text, kept) => {
    expect(redactText(text)).toContain(kept);
  });

  it('leaves ids, codes and routes readable', () => {
    for (const text of [
      'conversation 7494560109732334261',
      'tiktok:7494049642642441621:7494560109732334261',
      'vendor code 45101006',
      'vendor answered code=45101006',
      '/webhooks/udesk/:secret',
      '2026-11-21T08:00:00.000Z',
    ]) {
      expect(redactText(text)).toBe(text);
    }
  });

  it('cuts long strings and stays quick on hostile ones', () => {
    expect(redactText('x'.repeat(5_000))).toMatch(/^x{2000}… \(5000 characters\)$/);
    const before = process.cpuUsage();
    for (const piece of ['a.', '"', 'sign', '+1 ', '1-', 'token_', 'x@', '((0']) redactText(piece.repeat(3_000));
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1_000).toBeLessThan(500);
  });
});

describe('createLogger', () => {
  it('writes one JSON line with level, ISO time, event and clean facts', () => {
    const lines: Record<string, unknown>[] = [];
    logInto(lines).info('outbound.delivered', { conversationId: 'tiktok:1:2', text: 'hello' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      event: 'outbound.delivered',
      conversationId: 'tiktok:1:2',
      text: REDACTED,
    });
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('carries the bindings of a child, cleaned too', () => {
    const lines: Record<string, unknown>[] = [];
    logInto(lines).child({ channel: 'tiktok', token: 'v4lue' }).child({ shopId: '1' }).warn('a.happened');
    expect(lines[0]).toMatchObject({ channel: 'tiktok', shopId: '1', token: REDACTED, level: 'warn' });
  });

  it('does not even look at facts below its level', () => {
    const lines: Record<string, unknown>[] = [];
    const facts = {
      get looked(): string {
        throw new Error('read');
      },
    };
    logInto(lines, 'warn').info('a.happened', facts);
    logInto(lines, 'silent').error('a.happened', facts);
    expect(lines).toEqual([]);
    logInto(lines, 'info').info('a.happened', facts);
    expect(lines[0]?.looked).toBe('[unreadable]');
  });

  it('keeps a fact that is called like a field of the line beside it', () => {
    const lines: Record<string, unknown>[] = [];
    logInto(lines).info('a.happened', { event: 'other', level: 9, time: 1 });
    expect(lines[0]).toMatchObject({ event: 'a.happened', level: 'info', event_: 'other', level_: 9, time_: 1 });
  });
});

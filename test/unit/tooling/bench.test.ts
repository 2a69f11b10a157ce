import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APP_KEY,
  APP_SECRET,
  type LoadResult,
  type PlatformReport,
  percentiles,
  signWebhook,
  webhookBody,
} from '../../../bench/protocol.ts';
import { readAnswer } from '../../../bench/raw-connection.ts';
import { createReplyLedger } from '../../../bench/reply-ledger.ts';
import { type BenchPlatform, median, playRound, problems, type Round, startPlatform } from '../../../bench/rounds.ts';
import { bareBot, bareDialogs, bareHttp } from '../../../bench/targets/baselines.ts';
import type { Target } from '../../../bench/targets/target.ts';

describe('the reply ledger', () => {
  const noted = (...sequences: number[]) => {
    const ledger = createReplyLedger();
    for (const sequence of sequences) ledger.note('7494', `{"content":"You said 7, colour ${sequence}"}`);
    return ledger.report();
  };

  it.each([
    ['each message once and in order', [1, 2, 3], { replies: 3, doubled: 0, outOfOrder: 0 }],
    ['a reply that came twice', [1, 2, 2], { replies: 3, doubled: 1, outOfOrder: 0 }],
    ['a message without a reply', [1, 3], { replies: 2, doubled: 0, outOfOrder: 1 }],
    ['replies that changed places', [2, 1], { replies: 2, doubled: 1, outOfOrder: 1 }],
  ])('reports %s', (_, sequences, expected) => {
    expect(noted(...sequences)).toMatchObject(expected);
  });

  it('counts a reply that names no message, and keeps conversations apart', () => {
    const ledger = createReplyLedger();
    expect(ledger.note('a', '{"content":"hello"}')).toBeNull();
    expect(ledger.note('a', '{"content":"m 1"}')).toBe(1);
    expect(ledger.note('b', '{"content":"m 1"}')).toBe(1);
    expect(ledger.report()).toEqual({ replies: 2, doubled: 0, outOfOrder: 0, unreadable: 1, conversations: 2 });
  });
});

describe('a round', () => {
  const none = percentiles([]);
  const result: LoadResult = {
    sent: 5,
    acknowledged: 5,
    failures: {},
    replies: 5,
    perSecond: 5,
    acknowledgement: none,
    reply: none,
  };
  const report: PlatformReport = { replies: 5, conversations: 1, outOfOrder: 0, doubled: 0, unreadable: 0 };

  it('is trusted when every message was acknowledged and answered once in order', () => {
    expect(problems(result, report, true)).toEqual([]);
  });

  it.each([
    [{ acknowledged: 4, failures: { 503: 1 } }, {}, /^5 sent, 4 acknowledged \(\{"503":1\}\)/],
    [{}, { replies: 4 }, /^5 replies expected, 4 came/],
    [{}, { replies: 6, doubled: 1 }, /^5 replies expected, 6 came; 1 doubled/],
    [{}, { outOfOrder: 2 }, /^2 out of order/],
    [{}, { unreadable: 1 }, /^1 do not name their message/],
    [{ sent: 0, acknowledged: 0 }, { replies: 0 }, /^nothing was sent/],
  ])('is refused for %j with %j', (load, platform, words) => {
    expect(problems({ ...result, ...load }, { ...report, ...platform }, true).join('; ')).toMatch(words);
  });

  it('is refused when a target that never answers was answered for', () => {
    expect(problems(result, report, false)).toEqual(['0 replies expected, 5 came']);
  });
});

describe('the webhook of the load', () => {
  it('is what TikTok Shop delivers, signed over app key and body', () => {
    const body = webhookBody({ run: 12_345, conversation: 7, sequence: 2, serial: 9, shops: 3 });
    expect(JSON.parse(body)).toMatchObject({
      type: 14,
      tts_notification_id: '7327123450000000009',
      shop_id: '7494049642000000001',
      data: {
        conversation_id: '7494123450000000007',
        content: '{"content":"Is this in stock? 2"}',
        is_visible: true,
        type: 'TEXT',
        sender: { role: 'BUYER' },
      },
    });
    expect(signWebhook(body)).toBe(createHmac('sha256', APP_SECRET).update(`${APP_KEY}${body}`).digest('hex'));
  });
});

describe('figures', () => {
  it('are nearest ranks', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentiles(hundred)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, max: 100 });
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('have the median of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 200],
    ['HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno', 401],
    ['HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nno', null],
    ['HTTP/1.1 200 OK\r\ncontent-len', null],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n', null],
    ['HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 503],
  ])('wait for the end of %j', (text, status) => {
    expect(readAnswer(text)).toBe(status);
  });
});

describe('the processes together', () => {
  let platform: BenchPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.stop());

  const small: Round = {
    connections: 4,
    pace: { kind: 'closed', inFlight: 4 },
    conversations: 10,
    shops: 1,
    warmUpMs: 50,
    measureMs: 200,
  };
  const play = async (target: Target, round: Round) => {
    const running = await target.start(platform);
    try {
      return await playRound(platform, running, round, target.replies);
    } finally {
      await running.stop();
    }
  };

  it.each([bareHttp, bareBot, bareDialogs])('measure $name at a closed pace', async (target) => {
    const result = await play(target, small);
    expect(result.perSecond).toBeGreaterThan(0);
    expect(result.acknowledgement.count).toBeGreaterThan(0);
    expect(result.reply.count > 0).toBe(target.replies === 'at once');
  });

  it('send at an open pace what the pace says, however slow the answers', async () => {
    const result = await play(bareHttp, { ...small, connections: 1, pace: { kind: 'open', perSecond: 400 } });
    expect(result).toMatchObject({ sent: 100, acknowledged: 100 });
  });
});

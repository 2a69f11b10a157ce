import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rawRequest } from '../helpers/raw-http.ts';
import { OK, post as postTo, TIKTOK, underAttack, written as writtenIn } from '../helpers/under-attack.ts';

/** Requests that are too large, too slow or hardly HTTP. */
const target = underAttack();
const post = (body: string | Buffer, headers?: Record<string, string>) => postTo(target.stage, body, headers);
const postJson = (value: unknown) => post(JSON.stringify(value));
const written = (buyer: string, text?: string) => writtenIn(target.stage, buyer, text);

describe('bodies too large and too slow', () => {
  it('answers 413 to more than 1 MiB, declared or not, and takes a body of exactly 1 MiB', async () => {
    const big = Buffer.alloc(1_048_577, 0x20);
    expect((await post(big)).status).toBe(413);
    const chunk = Buffer.alloc(65_536, 0x20);
    const chunks = Array.from({ length: 20 }, () =>
      Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]),
    );
    const chunked = await rawRequest(target.stage.url, [
      `POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ...chunks,
    ]);
    expect(chunked.status).toBe(413);
    expect(
      (
        await rawRequest(target.stage.url, [
          `POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`,
        ])
      ).status,
    ).toBe(413);

    const { envelope } = await written('large');
    const json = JSON.stringify(envelope({ content: '{"content":"large"}' }));
    expect(await post(json.padEnd(1_048_576, ' '))).toEqual(OK);
    await target.stage.answered('large', /^Echo: large$/);
    // A long text is answered with what fits the platform, not dropped.
    const { envelope: long } = await written('long');
    expect(await postJson(long({ content: JSON.stringify({ content: 'word '.repeat(20_000) }) }))).toEqual(OK);
    await target.stage.answered('long', /^Echo: word/);
  }, 90_000);

  it('gives up on bodies that trickle or stop, and answers others meanwhile', async () => {
    const head = `POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`;
    const slow = Array.from({ length: 30 }, () =>
      rawRequest(target.stage.url, [head, ...Array.from({ length: 60 }, () => ' ')], {
        everyMs: 500,
        deadlineMs: 40_000,
      }),
    );
    const stopped = rawRequest(target.stage.url, [head, '{"type":'], { deadlineMs: 40_000 });
    const headersOnly = rawRequest(target.stage.url, ['POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nX-Slow: '], {
      deadlineMs: 60_000,
    });
    await target.stage.say('meanwhile', 'is anybody there?');
    await target.stage.answered('meanwhile', /^Echo: is anybody there\?$/);
    for (const answer of await Promise.all([...slow, stopped])) expect(answer.status).toBe(408);
    const silent = await headersOnly.catch((thrown: Error) => thrown);
    expect(silent instanceof Error ? silent.message : `status ${silent.status}`).toMatch(
      /closed without an answer|status 408/,
    );
  }, 120_000);
});

describe('requests that are hardly HTTP', () => {
  it.each([
    ['a Host with a space', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['a Host that is no host', 'GET /healthz HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
    ['a Host with a path', 'GET /healthz HTTP/1.1\r\nHost: ://\r\n\r\n', 400],
    ['a Host with a huge port', 'GET /healthz HTTP/1.1\r\nHost: x:999999999\r\n\r\n', 400],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['an absolute-form URL', 'GET http://other.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 200],
    ['an absolute-form URL with a broken host', 'GET http://[/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    [
      'an absolute-form URL with a huge port',
      'POST http://x:999999/webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
      400,
    ],
    ['another scheme', 'GET ftp://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a broken escape in the path', 'GET /%zz%ff HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['a broken escape in the secret', 'POST /webhooks/udesk/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 404],
    ['two slashes', 'GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['the asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['another method', 'GET /webhooks/tiktok HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['a method nobody knows', 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a request line that is none', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    ['a header with a control character', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x01b\r\n\r\n', 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
    [
      'both lengths',
      'POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a length that is none', 'POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
  ])('answers %s', async (_name, text, status) => {
    expect((await rawRequest(target.stage.url, [text])).status).toBe(status);
  });

  it('survives clients that leave in the middle', async () => {
    const { hostname, port } = new URL(target.stage.url);
    await Promise.all(
      Array.from(
        { length: 50 },
        (_, i) =>
          new Promise<void>((resolve) => {
            const socket = connect({ host: hostname, port: Number(port) }, () => {
              socket.write(`POST ${TIKTOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n${'{'.repeat(i)}`);
              setTimeout(() => socket.resetAndDestroy(), i * 4);
            });
            socket.once('close', () => resolve());
            socket.once('error', () => resolve());
          }),
      ),
    );
    expect((await fetch(`${target.stage.url}/healthz`)).status).toBe(200);
  });

  it('refuses hostile bodies at /api/messages without falling over', async () => {
    const odd = [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '1',
      '{"type":"message"}',
      '{"type":"message","conversation":1,"from":[],"serviceUrl":"file:///etc/passwd"}',
    ];
    for (const body of odd) {
      const answer = await fetch(`${target.stage.url}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status, body).toBeGreaterThanOrEqual(400);
      expect(answer.status, body).toBeLessThan(500);
    }
  });
});

import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

/**
 * The header of a TikTok webhook, written anew for tests: HMAC-SHA256 with the app secret over app key and body, as bare hex.
 * Source: Partner Center "Webhook configuration guide".
 */
export const tiktokSignature = (app: { appKey: string; appSecret: string }, body: string | Buffer): string =>
  createHmac('sha256', app.appSecret).update(app.appKey).update(body).digest('hex');

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/**
 * Sends bytes as they are and reads until the server closes or has answered once. Pieces are sent `everyMs` apart.
 * Rejects when nothing that looks like an answer came within `deadlineMs`.
 */
export function rawRequest(
  url: string,
  pieces: readonly (string | Buffer)[],
  options: { everyMs?: number; deadlineMs?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { everyMs = 0, deadlineMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const read: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = setTimeout(() => finish(`no answer within ${deadlineMs} ms`), deadlineMs);
    const finish = (failure: string) => {
      clearTimeout(end);
      clearTimeout(timer);
      socket.destroy();
      const answer = parse(Buffer.concat(read).toString('latin1'));
      if (answer === null) reject(new Error(failure));
      else resolve(answer);
    };
    const write = (place: number) => {
      const piece = pieces[place];
      if (piece === undefined || socket.destroyed) return;
      socket.write(piece);
      timer = setTimeout(() => write(place + 1), everyMs);
    };
    socket.once('connect', () => write(0));
    socket.on('data', (chunk: Buffer) => {
      read.push(chunk);
      const answer = parse(Buffer.concat(read).toString('latin1'));
      const length = /\r\ncontent-length: (\d+)/i.exec(answer?.head ?? '')?.[1];
      if (answer !== null && length !== undefined && answer.body.length >= Number(length)) finish('');
    });
    socket.once('close', () => finish('the connection was closed without an answer'));
    socket.once('error', (error) => finish(`the connection failed: ${error.message}`));
  });
}

function parse(text: string): RawAnswer | null {
  const cut = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return cut === -1 || status === undefined
    ? null
    : { status: Number(status), head: text.slice(0, cut), body: text.slice(cut + 4) };
}

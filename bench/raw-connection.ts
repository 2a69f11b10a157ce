import { connect, type Socket } from 'node:net';

/** What came back: the HTTP status, or a word for why nothing did. */
export type Answer = number | string;

/**
 * One keep-alive connection with one request under way at a time (no pipelining: platforms do not). Hand-made because a
 * generator must cost less than what it measures: an HTTP client takes about as long per request as the bare server answers in.
 */
export interface RawConnection {
  /** Resolves through the callback that {@link openConnection} was given; never call it before the last answer. */
  post(body: string, signature: string): void;
  close(): void;
}

export function openConnection(url: URL, onAnswer: (answer: Answer) => void): Promise<RawConnection> {
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nAuthorization: `;
  return new Promise((resolve, reject) => {
    let socket: Socket;
    let pending = false;
    let received = '';
    const settle = (answer: Answer) => {
      received = '';
      if (!pending) return;
      pending = false;
      onAnswer(answer);
    };
    const open = (): Socket => {
      const opened = connect(Number(url.port), url.hostname);
      opened.setNoDelay(true);
      opened.setEncoding('latin1');
      opened.on('data', (chunk: string) => {
        received += chunk;
        const status = readAnswer(received);
        if (status !== null) settle(status);
      });
      opened.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      opened.on('close', () => settle('CLOSED'));
      return opened;
    };
    socket = open();
    socket.once('error', reject);
    socket.once('connect', () =>
      resolve({
        post(body, signature) {
          // A server may close an idle connection; the next request opens another.
          if (socket.destroyed || socket.readyState !== 'open') socket = open();
          pending = true;
          socket.write(`${head}${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
        },
        close: () => socket.destroy(),
      }),
    );
  });
}

/** The status once an answer is complete, else null. */
export function readAnswer(text: string): number | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const status = Number(text.slice(9, 12));
  const headers = text.slice(0, end).toLowerCase();
  if (headers.includes('transfer-encoding: chunked')) return text.endsWith('0\r\n\r\n') ? status : null;
  const length = Number(/content-length: *(\d+)/.exec(headers)?.[1] ?? 0);
  return text.length - end - 4 >= length ? status : null;
}

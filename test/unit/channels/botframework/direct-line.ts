import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DirectLine } from 'botframework-directlinejs';

const require = createRequire(import.meta.url);

export interface OfflineDirectLine {
  /** What a client takes as its `domain`. */
  domain: string;
  stop(): Promise<void>;
}

/** The package's own server on a free port, in a process of its own: it cannot be stopped otherwise. */
export async function startOfflineDirectLine(botUrl: string): Promise<OfflineDirectLine> {
  const port = await freePort();
  const cli = join(dirname(require.resolve('offline-directline/package.json')), 'dist', 'cmdutil.js');
  const child = spawn(process.execPath, [cli, '-d', String(port), '-b', botUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await untilItSays(child, 'Routing messages to bot');
  return {
    domain: `http://127.0.0.1:${port}/directline`,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function untilItSays(child: ChildProcess, words: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-10_000);
      if (said.includes(words)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`offline-directline ended with ${code}: ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** As much of a browser's XMLHttpRequest as the client's rxjs asks for. */
class FetchRequest {
  readyState = 0;
  status = 0;
  response: unknown = null;
  responseType = '';
  timeout = 0;
  onreadystatechange: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  ontimeout: ((event: unknown) => void) | null = null;
  readonly #headers: Record<string, string> = {};
  readonly #gone = new AbortController();
  #method = 'GET';
  #url = '';

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  getResponseHeader(): null {
    return null;
  }

  abort(): void {
    this.#gone.abort();
  }

  send(body?: string): void {
    fetch(this.#url, { method: this.#method, headers: this.#headers, body: body ?? null, signal: this.#gone.signal })
      .then(async (answer) => {
        const text = await answer.text();
        this.status = answer.status;
        this.response = this.responseType === 'json' && text !== '' ? JSON.parse(text) : text;
        this.readyState = 4;
        this.onreadystatechange?.({ target: this });
      })
      .catch((thrown: unknown) => {
        if (!this.#gone.signal.aborted) this.onerror?.({ target: this, thrown });
      });
  }
}

export interface Chat {
  /** Resolves with the id that Direct Line gave the line. */
  say(text: string): Promise<string>;
  /** Resolves once the bot has said so many lines. */
  heard(lines: number): Promise<string[]>;
  end(): void;
}

/** Microsoft's Direct Line client, polling, as a web page would use it. */
export function openChat(line: OfflineDirectLine, user: { id: string; name: string }): Chat {
  // The client wants a WebSocket to exist, and uses none while it polls.
  Object.assign(globalThis, { XMLHttpRequest: FetchRequest, WebSocket: globalThis.WebSocket ?? class {} });
  const client = new DirectLine({ domain: line.domain, secret: 'offline', webSocket: false, pollingInterval: 200 });
  const lines: string[] = [];
  const waiting: { count: number; resolve: (lines: string[]) => void }[] = [];
  const subscription = client.activity$.subscribe((activity) => {
    if (activity.type !== 'message' || activity.from.id === user.id) return;
    lines.push(activity.text ?? '');
    for (const waiter of waiting) if (lines.length >= waiter.count) waiter.resolve([...lines]);
  });
  return {
    say: (text) =>
      new Promise((resolve, reject) => {
        client.postActivity({ type: 'message', from: user, text }).subscribe(resolve, reject);
      }),
    heard: (count) =>
      new Promise((resolve) => {
        if (lines.length >= count) resolve([...lines]);
        else waiting.push({ count, resolve });
      }),
    end() {
      subscription.unsubscribe();
      client.end();
    },
  };
}

/** Calls of a simulator's control API (`src/sandbox/control.ts` lists them), from another process. */
export interface ControlClient {
  get<T>(call: string, query?: Record<string, string>): Promise<T>;
  /** The control API answers every POST with JSON; the caller states its shape. */
  post<T = unknown>(call: string, body?: unknown): Promise<T>;
}

export function createControlClient(baseUrl: string): ControlClient {
  const ask = async <T>(call: string, url: URL, init: RequestInit): Promise<T> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    const body: unknown = await answer.json();
    if (answer.status !== 200) throw new Error(`${call} answered ${answer.status}: ${JSON.stringify(body)}`);
    return body as T;
  };
  return {
    get(call, query = {}) {
      const url = new URL(`/_control/${call}`, baseUrl);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return ask(`GET ${call}`, url, {});
    },
    post: (call, body = {}) =>
      ask(`POST ${call}`, new URL(`/_control/${call}`, baseUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

import type { Clock } from '../common/clock.ts';
import type { DemoPatch } from './demo-view.ts';

/** Changes closer together than this are one event. */
const SETTLE_MS = 50;
const HEARTBEAT_MS = 15_000;
/** After a collection that saw only part of the truth. */
const RETRY_MS = 1_000;
const MAX_CLIENTS = 64;

export interface Collected {
  /** Section name to its JSON. */
  sections: Map<string, string>;
  /** True when something could not be read and must be asked for again. */
  stale: boolean;
}

export interface DemoFeed {
  /** The whole state now. */
  current(): Promise<Collected>;
  /** Server-sent events until `signal` aborts; `null` when too many listen already. */
  open(signal: AbortSignal): AsyncIterable<string> | null;
  /** Something changed. */
  touch(): void;
}

/** One collection serves all clients; each client gets the sections that differ from what it was sent before. */
export function createDemoFeed(collect: () => Promise<Collected>, clock: Clock): DemoFeed {
  const waiting = new Set<() => void>();
  let clients = 0;
  let version = 1;
  let collected = { version: 0, pending: Promise.resolve<Collected>({ sections: new Map(), stale: false }) };

  const touch = () => {
    version += 1;
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  };

  const current = (): Promise<Collected> => {
    if (collected.version === version) return collected.pending;
    const pending = collect();
    collected = { version, pending };
    pending.then(
      (result) => {
        if (result.stale) clock.schedule(RETRY_MS, touch);
      },
      () => clock.schedule(RETRY_MS, touch),
    );
    return pending;
  };

  /** `true` after a change, `false` after a while without one or when the client has left. */
  const changeAfter = (seen: number, signal: AbortSignal): Promise<boolean> => {
    if (version !== seen) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (changed: boolean) => {
        waiting.delete(wake);
        signal.removeEventListener('abort', leave);
        timer.cancel();
        resolve(changed);
      };
      const wake = () => settle(true);
      const leave = () => settle(false);
      const timer = clock.schedule(HEARTBEAT_MS, leave);
      waiting.add(wake);
      signal.addEventListener('abort', leave, { once: true });
    });
  };

  async function* events(signal: AbortSignal): AsyncGenerator<string> {
    const sent = new Map<string, string>();
    let whole = true;
    // Counted here and not in open(): a generator that is never started never ends either.
    clients += 1;
    try {
      yield 'retry: 1000\n\n';
      while (!signal.aborted) {
        const seen = version;
        const found = await current().catch(() => null);
        const patch = found === null ? null : difference(sent, found.sections, whole);
        if (patch !== null) {
          whole = false;
          yield `data: ${patch}\n\n`;
        }
        while (!signal.aborted && !(await changeAfter(seen, signal))) if (!signal.aborted) yield ': here\n\n';
        if (!signal.aborted) await pause(clock, SETTLE_MS);
      }
    } finally {
      clients -= 1;
    }
  }

  return {
    current,
    touch,
    open: (signal) => (clients >= MAX_CLIENTS ? null : events(signal)),
  };
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });

/** The event's JSON, built from sections that are JSON already; `null` when there is nothing to tell. */
function difference(sent: Map<string, string>, sections: ReadonlyMap<string, string>, whole: boolean): string | null {
  const changed: string[] = [];
  for (const [name, json] of sections) {
    if (sent.get(name) === json) continue;
    sent.set(name, json);
    changed.push(`${JSON.stringify(name)}:${json}`);
  }
  for (const name of sent.keys()) {
    if (sections.has(name)) continue;
    sent.delete(name);
    changed.push(`${JSON.stringify(name)}:null`);
  }
  if (changed.length === 0 && !whole) return null;
  const flag: keyof DemoPatch = 'whole';
  return `{"${flag}":${whole},"sections":{${changed.join(',')}}}`;
}

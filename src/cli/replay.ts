import type { InboundEvent } from '../contracts/inbound.ts';
import { complain, print, when, withStore } from './with-store.ts';

/**
 * Events of shops that were unknown are replayed by themselves once the shop is added. This is for the rest: an event for a customer that nobody
 * knew. A body that could not be read is shown, so that a person can act on it.
 */
export async function replay(id: string | undefined): Promise<number> {
  return withStore(async (store) => {
    const rows = await store.listAside(500);
    if (id === undefined) {
      if (rows.length === 0) print('Nothing is set aside.');
      for (const row of rows) print(`aside-${row.id}  ${when(row.at)}  ${row.source}  ${row.reason}: ${row.detail}`);
      return rows.length === 0 ? 0 : 1;
    }
    const row = rows.find((candidate) => `aside-${candidate.id}` === id || String(candidate.id) === id);
    if (row === undefined) {
      complain(`There is no "${id}". "buyerline replay" without an id lists what is set aside.`);
      return 1;
    }
    const event = eventOf(row.raw);
    if (event === null) {
      print(row.raw);
      complain(`${id} is a body that could not be read (${row.detail}); it is printed above and cannot be replayed.`);
      return 1;
    }
    const [result] = await store.ingest([{ event }], Date.now());
    if (result === undefined || result.outcome === 'aside' || result.outcome === 'conflict') {
      complain(
        `${id} still cannot be placed${result !== undefined && 'reason' in result ? `: ${result.reason}` : ''}.`,
      );
      return 1;
    }
    print(`${id}: ${result.outcome}.`);
    return 0;
  });
}

function eventOf(raw: string): InboundEvent | null {
  try {
    const value: unknown = JSON.parse(raw);
    const isEvent =
      typeof value === 'object' && value !== null && 'eventKey' in value && 'target' in value && 'body' in value;
    return isEvent ? (value as InboundEvent) : null;
  } catch {
    return null;
  }
}

import type { StoredInbound } from '../../contracts/store.ts';

/** Lines of the marketplace have an order of their own; timers, desk events and results do not. */
const hasPlatformOrder = (row: StoredInbound): boolean =>
  row.event.body.kind === 'buyer.message' || row.event.body.kind === 'shop.message';

/** Decimal strings of any length: `9` before `10`, and nothing is lost above 2^53. */
const compareIndex = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/**
 * Sorts marketplace lines by the platform's index, then its time, then arrival, each into a place that such a line held; every other
 * event keeps its arrival place. Where only some lines carry an index, time decides for all of them, because a comparison that
 * changes its measure from pair to pair would have no order at all; where some carry neither, those keep their place too.
 */
export function inPlatformOrder(rows: StoredInbound[]): StoredInbound[] {
  if (rows.length < 2) return rows;
  const lines = rows.filter(hasPlatformOrder);
  const byIndex = lines.every((row) => row.event.order.index !== null);
  const sortable = byIndex ? lines : lines.filter((row) => row.event.order.at !== null);
  const places = new Set(sortable);
  const sorted = [...sortable].sort((a, b) => {
    const index = byIndex ? compareIndex(a.event.order.index ?? '', b.event.order.index ?? '') : 0;
    return index || (a.event.order.at ?? 0) - (b.event.order.at ?? 0) || a.id - b.id;
  });
  let next = 0;
  return rows.map((row) => {
    if (!places.has(row)) return row;
    const placed = sorted[next] ?? row;
    next += 1;
    return placed;
  });
}

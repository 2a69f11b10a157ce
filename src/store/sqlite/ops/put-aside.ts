import type { AsideRecord } from '../../../contracts/inbound.ts';
import type { AsideRow } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';

/** Keeps what cannot be used. With an `identity` only once: null when it is kept already. */
export function putAside(tx: Tx, args: { record: AsideRecord; now: number; identity: string | null }): number | null {
  const { record, now, identity } = args;
  const row = tx.db.get<{ id: number }>(
    `INSERT INTO aside (at, source, reason, detail, raw, channel, shop_id, identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      now,
      record.source,
      record.reason,
      record.detail,
      record.raw,
      record.channel ?? null,
      record.shopId ?? null,
      identity,
    ],
  );
  return row?.id ?? null;
}

interface StoredAside extends Omit<AsideRow, 'channel' | 'shopId'> {
  channel: string | null;
  shopId: string | null;
}

const COLUMNS = 'id, at, source, reason, detail, raw, channel, shop_id AS shopId';

const toAsideRow = ({ channel, shopId, ...row }: StoredAside): AsideRow => ({
  ...row,
  ...(channel === null ? {} : { channel }),
  ...(shopId === null ? {} : { shopId }),
});

/** Newest first. */
export const listAside = (tx: Tx, args: { limit: number }): AsideRow[] =>
  tx.db.all<StoredAside>(`SELECT ${COLUMNS} FROM aside ORDER BY id DESC LIMIT ?`, [args.limit]).map(toAsideRow);

/** Oldest first, so that they can be taken in again in the order in which they came. */
export function takeAside(tx: Tx, args: { channel: string; shopId: string }): AsideRow[] {
  const where = "channel = ? AND shop_id = ? AND reason = 'unknown_shop'";
  const rows = tx.db.all<StoredAside>(`SELECT ${COLUMNS} FROM aside WHERE ${where} ORDER BY id`, [
    args.channel,
    args.shopId,
  ]);
  if (rows.length > 0) tx.db.run(`DELETE FROM aside WHERE ${where}`, [args.channel, args.shopId]);
  return rows.map(toAsideRow);
}

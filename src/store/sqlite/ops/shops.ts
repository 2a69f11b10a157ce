import type { Shop } from '../../../contracts/store.ts';
import type { Tx } from '../tx.ts';

interface ShopRow extends Omit<Shop, 'info'> {
  info: string;
}

const COLUMNS = 'channel, shop_id AS shopId, name, region, status, info';
const toShop = (row: ShopRow): Shop => ({ ...row, info: JSON.parse(row.info) as Shop['info'] });

export function putShop(tx: Tx, args: { shop: Shop }): null {
  const { shop } = args;
  tx.db.run(
    `INSERT INTO shops (channel, shop_id, name, region, status, info) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET name = excluded.name, region = excluded.region, status = excluded.status, info = excluded.info`,
    [shop.channel, shop.shopId, shop.name, shop.region, shop.status, JSON.stringify(shop.info)],
  );
  return null;
}

export interface ShopKey {
  channel: string;
  shopId: string;
}

export function getShop(tx: Tx, args: ShopKey): Shop | null {
  const row = tx.db.get<ShopRow>(`SELECT ${COLUMNS} FROM shops WHERE channel = ? AND shop_id = ?`, [
    args.channel,
    args.shopId,
  ]);
  return row === undefined ? null : toShop(row);
}

export const listShops = (tx: Tx, args: { channel: string | null }): Shop[] =>
  tx.db
    .all<ShopRow>(`SELECT ${COLUMNS} FROM shops WHERE ? IS NULL OR channel = ? ORDER BY channel, shop_id`, [
      args.channel,
      args.channel,
    ])
    .map(toShop);

/** Its credentials go with it; conversations stay. */
export function removeShop(tx: Tx, args: ShopKey): boolean {
  tx.db.run('DELETE FROM credentials WHERE channel = ? AND shop_id = ?', [args.channel, args.shopId]);
  return tx.db.run('DELETE FROM shops WHERE channel = ? AND shop_id = ?', [args.channel, args.shopId]) > 0;
}

/** Sealed text in and out: the key never reaches an operation. */
export function getCredentials(tx: Tx, args: ShopKey): { sealed: string; revision: number } | null {
  return (
    tx.db.get<{ sealed: string; revision: number }>(
      'SELECT sealed, revision FROM credentials WHERE channel = ? AND shop_id = ?',
      [args.channel, args.shopId],
    ) ?? null
  );
}

export function saveCredentials(tx: Tx, args: ShopKey & { sealed: string; revision: number }): boolean {
  const { channel, shopId, sealed, revision } = args;
  if (revision === 0) {
    return (
      tx.db.run(
        'INSERT INTO credentials (channel, shop_id, sealed, revision) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING',
        [channel, shopId, sealed],
      ) === 1
    );
  }
  return (
    tx.db.run(
      'UPDATE credentials SET sealed = ?, revision = revision + 1 WHERE channel = ? AND shop_id = ? AND revision = ?',
      [sealed, channel, shopId, revision],
    ) === 1
  );
}

export const getMeta = (tx: Tx, args: { key: string }): string | null =>
  tx.db.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', [args.key])?.value ?? null;

export function putMeta(tx: Tx, args: { key: string; value: string }): null {
  tx.db.run('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', [
    args.key,
    args.value,
  ]);
  return null;
}

/** A real write of a row that nobody reads. */
export function probe(tx: Tx): null {
  tx.db.run(
    "INSERT INTO meta (key, value) VALUES ('store.probe', '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1",
  );
  return null;
}

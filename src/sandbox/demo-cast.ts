import { demoOrders } from './demo-data/orders.ts';
import { DEMO_BUYERS } from './demo-data/shops.ts';
import type { CastBuyer } from './demo-view.ts';

/** As much of a shop as the page shows; the demo world's shops fit. */
export interface DemoShop {
  id: string;
  name: string;
  region: string;
  cipher: string;
  openId: string;
}

/** What each buyer of the demo world writes in, and the region of the shop they write to. */
const SPOKEN: readonly [handle: string, language: string, languageName: string, region: string][] = [
  ['mia', 'en', 'English', 'GB'],
  ['oliver', 'en', 'English', 'GB'],
  ['xiaoyu', 'zh-Hans', 'Chinese (simplified)', 'GB'],
  ['weiting', 'zh-Hant', 'Chinese (traditional)', 'GB'],
  ['somchai', 'th', 'Thai', 'TH'],
  ['ploy', 'th', 'Thai', 'TH'],
  ['budi', 'id', 'Indonesian', 'ID'],
  ['putri', 'id', 'Indonesian', 'ID'],
  ['lan', 'vi', 'Vietnamese', 'GB'],
  ['aisyah', 'ms', 'Malay', 'GB'],
];

export interface CastMember extends Omit<CastBuyer, 'orders' | 'products'> {
  userId: string;
  imUserId: string;
}

/** Buyers whose shop is among `shops`, in the order of the page's list. */
export function demoCast(shops: readonly DemoShop[]): CastMember[] {
  return SPOKEN.flatMap(([handle, language, languageName, region]) => {
    const buyer = DEMO_BUYERS.find((one) => one.handle === handle);
    const shop = shops.find((one) => one.region === region);
    if (buyer === undefined || shop === undefined) return [];
    return [
      {
        handle,
        name: buyer.nickname,
        language,
        languageName,
        shopId: shop.id,
        shopName: shop.name,
        region,
        userId: buyer.userId,
        imUserId: buyer.imUserId,
      },
    ];
  });
}

/** `2 × Merino Crew Jumper (S)`, by order id. */
export function demoOrderTitles(): Map<string, string> {
  const titles = demoOrders(0).orders.map((order): [string, string] => {
    const { line_items: lines } = order.detail;
    const counts = new Map<string, number>();
    for (const line of lines) {
      const name = `${line.product_name} (${line.sku_name})`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const named = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
    return [order.id, named.join(', ')];
  });
  return new Map(titles);
}

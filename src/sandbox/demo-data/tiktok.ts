import type { TiktokSeed, TiktokToken } from '../tiktok/types.ts';
import { demoOrders } from './orders.ts';
import { DEMO_PRODUCTS, toTiktokProduct } from './products.ts';
import { DEMO_BUYERS, DEMO_SELLERS, DEMO_SHOPS } from './shops.ts';

/** Credentials of the demo app: worthless outside the simulator, so they may stand in the code. */
export const DEMO_APP = {
  appKey: '6demo7app8key9',
  appSecret: 'demo0f1e2d3c4b5a69788796a5b4c3d2e1f00123',
  serviceId: '7431234567890123456',
} as const;

const WEEK_SEC = 7 * 86_400;

export const demoTokens = (nowMs: number): TiktokToken[] =>
  DEMO_SELLERS.map((seller) => ({
    openId: seller.openId,
    accessToken: `TTP_acc_${seller.openId}`,
    refreshToken: `TTP_ref_${seller.openId}`,
    accessExpiresSec: Math.floor(nowMs / 1000) + WEEK_SEC,
    refreshExpiresSec: Math.floor(nowMs / 1000) + 52 * WEEK_SEC,
    userType: 0,
    scopes: [...seller.scopes],
  }));

/** A fresh copy of the demo marketplace with all times relative to `nowMs`. */
export function demoTiktokSeed(nowMs: number): TiktokSeed {
  const { orders, packages } = demoOrders(nowMs);
  return {
    sellers: DEMO_SELLERS.map((seller) => ({ ...seller, scopes: [...seller.scopes] })),
    shops: DEMO_SHOPS.map((shop) => ({ ...shop })),
    buyers: DEMO_BUYERS.map((buyer) => ({ ...buyer })),
    orders,
    packages,
    products: DEMO_PRODUCTS.map(toTiktokProduct),
    coupons: DEMO_SHOPS.map((shop, at) => ({
      shopId: shop.id,
      id: `729384756012345${700 + at}`,
      status: 'ONGOING',
      displayType: 'CHAT',
      creationSource: 'SELLER_CENTER',
      targetBuyerSegment: 'ALL',
    })),
    tokens: demoTokens(nowMs),
  };
}

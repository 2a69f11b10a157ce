import { DEMO_SHOPS } from './demo-data/shops.ts';
import { DEMO_APP, demoTiktokSeed, demoTokens } from './demo-data/tiktok.ts';
import { DEMO_DESK, demoUdeskSeed } from './demo-data/udesk.ts';

export { DEMO_SHOPS, demoTiktokSeed, demoUdeskSeed };

/** What a bridge must be told to talk to the two simulators. */
export interface DemoCredentials {
  tiktok: {
    appKey: string;
    appSecret: string;
    serviceId: string;
    apiUrl: string;
    authUrl: string;
    shops: {
      shopId: string;
      name: string;
      region: string;
      cipher: string;
      accessToken: string;
      refreshToken: string;
      /** Unix seconds, as the token call gives them. */
      accessExpiresSec: number;
      refreshExpiresSec: number;
    }[];
  };
  udesk: {
    apiUrl: string;
    email: string;
    apiToken: string;
    signHash: 'sha256';
    pushSecret: string;
    structKey: string;
    robotId: number;
    sceneId: number;
    groupId: number;
  };
}

/**
 * Settings of the demo for simulators at these addresses. `tiktokUrl` and `udeskUrl` are the `url` of each simulator;
 * `/open_api_v1` is added here. The receiving URL of pushes ends in `udesk.pushSecret`.
 */
export function demoCredentials(at: { tiktokUrl: string; udeskUrl: string; nowMs: number }): DemoCredentials {
  const tokens = demoTokens(at.nowMs);
  return {
    tiktok: {
      ...DEMO_APP,
      apiUrl: at.tiktokUrl,
      authUrl: at.tiktokUrl,
      shops: DEMO_SHOPS.flatMap((shop) => {
        const token = tokens.find((one) => one.openId === shop.openId);
        if (token === undefined) return [];
        const { accessToken, refreshToken, accessExpiresSec, refreshExpiresSec } = token;
        return [
          {
            shopId: shop.id,
            name: shop.name,
            region: shop.region,
            cipher: shop.cipher,
            accessToken,
            refreshToken,
            accessExpiresSec,
            refreshExpiresSec,
          },
        ];
      }),
    },
    udesk: {
      apiUrl: `${at.udeskUrl}/open_api_v1`,
      email: DEMO_DESK.email,
      apiToken: DEMO_DESK.apiToken,
      signHash: 'sha256',
      pushSecret: DEMO_DESK.pushSecret,
      structKey: DEMO_DESK.structKey,
      robotId: DEMO_DESK.robotId,
      sceneId: DEMO_DESK.sceneId,
      groupId: DEMO_DESK.groupId,
    },
  };
}

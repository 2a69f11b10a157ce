import { toStored, valuesOfSeed } from '../channels/tiktok/grant-values.ts';
import { complain, print, printJson, withStore } from './with-store.ts';

export async function listShops(options: { json?: boolean }): Promise<number> {
  return withStore(async (store) => {
    const shops = await store.listShops();
    if (options.json === true) printJson(shops);
    else if (shops.length === 0)
      print(
        'No shops yet. Start the bridge and open /oauth/tiktok/start, or set TIKTOK_SHOP_ID and TIKTOK_ACCESS_TOKEN.',
      );
    else
      for (const shop of shops)
        print(`${shop.channel}  ${shop.shopId}  ${shop.name || '-'}  ${shop.region ?? '-'}  ${shop.status}`);
    return 0;
  });
}

/** Tokens come from the environment of the call, so that they stand in no shell history and no process list. */
export async function addShop(channel: string, shopId: string, options: Record<string, string>): Promise<number> {
  const accessToken = process.env.SHOP_ACCESS_TOKEN;
  if (channel !== 'tiktok' || !/^[A-Za-z0-9_-]{1,64}$/u.test(shopId) || !accessToken) {
    complain('Give the channel "tiktok", the shop id, and the tokens in SHOP_ACCESS_TOKEN and SHOP_REFRESH_TOKEN.');
    return 2;
  }
  return withStore(async (store) => {
    const info: Record<string, string> = options.cipher === undefined ? {} : { cipher: options.cipher };
    await store.putShop({
      channel,
      shopId,
      name: options.name ?? '',
      region: options.region?.toUpperCase() ?? null,
      status: 'active',
      info,
    });
    const held = await store.getCredentials(channel, shopId);
    const values = toStored(
      valuesOfSeed(accessToken, process.env.SHOP_REFRESH_TOKEN ?? null, Math.floor(Date.now() / 1000)),
    );
    if (!(await store.saveCredentials(channel, shopId, values, held?.revision ?? 0))) {
      complain('The tokens of this shop changed meanwhile; call again.');
      return 1;
    }
    print(`${channel} ${shopId} is added. Restart the bridge.`);
    return 0;
  });
}

export async function removeShop(channel: string, shopId: string): Promise<number> {
  return withStore(async (store) => {
    if (await store.removeShop(channel, shopId)) {
      print(`${channel} ${shopId} and its tokens are removed. Restart the bridge.`);
      return 0;
    }
    complain(`There is no ${channel} shop ${shopId}. "buyerline shops list" shows them.`);
    return 1;
  });
}

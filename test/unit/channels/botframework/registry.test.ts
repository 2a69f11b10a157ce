import { describe, expect, it } from 'vitest';
import { channelFactories } from '../../../../src/channels/registry.ts';
import { createHttpClient } from '../../../../src/common/http-client.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { createFakeClock } from '../../../helpers/fake-clock.ts';

const never = async (): Promise<never> => {
  throw new Error('not called');
};
const parts = () => ({
  shops: {
    getShop: never,
    listShops: never,
    putShop: never,
    removeShop: never,
    getCredentials: never,
    saveCredentials: never,
    getMeta: never,
    putMeta: never,
  },
  http: createHttpClient(),
  clock: createFakeClock(),
  logger: silentLogger,
  metrics: noMetrics,
  ingest: never,
});

describe('botframework in the registry', () => {
  const factory = channelFactories.get('botframework');

  it('is a place without shops that needs no setting', () => {
    expect(factory?.hasShops).toBe(false);
    const channel = factory?.create({}, parts());
    expect(channel?.name).toBe('botframework');
    expect(channel?.routes?.map((route) => `${route.method} ${route.path}`)).toEqual(['POST /api/messages']);
    expect(channel?.lookups).toBeUndefined();
    expect(channel?.readBack).toBeUndefined();
    expect(factory?.create({ appId: null, appPassword: null, appTenantId: null }, parts()).name).toBe('botframework');
  });

  it('names what is missing beside what is set', () => {
    const create = (settings: unknown) => () => factory?.create(settings, parts());
    expect(create({ appId: 'a' })).toThrowError(/botframework\.appPassword/);
    expect(create({ appPassword: 'a' })).toThrowError(/botframework\.appId/);
    expect(create({ appTenantId: 'a' })).toThrowError(/botframework\.appId/);
    expect(create({ appid: 'a' })).toThrowError(/botframework/);
  });
});

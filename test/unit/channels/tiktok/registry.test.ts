import { describe, expect, it } from 'vitest';
import { channelFactories } from '../../../../src/channels/registry.ts';
import { createHttpClient } from '../../../../src/common/http-client.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { createFakeClock } from '../../../helpers/fake-clock.ts';
import { configOf, createMemoryShops } from './builders.ts';

const parts = () => ({
  shops: createMemoryShops(),
  http: createHttpClient(),
  clock: createFakeClock(),
  logger: silentLogger,
  metrics: noMetrics,
  ingest: async () => {},
});

describe('the channel registry', () => {
  it('makes a channel of the name it is kept under', () => {
    for (const [name, factory] of channelFactories) expect(name).toBe(factory.name);
    expect(channelFactories.get('tiktok')?.create(configOf('https://api.example'), parts()).name).toBe('tiktok');
  });

  it('lists every problem of the settings at once', () => {
    const create = () => channelFactories.get('tiktok')?.create({ appKey: '', apiUrl: 'nonsense' }, parts());
    expect(create).toThrowError(/tiktok\.appKey[\s\S]*tiktok\.appSecret[\s\S]*tiktok\.apiUrl[\s\S]*tiktok\.authUrl/);
  });
});

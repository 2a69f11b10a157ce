import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { webhookSignatureFits } from '../../../../src/channels/tiktok/verify.ts';

const KEY = '6abc123def456';
const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f001234567';
const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/tiktok/${name}`, import.meta.url));
const fits = (rawBody: Buffer, authorization: string | undefined, secrets = [SECRET]) =>
  webhookSignatureFits({ appKey: KEY, secrets, rawBody, authorization });

const VECTORS: [string, string][] = [
  ['webhook-14.json', '900a2c58d7404a0fe48b9fddf6f97b120722653c7a598712dd894984f2e55a4d'],
  ['webhook-13.json', '56065bee9bf405d9947caa8b88b26c077dc144e406490e1c0249e6394d842bb9'],
  ['webhook-14-unicode.json', 'ba6caf5a3ac21c8221101aaafac2b3f00f3155ba765a6566bfdaaa1370d1cd47'],
  ['webhook-9.json', 'ec789855cc7e317471351d96cdcd99b8e5bf477a099f7478b28e24dc8cd4e080'],
  ['webhook-8.json', '1574299b4ce6032a94d0da2fa0883666ad5edb4bfc6a1a92aae82c7b6697ecef'],
];

describe('webhookSignatureFits', () => {
  it.each(VECTORS)('accepts the vector of %s', (name, signature) => {
    expect(fits(fixture(name), signature)).toBe(true);
    expect(fits(fixture(name), signature.toUpperCase())).toBe(true);
    expect(fits(Buffer.concat([fixture(name), Buffer.from('\n')]), signature)).toBe(false);
  });

  it('accepts the previous secret while it is rotated, and no other', () => {
    const [name, signature] = VECTORS[0] ?? ['', ''];
    expect(fits(fixture(name), signature, ['new secret', SECRET])).toBe(true);
    expect(fits(fixture(name), signature, ['new secret'])).toBe(false);
  });

  it.each([undefined, '', 'Bearer x', '900a2c58', `${'0'.repeat(63)}g`, 'é'.repeat(64)])('refuses %j', (header) => {
    expect(fits(fixture('webhook-14.json'), header)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { createPublicLookup, isPublicAddress } from '../../../../src/channels/tiktok/public-address.ts';

describe('public addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::5'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fd00::1',
    'localhost',
    '',
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  const lookup = (addresses: string[], all: boolean) =>
    new Promise<unknown>((resolve) =>
      createPublicLookup((_host, _options, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      )('a.example', { all }, (error, address) => resolve(error?.code ?? address)),
    );

  it('a name is connected to a public address it resolves to, or not at all', async () => {
    expect(await lookup(['10.0.0.1', '8.8.8.8'], false)).toBe('8.8.8.8');
    expect(await lookup(['10.0.0.1', '8.8.8.8'], true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await lookup(['127.0.0.1'], true)).toBe('ADDRESS_NOT_PUBLIC');
  });
});

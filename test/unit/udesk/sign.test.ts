import { describe, expect, it } from 'vitest';
import { signedQuery, signStruct, signV2 } from '../../../src/udesk/sign.ts';

const base = { email: 'bridge@example.com', apiToken: 'tok-0000-1111', timestampSec: 1_700_000_000, nonce: 'n-0001' };

describe('signatures', () => {
  it.each([
    ['sha256', base.email, '8f36ca944d271e383168e769432cbb24c74f36e5a36635c29dedeac9b5fdbe71'],
    ['sha1', base.email, '7ed9fb684c59a65919498aa4b68617be88ecfdcd'],
    ['sha256', 'ops+shop@example.com', 'f79cd71f9f89329c92ed1b7b2eb864323c9ce7dad977db0f01783620d1e6afc5'],
  ] as const)('v2 with %s for %s fits the published vector', (hash, email, expected) => {
    expect(signV2({ ...base, email, hash })).toBe(expected);
  });

  it.each([
    ['42', '7', '9', 1_700_000_000, 'key-test-01', '6369454d4c07b48efdf5f71870c7ffd2'],
    ['1', '1', '1', 1_484_272_693, '708ff6dc-41d5-4med-9ebc-0388zz9d76f1', '4666293b3dfe91aa97179dc701be7afc'],
  ])(
    'structured messages of session %s fit the published MD5',
    (imSubSessionId, customerId, agentId, timestampSec, key, expected) => {
      expect(signStruct({ imSubSessionId, customerId, agentId, timestampSec, key })).toBe(expected);
    },
  );

  it('signs every attempt with a nonce of its own and seconds, not milliseconds', () => {
    const account = { email: base.email, apiToken: base.apiToken, signHash: 'sha256' } as const;
    const [first, second] = [signedQuery(account, 1_700_000_000_999), signedQuery(account, 1_700_000_000_999)];
    expect(first.map(([name]) => name)).toEqual(['email', 'timestamp', 'sign', 'nonce', 'sign_version']);
    const query = new Map(first);
    expect(query.get('timestamp')).toBe('1700000000');
    expect(query.get('nonce')).toMatch(/^[0-9a-f-]{36}$/);
    expect(query.get('nonce')).not.toBe(new Map(second).get('nonce'));
    expect(query.get('sign')).toBe(signV2({ ...base, nonce: query.get('nonce') ?? '', hash: 'sha256' }));
  });
});

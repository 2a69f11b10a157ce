import { describe, expect, it } from 'vitest';
import { isSettingCode, refusalOfCode, refusalOfStatus } from '../../../src/udesk/errors.ts';

describe('refusals', () => {
  it.each([
    [2059, 'dead', 'UDESK_SIGN_HASH'],
    [2015, 'dead', 'UDESK_EMAIL'],
    [2002, 'dead', 'UDESK_API_URL'],
    [20622, 'retry', 'NTP'],
    [20623, 'retry', 'nonce'],
    [5060, 'dead', 'UDESK_GROUP_ID'],
    [11012, 'dead', 'UDESK_GROUP_ID'],
    [2005, 'dead', '2005'],
    [2000, 'retry', '2000'],
    [77777, 'retry', '77777'],
  ])('code %i is %s and says %s', (code, next, word) => {
    const refusal = refusalOfCode(code);
    expect(refusal.next).toBe(next);
    expect(refusal.reason).toContain(word);
    expect(refusal.known).toBe(code !== 77777);
  });

  it('knows which codes are the settings of the tenant', () => {
    expect([2059, 2015, 2058, 20622].every(isSettingCode)).toBe(true);
    expect([2000, 2005, 9200, 77777].some(isSettingCode)).toBe(false);
  });

  it.each([
    [429, 'retry'],
    [408, 'retry'],
    [401, 'dead'],
    [404, 'dead'],
    [302, 'dead'],
    [422, 'dead'],
  ])('HTTP %i without a code is %s', (status, next) => {
    expect(refusalOfStatus(status)?.next).toBe(next);
  });

  it('cannot tell what a 5xx or an empty 200 did', () => {
    expect([500, 502, 503, 504, 200].map(refusalOfStatus)).toEqual([null, null, null, null, null]);
  });
});

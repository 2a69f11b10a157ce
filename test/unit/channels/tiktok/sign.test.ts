import { describe, expect, it } from 'vitest';
import { isMultipart, type SignInput, signRequest } from '../../../../src/channels/tiktok/sign.ts';

const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f001234567';
const SHOP = { app_key: '6abc123def456', shop_cipher: 'ROW_TESTAAAAAExampleCipher0001', timestamp: '1700000000' };
const CONVERSATIONS = '/customer_service/202309/conversations';
const ONE = `${CONVERSATIONS}/7494560109732334261/messages`;
const NET_QUERY = { app_key: '68xu9ks5p4i8', shop_cipher: 'ROW_xkMbgAAAeVAQra0eZWebFQq5aIK', timestamp: '1696909648' };

const PUBLISHED: [string, SignInput, string][] = [
  [
    'Partner Center, sign-your-api-request',
    {
      secret: 'e59af819cc',
      path: '/authorization/202309/shops',
      query: { app_key: '29a39d', timestamp: '1623812664' },
    },
    'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
  ],
  [
    'EcomPHP client test',
    { secret: 'app_secret', path: '/test-api', query: { foo: 'bar' } },
    'd3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f',
  ],
  [
    '.NET signing test, GET',
    { secret: 'e59af819cc', path: '/event/202309/webhooks', query: NET_QUERY },
    'ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37',
  ],
  [
    '.NET signing test, PUT',
    {
      secret: 'e59af819cc',
      path: '/event/202309/webhooks',
      query: NET_QUERY,
      body: '{"event_type":"PACKAGE_UPDATE","address":"https://partner.tiktokshop.com"}',
    },
    '701dd6deb2389fe4c469b89bd37fc56f96a6da6afeb4d01c9077a65169752fa7',
  ],
];

const OWN: [string, Omit<SignInput, 'secret'>, string][] = [
  [
    'A: GET, with a sign and a token that must not count',
    { path: CONVERSATIONS, query: { ...SHOP, page_size: '20', locale: 'en', sign: 'x', access_token: 'y' } },
    '53c209d7c87bfaa08071682a63d6435eaf46a018bd85b1bf28c37a4e1d71decc',
  ],
  [
    'B: POST with UTF-8',
    { path: ONE, query: SHOP, body: '{"type":"TEXT","content":"{\\"content\\":\\"Hello, 你好 👋\\"}"}' },
    '7898e2b5952c0175dbedeecbe39048cf4a14d447ec4c711b1c027af2bc25ab70',
  ],
  [
    'C: multipart, body not signed',
    { path: '/customer_service/202309/images/upload', query: SHOP },
    '1716c59ee0eafe211918434fb0b391450a60e5e3937cc60939d61acc429289d2',
  ],
  [
    'D1: no body',
    { path: `${ONE}/read`, query: SHOP },
    'b861383a225bd706489ba1630c652902301394ede4ccb45f314281562d5159a5',
  ],
  [
    'D2: body {}',
    { path: `${ONE}/read`, query: SHOP, body: '{}' },
    '9cc7337fac7d2070f94af7630d19e7059fe4b9874ef70bfa1d3607083a5359f4',
  ],
  [
    'E: PUT',
    { path: '/customer_service/202309/agents/settings', query: SHOP, body: '{"can_accept_chat":true}' },
    'e18051b1b49fa513863a01f7c2483ca95f50d484ba22e9dcd7978fde2e4fafb9',
  ],
  [
    'F: a list is one value with commas',
    { path: '/order/202309/orders', query: { ...SHOP, ids: '576461413038785752,576461413038785753' } },
    'ea2c8b4b28b411897236453d77326f6da2f63dedc9876014c449897079b0e8b4',
  ],
  [
    'G: no shop cipher',
    { path: '/authorization/202309/shops', query: { app_key: SHOP.app_key, timestamp: SHOP.timestamp } },
    '20e56068787515ee43e69033ec649d706ac08efe91d1028e47b3dcb93a25c123',
  ],
  [
    'L: the legacy API, whose body was never signed',
    {
      path: '/api/seller/im/send_message',
      query: { app_key: '6abc123def456', shop_id: '7494049642642441621', timestamp: '1700000000', access_token: 'z' },
    },
    'be63d8f9c5a5f1dc74b5d1ad4525e4e16f78001e0369b1b6a3a4235dafe531da',
  ],
];

describe('signRequest', () => {
  it.each(PUBLISHED)('agrees with the published value: %s', (_name, input, sign) => {
    expect(signRequest(input)).toBe(sign);
  });

  it.each(OWN)('agrees with vector %s', (_name, input, sign) => {
    expect(signRequest({ ...input, secret: SECRET })).toBe(sign);
  });

  it('knows multipart by its media type, boundary or not', () => {
    expect(isMultipart('Multipart/Form-Data; boundary=xyz')).toBe(true);
    expect(isMultipart('application/json; a=multipart/form-data')).toBe(false);
  });
});

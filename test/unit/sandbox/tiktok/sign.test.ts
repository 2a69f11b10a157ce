import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { requestSign, sameSign, webhookSign } from '../../../../src/sandbox/tiktok/sign.ts';

const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f001234567';
const BASE = { app_key: '6abc123def456', shop_cipher: 'ROW_TESTAAAAAExampleCipher0001', timestamp: '1700000000' };
const sign = (path: string, query: Record<string, string>, body = '', type = 'application/json', secret = SECRET) =>
  requestSign(secret, path, new URLSearchParams(query), Buffer.from(body), type);
const MESSAGES = '/customer_service/202309/conversations/7494560109732334261/messages';

describe('requestSign', () => {
  it('reproduces the values that the platform and two independent libraries published', () => {
    const official = sign(
      '/authorization/202309/shops',
      { app_key: '29a39d', timestamp: '1623812664' },
      '',
      'application/json',
      'e59af819cc',
    );
    expect(official).toBe('b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8');
    const php = sign('/test-api', { foo: 'bar' }, '', 'application/json', 'app_secret');
    expect(php).toBe('d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f');
    const net = {
      app_key: '68xu9ks5p4i8',
      shop_cipher: 'ROW_xkMbgAAAeVAQra0eZWebFQq5aIK',
      timestamp: '1696909648',
    };
    expect(sign('/event/202309/webhooks', net, '', 'application/json', 'e59af819cc')).toBe(
      'ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37',
    );
    const body = '{"event_type":"PACKAGE_UPDATE","address":"https://partner.tiktokshop.com"}';
    expect(sign('/event/202309/webhooks', net, body, 'application/json', 'e59af819cc')).toBe(
      '701dd6deb2389fe4c469b89bd37fc56f96a6da6afeb4d01c9077a65169752fa7',
    );
  });

  it.each([
    [
      'A, ignoring sign and access_token',
      '/customer_service/202309/conversations',
      { ...BASE, page_size: '20', locale: 'en', sign: 'x', access_token: 'y' },
      '',
      'application/json',
      '53c209d7c87bfaa08071682a63d6435eaf46a018bd85b1bf28c37a4e1d71decc',
    ],
    [
      'B, a body beyond ASCII',
      MESSAGES,
      BASE,
      '{"type":"TEXT","content":"{\\"content\\":\\"Hello, 你好 👋\\"}"}',
      'application/json',
      '7898e2b5952c0175dbedeecbe39048cf4a14d447ec4c711b1c027af2bc25ab70',
    ],
    [
      'C, a multipart body left out',
      '/customer_service/202309/images/upload',
      BASE,
      '--x\r\nwhatever',
      'multipart/form-data; boundary=x',
      '1716c59ee0eafe211918434fb0b391450a60e5e3937cc60939d61acc429289d2',
    ],
    ['D1', `${MESSAGES}/read`, BASE, '', '', 'b861383a225bd706489ba1630c652902301394ede4ccb45f314281562d5159a5'],
    ['D2', `${MESSAGES}/read`, BASE, '{}', '', '9cc7337fac7d2070f94af7630d19e7059fe4b9874ef70bfa1d3607083a5359f4'],
    [
      'F, a list as one value',
      '/order/202309/orders',
      { ...BASE, ids: '576461413038785752,576461413038785753' },
      '',
      '',
      'ea2c8b4b28b411897236453d77326f6da2f63dedc9876014c449897079b0e8b4',
    ],
  ])('reproduces vector %s', (_name, path, query, body, type, expected) => {
    expect(sign(path, query, body, type)).toBe(expected);
  });
});

describe('webhookSign', () => {
  it('reproduces the vectors of a plain and of a Chinese body', () => {
    const plain =
      '{"type":14,"tts_notification_id":"7327112393057371910","shop_id":"7494049642642441621","timestamp":1700000000,"data":{"content":"{\\"content\\":\\"Where is my order?\\"}","conversation_id":"7494560109732334261","create_time":1699999999,"is_visible":true,"message_id":"7494560109732334263","index":"7494560109732334274","type":"TEXT","sender":{"im_user_id":"7494560109732334299","role":"BUYER"}}}';
    expect(webhookSign('6abc123def456', SECRET, plain)).toBe(
      '900a2c58d7404a0fe48b9fddf6f97b120722653c7a598712dd894984f2e55a4d',
    );
    const chinese =
      '{"type":14,"tts_notification_id":"7327112393057371912","shop_id":"7494049642642441621","timestamp":1700000004,"data":{"content":"{\\"content\\":\\"你好，我的包裹呢？📦\\"}","conversation_id":"7494560109732334261","create_time":1700000003,"is_visible":true,"message_id":"7494560109732334265","index":"7494560109732334276","type":"TEXT","sender":{"im_user_id":"7494560109732334299","role":"BUYER"}}}';
    expect(webhookSign('6abc123def456', SECRET, chinese)).toBe(
      'ba6caf5a3ac21c8221101aaafac2b3f00f3155ba765a6566bfdaaa1370d1cd47',
    );
  });
});

describe('sameSign', () => {
  it('tells equal from different and survives other lengths', () => {
    const value = createHmac('sha256', 'k').update('v').digest('hex');
    expect(sameSign(value, value)).toBe(true);
    expect(
      sameSign(
        value,
        value.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
    ).toBe(false);
    expect(sameSign(value, '')).toBe(false);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toInbound } from '../../../../src/channels/tiktok/to-inbound.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/tiktok/${name}`, import.meta.url));
const SHOP = '7494049642642441621';
const NOW = 1_700_000_010_000;
const read = (value: unknown) =>
  toInbound(
    Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    NOW,
    silentLogger,
  );
const notice = (type: number | string, data: unknown, more: Record<string, unknown> = {}) => ({
  type,
  tts_notification_id: '7327112393057371910',
  shop_id: SHOP,
  timestamp: 1700000000,
  data,
  ...more,
});
const line = (more: Record<string, unknown> = {}) => ({
  message_id: '7494560109732334263',
  conversation_id: '7494560109732334261',
  index: '7494560109732334274',
  type: 'TEXT',
  content: '{"content":"hi"}',
  create_time: 1699999999,
  is_visible: true,
  sender: { im_user_id: '7494560109732334299', role: 'BUYER' },
  ...more,
});
const body = (more: Record<string, unknown> = {}) => read(notice(14, line(more))).events[0]?.body;

describe('toInbound', () => {
  it('translates the documented new message whole', () => {
    const { events, aside } = read(fixture('webhook-14.json'));
    expect(aside).toEqual([]);
    expect(events).toEqual([
      {
        eventKey: `tiktok:${SHOP}:n:7327112393057371910`,
        messageKey: `tiktok:${SHOP}:m:7494560109732334263`,
        bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        source: 'webhook',
        target: {
          by: 'conversation',
          ref: { channel: 'tiktok', shopId: SHOP, externalId: '7494560109732334261' },
          buyer: { id: '7494560109732334299', customerToken: `tts-${SHOP}-7494560109732334299` },
        },
        order: { index: '7494560109732334274', at: 1_699_999_999_000 },
        body: {
          kind: 'buyer.message',
          message: {
            id: '7494560109732334263',
            part: { type: 'text', text: 'Where is my order?' },
            at: 1_699_999_999_000,
            visible: true,
          },
        },
      },
    ]);
  });

  it('keeps bare numbers beyond 2^53 exact', () => {
    const text = JSON.stringify(notice(14, line())).replace(/"(\d{19})"/g, '$1');
    expect(text).toContain('"message_id":7494560109732334263');
    expect(read(text).events[0]?.messageKey).toBe(`tiktok:${SHOP}:m:7494560109732334263`);
  });

  it('translates the legacy forms to the same kinds', () => {
    const message = read(fixture('webhook-9.json')).events[0];
    expect(message?.body).toMatchObject({
      kind: 'buyer.message',
      message: { id: '7494560109732334264', part: { type: 'text', text: 'legacy hello' } },
    });
    expect(message?.eventKey).toMatch(new RegExp(`^tiktok:${SHOP}:d:14:7494560109732334264:`));
    expect(read(fixture('webhook-8.json')).events[0]).toMatchObject({
      body: { kind: 'conversation.changed' },
      target: { by: 'conversation', ref: { externalId: '7494560109732334261' } },
    });
    expect(read(fixture('webhook-13.json')).events[0]?.eventKey).toBe(`tiktok:${SHOP}:n:7327112393057371911`);
  });

  it('gives the legacy form of a message the same message key and hash, and other words another hash', () => {
    const image = { type: 'IMAGE', content: '{"url":"https://a.example/1","width":304,"height":290}' };
    const current = read(notice(14, line(image))).events[0];
    const legacy = read(
      notice(
        9,
        {
          message_id: '7494560109732334263',
          conv_short_id: '7494560109732334261',
          msg_type: 'file_image',
          content: '{"imageHeight":"290","imageUrl":"https://a.example/1","imageWidth":"304"}',
          is_visible: true,
          sender_id: '7494560109732334299',
          sender_role_v2: 1,
          create_time: 1699999999,
        },
        { tts_notification_id: undefined, timestamp: 1700009999 },
      ),
    ).events[0];
    expect(legacy?.messageKey).toBe(current?.messageKey);
    expect(legacy?.bodyHash).toBe(current?.bodyHash);
    const other = read(notice(14, line({ ...image, content: image.content.replace('304', '305') }))).events[0];
    expect(other?.bodyHash).not.toBe(current?.bodyHash);
  });

  it.each([
    ['TEXT', '{"content":""}', { type: 'text', text: '' }],
    ['TEXT', 'plain words', { type: 'text', text: 'plain words' }],
    ['TEXT', { content: 'an object' }, { type: 'text', text: 'an object' }],
    ['TEXT', '{"content":"a\\ud800b"}', { type: 'text', text: 'a\uFFFDb' }],
    ['TEXT', '{"other":1}', { type: 'unknown', label: 'TEXT', text: '{"other":1}' }],
    [
      'IMAGE',
      '{"url":"https://a.example/1","width":"304","height":290}',
      { type: 'image', url: 'https://a.example/1', width: 304, height: 290 },
    ],
    [
      'IMAGE',
      '{"url":"javascript:alert(1)"}',
      { type: 'unknown', label: 'IMAGE', text: '{"url":"javascript:alert(1)"}' },
    ],
    ['IMAGE', 'no json', { type: 'unknown', label: 'IMAGE', text: 'no json' }],
    [
      'VIDEO',
      '{"url":"https://a.example/v","cover":"https://a.example/c","width":1920,"duration":"127.254","vid":"v10394"}',
      {
        type: 'video',
        url: 'https://a.example/v',
        coverUrl: 'https://a.example/c',
        durationSec: 127.254,
        videoId: 'v10394',
      },
    ],
    [
      'VIDEO',
      '{"video_info":"{\\"videoUrl\\":\\"https://a.example/v\\",\\"videoDuration\\":127.254,\\"vid\\":\\"v1\\"}"}',
      { type: 'video', url: 'https://a.example/v', durationSec: 127.254, videoId: 'v1' },
    ],
    [
      'VIDEO',
      '{"video_info": "{"videoUrl":"https://a.example/v","coverUrl":"https://a.example/c","vid":"v1"}"}',
      { type: 'video', url: 'https://a.example/v', coverUrl: 'https://a.example/c', videoId: 'v1' },
    ],
    ['PRODUCT_CARD', '{"product_id":"7494560109732334267"}', { type: 'product', productId: '7494560109732334267' }],
    ['PRODUCT_CARD', '{"goods_id":7494560109732334267}', { type: 'product', productId: '7494560109732334267' }],
    ['ORDER_CARD', '{"order_id":"576461413038785752"}', { type: 'order', orderId: '576461413038785752' }],
    ['RETURN_REFUND_CARD', '{"order_id":"1","sku_id":"2"}', { type: 'return', orderId: '1', skuId: '2' }],
    ['COUPON_CARD', '{"coupon_id":"3"}', { type: 'coupon', couponId: '3' }],
    ['LOGISTICS_CARD', '{"order_id":"1","package_id":"4"}', { type: 'logistics', orderId: '1', packageId: '4' }],
    [
      'EMOTICONS',
      '{"url":"https://a.example/s.gif","width":1,"height":1}',
      { type: 'sticker', url: 'https://a.example/s.gif' },
    ],
    ['BUYER_ENTER_FROM_PRODUCT', '{"product_id":"5"}', { type: 'context', from: 'product', productId: '5' }],
    ['BUYER_ENTER_FROM_ORDER', '{"order_id":"6"}', { type: 'context', from: 'order', orderId: '6' }],
    ['BUYER_ENTER_FROM_TRANSFER', '{"content":"moved"}', { type: 'context', from: 'transfer', text: 'moved' }],
    ['OTHER', '{"content":"see the app"}', { type: 'unknown', label: 'OTHER', text: '{"content":"see the app"}' }],
    ['HOLOGRAM', '{"x":1}', { type: 'unknown', label: 'HOLOGRAM', text: '{"x":1}' }],
  ])('reads %s %j', (type, content, part) => {
    expect(body({ type, content })).toMatchObject({ kind: 'buyer.message', message: { part } });
  });

  it.each([
    ['CUSTOMER_SERVICE', 'staff'],
    ['SHOP', 'shop'],
    ['SYSTEM', 'system'],
    ['ROBOT', 'robot'],
    ['SOMEBODY', 'system'],
    [undefined, 'system'],
  ])('a line of role %s is a shop line of %s', (role, sender) => {
    expect(body({ sender: { im_user_id: '1', role } })).toMatchObject({ kind: 'shop.message', sender });
  });

  it('never takes platform notices or hidden lines for a person or a buyer who wants an answer', () => {
    const staff = { sender: { im_user_id: '1', role: 'CUSTOMER_SERVICE' } };
    expect(body({ ...staff, type: 'ALLOCATED_SERVICE', content: '{"content":"joined"}' })).toMatchObject({
      kind: 'shop.message',
      sender: 'system',
      message: { part: { type: 'notice', text: 'joined' } },
    });
    expect(body({ ...staff, is_visible: false })).toMatchObject({ sender: 'system', message: { visible: false } });
    expect(body({ type: 'NOTIFICATION' })).toMatchObject({ kind: 'shop.message', sender: 'system' });
    expect(body({ is_visible: false })).toMatchObject({ kind: 'buyer.message', message: { visible: false } });
  });

  it.each([
    [
      1,
      { order_id: '57', order_status: 'CANCEL' },
      { kind: 'order.changed', orderId: '57', what: 'status', status: 'CANCEL' },
    ],
    [
      11,
      { order_id: '57', cancel_status: 'X' },
      { kind: 'order.changed', orderId: '57', what: 'cancellation', status: 'X' },
    ],
    [12, { order_id: '57', return_status: 'Y' }, { kind: 'order.changed', orderId: '57', what: 'return', status: 'Y' }],
    [6, { message: 'bye' }, { kind: 'authorization.changed', status: 'revoked' }],
    [
      7,
      { expiration_time: '1702000000' },
      { kind: 'authorization.changed', status: 'expiring', expiresAt: 1_702_000_000_000 },
    ],
    [2, {}, { kind: 'other' }],
    [3, { order_id: '57' }, { kind: 'other' }],
    [5, null, { kind: 'other' }],
    [33, { msg_type: 'x' }, { kind: 'other' }],
    [987654, 'text', { kind: 'other' }],
    ['1', { order_id: '57', order_status: 'UNPAID' }, { kind: 'order.changed', status: 'UNPAID' }],
  ])('notification %s is a shop event', (type, data, expected) => {
    const { events } = read(notice(type, data));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ body: expected, target: { by: 'shop', channel: 'tiktok', shopId: SHOP } });
  });

  it('makes one event per order of a package update, each with its own key', () => {
    const data = {
      sc_type: 'SPLIT',
      package_list: [
        { package_id: '1', order_id_list: ['57', '58'] },
        { package_id: '2', order_id_list: ['58'] },
      ],
    };
    const { events } = read(notice(4, data));
    expect(events.map((event) => event.body)).toEqual([
      { kind: 'order.changed', orderId: '57', what: 'package', status: 'SPLIT' },
      { kind: 'order.changed', orderId: '58', what: 'package', status: 'SPLIT' },
    ]);
    expect(new Set(events.map((event) => event.eventKey)).size).toBe(2);
  });

  it('reads a batch, and one unreadable element does not hinder the others', () => {
    const { events, aside } = read([
      notice(14, line()),
      { nonsense: true },
      notice(13, { conversation_id: '5' }, { tts_notification_id: '2' }),
    ]);
    expect(events.map((event) => event.body.kind)).toEqual(['buyer.message', 'conversation.changed']);
    expect(aside).toEqual([expect.objectContaining({ reason: 'unreadable', raw: '{"nonsense":true}' })]);
  });

  it('sets a message without ids aside under its shop', () => {
    const { events, aside } = read(notice(14, { content: 'x' }));
    expect(events).toEqual([]);
    expect(aside[0]).toMatchObject({ reason: 'unreadable', shopId: SHOP, channel: 'tiktok' });
  });

  it('handles what is dated in the future, long ago, or not at all', () => {
    expect(body({ create_time: 4_000_000_000 })).toMatchObject({ message: { at: 4_000_000_000_000 } });
    expect(body({ create_time: 1 })).toMatchObject({ message: { at: 1_000 } });
    expect(body({ create_time: 'soon' })).toMatchObject({ message: { at: 1_700_000_000_000 } });
    expect(read(notice(14, line({ create_time: null }), { timestamp: null })).events[0]?.body).toMatchObject({
      message: { at: NOW },
    });
  });

  it('tells agent comings and goings apart when they carry no notification id', () => {
    const at = (timestamp: number) =>
      read({ type: 8, shop_id: SHOP, timestamp, data: { conv_short_id: '5', create_time: 9 } }).events[0]?.eventKey;
    expect(at(100)).toBe(at(100));
    expect(at(100)).not.toBe(at(200));
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Lookups } from '../../../../src/contracts/lookups.ts';
import { conversationOf, createWorld, type World } from './builders.ts';
import { BUYER_USER } from './fake-platform.ts';

const worlds: World[] = [];
const start = async () => {
  const world = await createWorld();
  worlds.push(world);
  const lookups = world.channel.lookups?.(conversationOf());
  if (lookups === undefined) throw new Error('no lookups');
  return { ...world, lookups: lookups as Lookups };
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const item = (sku_id: string, more: Record<string, unknown> = {}) => ({
  id: '1',
  product_id: '700',
  product_name: 'Mug',
  sku_id,
  sku_name: 'Blue',
  sale_price: '9.90',
  currency: 'GBP',
  ...more,
});
const order = (id: string, user_id: string, more: Record<string, unknown> = {}) => ({
  id,
  user_id,
  status: 'IN_TRANSIT',
  create_time: 1_699_000_000,
  paid_time: 1_699_000_100,
  rts_sla_time: 1_699_100_000,
  delivery_time: 0,
  shipping_provider: 'Royal Mail',
  tracking_number: 'RM1',
  packages: [{ id: '1152' }],
  payment: { currency: 'GBP', total_amount: '29.70' },
  line_items: [item('s1'), item('s2', { sku_name: 'Red' }), item('s1')],
  ...more,
});
const MINE = '576461413038785752';

describe('look-ups', () => {
  it("tell the buyer's order with quantities counted from unit lines", async () => {
    const { platform, lookups } = await start();
    platform.orders = [order(MINE, BUYER_USER)];
    expect(await lookups.order(MINE)).toEqual({
      kind: 'found',
      value: {
        id: MINE,
        status: 'in_transit',
        rawStatus: 'IN_TRANSIT',
        createdAt: 1_699_000_000_000,
        paidAt: 1_699_000_100_000,
        shipBy: 1_699_100_000_000,
        deliverBy: null,
        deliveredAt: null,
        total: { amount: '29.70', currency: 'GBP' },
        carrier: 'Royal Mail',
        trackingNumber: 'RM1',
        packageIds: ['1152'],
        items: [
          expect.objectContaining({
            skuId: 's1',
            quantity: 2,
            variant: 'Blue',
            price: { amount: '9.90', currency: 'GBP' },
          }),
          expect.objectContaining({ skuId: 's2', quantity: 1, variant: 'Red' }),
        ],
      },
    });
  });

  it("keep another buyer's order, parcel and existence to themselves", async () => {
    const { platform, lookups } = await start();
    platform.orders = [order(MINE, '999'), order('576461413038785753', '')];
    expect(await lookups.order(MINE)).toEqual({ kind: 'absent' });
    expect(await lookups.tracking(MINE)).toEqual({ kind: 'absent' });
    expect(await lookups.order('576461413038785753')).toEqual({ kind: 'absent' });
    expect(await lookups.recentOrders(5)).toEqual({ kind: 'found', value: [] });
    expect(platform.calls('/tracking')).toEqual([]);
  });

  it('say failed, not absent, when the buyer cannot be told', async () => {
    const { platform, lookups } = await start();
    platform.orders = [order(MINE, BUYER_USER)];
    platform.fail('/conversations/7494560109732334261', { code: 45102007 });
    expect((await lookups.order(MINE)).kind).toBe('failed');
    expect(platform.calls('/orders')).toEqual([]);
  });

  it('find the buyer in the list where get-conversation does not exist, and ask only once', async () => {
    const { platform, lookups } = await start();
    platform.knows202601 = false;
    platform.orders = [order(MINE, BUYER_USER)];
    expect((await lookups.order(MINE)).kind).toBe('found');
    expect((await lookups.order(MINE)).kind).toBe('found');
    expect(platform.calls('/conversations')).toHaveLength(1);
  });

  it('list recent orders newest first', async () => {
    const { platform, lookups } = await start();
    platform.orders = [order('57', BUYER_USER, { create_time: 100 }), order('58', BUYER_USER, { create_time: 200 })];
    const found = await lookups.recentOrders(1);
    expect(found.kind === 'found' && found.value.map((one) => one.id)).toEqual(['58']);
    expect(JSON.parse(platform.calls('/search')[0]?.body.toString() ?? '')).toEqual({ buyer_user_id: BUYER_USER });
  });

  it('give tracking newest first, in the milliseconds the platform uses there', async () => {
    const { platform, lookups } = await start();
    platform.orders = [order(MINE, BUYER_USER)];
    expect(await lookups.tracking(MINE)).toEqual({
      kind: 'found',
      value: {
        orderId: MINE,
        carrier: 'Royal Mail',
        trackingNumber: 'RM1',
        steps: [
          { text: 'Parcel handed to courier', at: 1_700_000_500_000 },
          { text: 'Label created', at: 1_699_996_900_000 },
        ],
      },
    });
  });

  it('give a product as plain text with prices and stock', async () => {
    const { platform, lookups } = await start();
    platform.product = {
      id: '7001234',
      title: 'Mug',
      description: `<h2>Strong</h2><p>Holds <b>300&nbsp;ml</b></p><img src="x"><script>alert(1)</script>${'long '.repeat(600)}`,
      main_images: [{ urls: ['https://a.example/m.png'] }],
      skus: [
        {
          id: '1',
          price: { sale_price: '12.00', currency: 'GBP' },
          sales_attributes: [{ name: 'Colour', value_name: 'Blue' }],
          inventory: [{ quantity: 0 }],
        },
        {
          id: '2',
          price: { sale_price: '9.90', currency: 'GBP' },
          sales_attributes: [],
          inventory: [{ quantity: 2 }, { quantity: 3 }],
        },
      ],
    };
    const found = await lookups.product('7001234');
    if (found.kind !== 'found') throw new Error(found.kind);
    expect(found.value).toMatchObject({
      title: 'Mug',
      price: { amount: '9.90', currency: 'GBP' },
      inStock: true,
      imageUrl: 'https://a.example/m.png',
      variants: [{ name: 'Blue', stock: 0 }, { stock: 5 }],
    });
    expect(found.value.description).toMatch(/^Strong\s+Holds 300\sml/u);
    expect(found.value.description).not.toMatch(/<|alert/);
    expect([...found.value.description].length).toBe(2_000);
    expect(await lookups.product('x; DROP')).toEqual({ kind: 'absent' });
    platform.product = null;
    expect(await lookups.product('7001235')).toEqual({ kind: 'absent' });
  });
});

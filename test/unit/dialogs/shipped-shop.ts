import { silentLogger } from '../../../src/contracts/logger.ts';
import type { Found, Lookups, Order, Product } from '../../../src/contracts/lookups.ts';
import { createBridgeSettings, createDialogBot, type DialogBundle, loadDialogs } from '../../../src/dialogs/index.ts';
import { anOrder, NOW, ORDER_ID, type Play, playBot } from './play.ts';

export const SHIPPED = new URL('../../../dialogs', import.meta.url).pathname;
export const LANGUAGES = ['en', 'zh-Hans', 'zh-Hant', 'th', 'vi', 'id', 'ms'] as const;
export type Language = (typeof LANGUAGES)[number];

const HOUR = 3_600_000;
export const MUG_ORDER = '576812345678900002';
export const SHIRT_ORDER = '576812345678900003';
/** Names and carrier lines that come from look-ups; they are the same in every language. */
const NAMES = ['Zelda Mug', 'Zelda Shirt', 'Quickpost', 'QP0001', 'Depot Zulu', 'Van Zulu', 'Port Zulu', 'Label Zulu'];

const withName = (name: string): Order['items'] => anOrder().items.map((item) => ({ ...item, name, variant: '' }));

export const ORDERS: readonly Order[] = [
  anOrder({ carrier: 'Quickpost', trackingNumber: 'QP0001', items: withName('Zelda Shirt') }),
  anOrder({
    id: MUG_ORDER,
    status: 'delivered',
    createdAt: NOW - 216 * HOUR,
    carrier: 'Quickpost',
    trackingNumber: 'QP0001',
    items: withName('Zelda Mug'),
  }),
  anOrder({ id: SHIRT_ORDER, status: 'to_ship', carrier: null, trackingNumber: null, items: withName('Zelda Shirt') }),
];

const PRODUCT: Product = {
  id: '1729',
  title: 'Zelda Shirt',
  description: '',
  price: { amount: '49.00', currency: 'GBP' },
  inStock: true,
  imageUrl: null,
  variants: [
    { id: '1', name: '38', price: { amount: '49.00', currency: 'GBP' }, stock: 12 },
    { id: '2', name: '40', price: { amount: '52.00', currency: 'GBP' }, stock: 0 },
  ],
};

const found = <T>(value: T | undefined): Promise<Found<T>> =>
  Promise.resolve(value === undefined ? { kind: 'absent' } : { kind: 'found', value });

export const shopLookups = (orders: readonly Order[] = ORDERS): Lookups => ({
  order: (id) => found(orders.find((order) => order.id === id)),
  recentOrders: (limit) => found(orders.slice(0, limit)),
  tracking: (orderId) =>
    found(
      orderId === SHIRT_ORDER
        ? undefined
        : {
            orderId,
            carrier: 'Quickpost',
            trackingNumber: 'QP0001',
            steps: ['Van Zulu', 'Depot Zulu', 'Port Zulu', 'Label Zulu'].map((text, i) => ({
              text,
              at: NOW - (i + 1) * 10 * HOUR,
            })),
          },
    ),
  product: (id) => found(id === PRODUCT.id ? PRODUCT : undefined),
});

const failed = () => Promise.resolve({ kind: 'failed' as const, reason: 'timeout' });
export const brokenLookups: Lookups = { order: failed, recentOrders: failed, tracking: failed, product: failed };

let loaded: Promise<DialogBundle> | undefined;

/** A buyer in a shop that runs the shipped dialogs unchanged. */
export async function shippedShop(language: Language, lookups: Lookups = shopLookups()): Promise<Play> {
  loaded ??= loadDialogs(SHIPPED);
  const bundle = await loaded;
  const settings = createBridgeSettings(bundle.bridge, { replyMode: {}, firstLine: 'dialogs', groupId: null });
  const bot = createDialogBot({ bundle, logger: silentLogger });
  return playBot(bot, { lookups, language }, settings.forShop('tiktok', '7494', 'GB'));
}

export const card = { type: 'order' as const, orderId: ORDER_ID };
export const picture = { type: 'image' as const, url: 'https://cdn.example.com/1.png' };

const HAN = /\p{Script=Han}/u;
const THAI = /\p{Script=Thai}/u;
/** Characters of frequent words that only the other script of Chinese uses. */
const ONLY_SIMPLIFIED = /[这们时发货单订吗请问为还没么样个来说对会过东买卖钱质换谢讯运费递点钟您们处报错丢后签员线]/u;
const ONLY_TRADITIONAL = /[這們時發貨單訂嗎請問為還沒麼樣個來說對會過東買賣錢質換謝訊運費遞點鐘處報錯丟後簽員線]/u;
const SHARED = /[没您]/gu;
const ENGLISH = /\b(the|your|you|please|what|which|from|and|with|not|is|order|sorry|thank|thanks|send|reply)\b/iu;
const OWN_WORDS: Partial<Record<Language, RegExp>> = {
  vi: /[ăâđêôơưạảấầậắặẹếềểệỉịọỏốồộớờợụủứừựýỳỹ]/iu,
  id: /\b(Kak|Kakak|saya|ketik|Balas|Pesanan|Harga)\b/u,
  ms: /\b(anda|saya|sahaja|Balas|Sila|Pesanan|taip|ejen|Maaf)\b/iu,
};

/** What is wrong with this text as one in that language; `null` when nothing is. */
export function foreign(text: string, language: Language): string | null {
  const words = NAMES.reduce((rest, name) => rest.replaceAll(name, ' '), text);
  if (/\{\{|\}\}|\{%|%\}|undefined|\bnull\b|\[object|NaN/.test(words)) return 'an unfilled template';
  switch (language) {
    case 'en':
      return /[^\p{ASCII}–…•£\u2019]/u.test(words) ? 'not English' : null;
    case 'zh-Hans':
    case 'zh-Hant': {
      if (!HAN.test(words) || /[A-Za-z]{2,}/.test(words)) return 'not Chinese alone';
      const other = language === 'zh-Hans' ? ONLY_TRADITIONAL : ONLY_SIMPLIFIED;
      return other.test(words.replace(SHARED, '')) ? 'the other script' : null;
    }
    case 'th':
      return !THAI.test(words) || /[A-Za-z]{2,}/.test(words) ? 'not Thai alone' : null;
    default:
      return OWN_WORDS[language]?.test(words) !== true || ENGLISH.test(words) ? `not ${language}` : null;
  }
}

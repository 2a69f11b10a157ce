import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { codePoints } from '../../../src/common/text.ts';
import { checkDialogs, compileFiles } from '../../../src/dialogs/index.ts';
import { anOrder, NOW, ORDER_ID, type Play } from './play.ts';
import {
  brokenLookups,
  card,
  foreign,
  LANGUAGES,
  type Language,
  MUG_ORDER,
  ORDERS,
  picture,
  SHIPPED,
  SHIRT_ORDER,
  shippedShop,
  shopLookups,
} from './shipped-shop.ts';

interface Words {
  hello: string;
  where: string;
  human: string;
  unclear: [string, string];
  /** Label of "another order" in the menu of recent orders. */
  another: string;
  back: string;
  /** "All well" after a delivery. */
  well: string;
  cancel: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    hello: 'Hi',
    where: 'Where is my order?',
    human: 'live agent',
    unclear: ['my cat is blue', 'blorp'],
    another: 'Another order',
    back: 'I want a refund',
    well: 'All is well',
    cancel: 'please cancel it',
  },
  'zh-Hans': {
    hello: '在吗',
    where: '我的快递到哪了',
    human: '转人工',
    unclear: ['今天天气不错', '蓝色的猫'],
    another: '其他订单',
    back: '我想退款',
    well: '一切正常',
    cancel: '帮我取消订单',
  },
  'zh-Hant': {
    hello: '在嗎',
    where: '包裹什麼時候會到',
    human: '真人',
    unclear: ['今天天氣不錯', '藍色的貓'],
    another: '其他訂單',
    back: '我想退貨',
    well: '一切正常',
    cancel: '幫我取消訂單',
  },
  th: {
    hello: 'สวัสดีค่ะ',
    where: 'ของถึงไหนแล้วคะ',
    human: 'ขอคุยกับแอดมิน',
    unclear: ['วันนี้อากาศดี', 'แมวสีฟ้า'],
    another: 'คำสั่งซื้ออื่น',
    back: 'ขอคืนเงินค่ะ',
    well: 'เรียบร้อยดี',
    cancel: 'ขอยกเลิกออเดอร์ค่ะ',
  },
  vi: {
    hello: 'Shop ơi',
    where: 'Đơn hàng của mình đến đâu rồi',
    human: 'gặp nhân viên',
    unclear: ['trời đẹp quá', 'con mèo xanh'],
    another: 'don hang khac',
    back: 'mình muốn trả hàng',
    well: 'Ổn cả rồi',
    cancel: 'mình muốn hủy đơn',
  },
  id: {
    hello: 'halo kak',
    where: 'paket saya sampai mana kak',
    human: 'mau bicara dengan cs',
    unclear: ['cuaca bagus', 'kucing biru'],
    another: 'Pesanan lain',
    back: 'mau retur',
    well: 'sudah aman',
    cancel: 'mau batalkan pesanan',
  },
  ms: {
    hello: 'hai',
    where: 'bila barang saya sampai',
    human: 'nak cakap dengan orang',
    unclear: ['cuaca cantik', 'kucing biru'],
    another: 'Pesanan lain',
    back: 'nak pulangkan barang',
    well: 'semuanya baik',
    cancel: 'nak batalkan order',
  },
};

/** Numbered lines of a text. */
const entries = (text: string | undefined): string[] =>
  (text ?? '').split('\n').flatMap((line) => /^\d+\. (.+)$/.exec(line)?.slice(1) ?? []);
const reasonOf = (game: Play): unknown => game.last.find((activity) => activity.name === 'handoff.initiate')?.value;

/** A shop whose every answer is looked at: language, filled templates, length, size of menus. */
async function shop(language: Language, lookups = shopLookups()): Promise<Play> {
  const game = await shippedShop(language, lookups);
  const watch = (said: string[]): string[] => {
    for (const text of said) {
      if (/^[{[]/.test(text)) continue;
      expect(foreign(text, language), text).toBeNull();
      expect(codePoints(text), text).toBeLessThan(600);
      expect(entries(text).length, text).toBeLessThanOrEqual(6);
    }
    return said;
  };
  const { buyer, event } = game;
  game.buyer = async (...parts) => watch(await buyer(...parts));
  game.event = async (name, value) => watch(await event(name, value));
  return game;
}

describe('the shipped dialogs', () => {
  it('pass the check', async () => {
    expect(await checkDialogs(SHIPPED)).toEqual([]);
  });

  it('speak the seven languages and are always open until a shop says otherwise', async () => {
    const bridge = await readFile(`${SHIPPED}/bridge.yaml`);
    const { bundle } = compileFiles(new Map([['bridge.yaml', bridge]]), 'dialogs');
    expect(bundle.bridge).toEqual({ languages: [...LANGUAGES] });
  });

  it('have right examples in bridge.yaml: each passes the check when its comment signs are taken away', async () => {
    const lines = (await readFile(`${SHIPPED}/bridge.yaml`, 'utf8')).split('\n');
    const from = lines.findIndex((line) => line.startsWith('# ----'));
    // An example begins with "# key:" and goes on as long as lines are indented behind the sign.
    const examples = lines.slice(from + 1).reduce<string[][]>((all, line) => {
      if (/^# [a-z_]+:($| [^A-Z])/.test(line)) all.push([line.slice(2)]);
      else if (/^# {3,}/.test(line)) all.at(-1)?.push(line.slice(2));
      return all;
    }, []);
    expect(examples.map((example) => example[0]?.split(':')[0])).toEqual([
      ...['agent_language', 'hours', 'handoff', 'coalescing', 'survey', 'budgets', 'regions', 'shops', 'texts'],
    ]);
    const files = new Map<string, Uint8Array>();
    for (const name of await readdir(SHIPPED))
      if (name.endsWith('.yaml')) files.set(name, await readFile(`${SHIPPED}/${name}`));
    const bridge = ['languages: [en, zh-Hans, zh-Hant, th, vi, id, ms]', ...examples.flat()].join('\n');
    files.set('bridge.yaml', new TextEncoder().encode(bridge));
    const { bundle, problems } = compileFiles(files, 'dialogs');
    expect(problems).toEqual([]);
    expect(bundle.bridge.shops).toHaveProperty('7494049642642441621');
  });

  it('promise nothing and state no figure of policy', async () => {
    for (const name of (await readdir(SHIPPED)).filter((file) => file.endsWith('.yaml'))) {
      const text = (await readFile(`${SHIPPED}/${name}`, 'utf8')).replace(/^\s*#.*$/gm, '');
      expect(text, name).not.toMatch(/\d+ ?((working |business )?days?\b|天|日内|日內|วัน|ngày|hari\b)/iu);
      expect(text, name).not.toMatch(
        /connecting you|transferring you|will (be with|reply|answer|contact|help) you|get back to you/i,
      );
      expect(text, name).not.toMatch(
        /正在(为您|為您)?(转接|轉接)|稍后(会|會)?(有|为)|กำลังโอนสาย|จะติดต่อกลับ|sẽ liên hệ|akan (segera )?(menghubungi|membalas)/u,
      );
    }
  });
});

describe.each(LANGUAGES)('the shipped dialogs in %s', (language) => {
  const words = WORDS[language];

  it('greet with a menu of at most six entries and say that a machine speaks', async () => {
    const game = await shop(language);
    const said = await game.buyer(words.hello);
    expect(said).toHaveLength(1);
    expect(entries(said[0])).toHaveLength(6);
    const machine = /automatic|自动|自動|อัตโนมัติ|tự động|otomatis|automatik/;
    expect(said[0]).toMatch(machine);
  });

  it('answer an order card with where the parcel is and the three newest steps', async () => {
    const game = await shop(language);
    const [text, ...more] = await game.buyer(card);
    expect(more).toEqual([]);
    for (const fact of [ORDER_ID, 'Zelda Shirt', 'Quickpost', 'QP0001', 'Van Zulu', 'Depot Zulu', 'Port Zulu'])
      expect(text).toContain(fact);
    expect(text).not.toContain('Label Zulu');
  });

  it('take an order number, alone or in a sentence, at the menu too', async () => {
    const game = await shop(language);
    expect((await game.buyer(SHIRT_ORDER))[0]).toContain(SHIRT_ORDER);
    expect((await game.buyer(`${words.where} ${ORDER_ID}`))[0]).toContain('Van Zulu');
    await game.buyer(words.hello);
    expect((await game.buyer(SHIRT_ORDER))[0]).toContain(SHIRT_ORDER);
  });

  it('show the recent orders and take a number, a label, or an order number', async () => {
    const menuOf = async (): Promise<[Play, string[]]> => {
      const game = await shop(language);
      const [menu] = await game.buyer(words.where);
      expect(entries(menu)).toHaveLength(ORDERS.length + 1);
      return [game, entries(menu)];
    };
    const [byNumber] = await menuOf();
    expect((await byNumber.buyer('3'))[0]).toContain(SHIRT_ORDER);
    const [byLabel, labels] = await menuOf();
    expect((await byLabel.buyer(labels[1] ?? ''))[0]).toContain(MUG_ORDER);
    const [byId] = await menuOf();
    expect((await byId.buyer(SHIRT_ORDER))[0]).toContain(SHIRT_ORDER);
    const [other] = await menuOf();
    expect(entries((await other.buyer(words.another))[0])).toEqual([]);
    expect((await other.buyer(MUG_ORDER))[0]).toContain(MUG_ORDER);
  });

  it('ask after a delivery whether all is well', async () => {
    const game = await shop(language);
    const said = await game.buyer(MUG_ORDER);
    expect(entries(said[1])).toHaveLength(3);
    expect(await game.buyer(words.well)).toHaveLength(1);
    await game.buyer(MUG_ORDER);
    expect(await game.buyer('1')).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'not_received', note: expect.stringContaining(MUG_ORDER) });
  });

  it('say what is so when an order is not there, the marketplace is silent, or tracking is unknown', async () => {
    const game = await shop(language);
    expect((await game.buyer('111111111111111111'))[0]).toContain('111111111111111111');
    expect(await game.buyer('222222222222222222')).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'order_not_found' });
    const silent = await shop(language, brokenLookups);
    expect(await silent.buyer(card)).toHaveLength(1);
    expect(await silent.buyer({ type: 'product', productId: '1729' })).toHaveLength(1);
    expect(silent.notes.filter((note) => note.startsWith('lookup.failed'))).toHaveLength(2);
    const untracked = await shop(language, { ...shopLookups(), tracking: brokenLookups.tracking });
    const [text] = await untracked.buyer(card);
    expect(text).toContain('QP0001');
    expect(text).not.toContain('Zulu');
  });

  it('hand off on request without a word before Udesk answered', async () => {
    const game = await shop(language);
    expect(game.bot.isUrgent?.(words.human)).toBe(true);
    await game.buyer(words.where);
    expect(await game.buyer(words.human)).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'buyer_asked', awaited: true });
    expect(await game.event('handoff.status', { state: 'accepted', outcome: 'open' })).toEqual([]);
  });

  it('show the menu when they do not understand, and hand off the second time', async () => {
    const game = await shop(language);
    expect(entries((await game.buyer(words.unclear[0]))[0])).toHaveLength(6);
    expect(await game.buyer(words.unclear[1])).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'not_understood' });
  });

  it('pass a message on when nobody is there, also outside opening hours', async () => {
    const game = await shop(language);
    await game.buyer(words.human);
    expect(await game.event('handoff.status', { outcome: 'nobody_online' })).toHaveLength(1);
    expect(await game.buyer(picture)).toHaveLength(1);
    expect((await game.buyer('+44 20 7946 0000'))[0]).toBe('{buyerline.leaveMessage}');
    expect(game.last[0]?.value).toEqual({ text: '+44 20 7946 0000' });
    await game.buyer(words.human);
    game.ports.hours = { open: false, opensAt: NOW + 86_400_000 };
    const [closed] = await game.event('handoff.status', { outcome: 'closed' });
    expect(closed).toContain('16');
    expect((await game.buyer('0')).filter((text) => text.startsWith('{'))).toEqual([]);
    await game.buyer(words.human);
    game.ports.hours = { open: false, opensAt: null };
    expect(await game.event('handoff.status', { outcome: 'closed' })).toHaveLength(1);
    await game.buyer('x');
    await game.buyer(words.human);
    expect(await game.event('handoff.status', { outcome: 'unknown' })).toEqual([]);
  });

  it('answer pictures and stickers without words, and give further pictures to a person', async () => {
    const game = await shop(language);
    expect(await game.buyer({ type: 'sticker', url: 'https://cdn.example.com/s.webp' })).toHaveLength(1);
    expect(entries((await game.buyer(picture, picture))[0])).toHaveLength(4);
    expect(await game.buyer({ type: 'video', url: 'https://cdn.example.com/v.mp4' })).toEqual(['{handoff.initiate}']);
  });

  it('ask which order is to be returned, take its card as the answer, and offer a person', async () => {
    const game = await shop(language);
    expect(entries((await game.buyer(words.back))[0])).toHaveLength(4);
    const [text] = await game.buyer(card);
    expect(text).toContain(ORDER_ID);
    expect(text).not.toContain('Van Zulu');
    expect(entries(text)).toHaveLength(4);
    expect(await game.buyer('1')).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'returns', note: expect.stringContaining(ORDER_ID) });
  });

  it('give a wish to cancel to a person together with the order', async () => {
    const game = await shop(language);
    expect(entries((await game.buyer(words.cancel))[0])).toHaveLength(4);
    expect(await game.buyer('3')).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'change_order', note: expect.stringContaining(SHIRT_ORDER) });
  });

  it('tell price, variants and stock of a product and leave the rest to a person', async () => {
    const game = await shop(language);
    const [text] = await game.buyer({ type: 'product', productId: '1729' });
    for (const fact of ['Zelda Shirt', /49[.,]00/, /52[.,]00/, '38', '40']) expect(text).toMatch(fact);
    expect(await game.buyer('38 / 40 ???')).toEqual(['{handoff.initiate}']);
    expect(reasonOf(game)).toMatchObject({ reason: 'product_question', note: expect.stringContaining('1729') });
  });

  it('lead somewhere from every entry of the main menu', async () => {
    const reasons = ['', '', '', 'payment_problem', '', 'buyer_asked'];
    for (const [i, reason] of reasons.entries()) {
      const game = await shop(language);
      await game.buyer(words.hello);
      const said = await game.buyer(String(i + 1));
      expect(said).toHaveLength(1);
      if (reason === '') expect(said[0]).not.toMatch(/^\{/);
      else expect(reasonOf(game)).toMatchObject({ reason });
    }
  });
});

describe('a shipped dialog', () => {
  it('does not bring up a finished order of an earlier time', async () => {
    const game = await shop('en', shopLookups([anOrder({ status: 'completed' }), ...ORDERS.slice(1)]));
    game.facts.orderId = ORDER_ID;
    expect(entries((await game.buyer('where is my order'))[0])).toHaveLength(4);
  });

  it('goes straight to the only recent order', async () => {
    const game = await shop('en', shopLookups([anOrder({ items: [], carrier: null, trackingNumber: null })]));
    expect((await game.buyer('where is my order'))[0]).toMatch(new RegExp(`^Order ${ORDER_ID}\n`));
  });

  it.each(['unpaid', 'on_hold', 'partly_shipped', 'to_collect', 'completed', 'cancelled', 'unknown'] as const)(
    'finds words for an order that is %s',
    async (status) => {
      for (const language of LANGUAGES) {
        const game = await shop(language, shopLookups([anOrder({ status, items: [], carrier: null })]));
        expect((await game.buyer(card))[0]).toContain(ORDER_ID);
      }
    },
  );

  it('says that a parcel is late only when the stated day has passed', async () => {
    const late = await shop('en', shopLookups([anOrder({ deliverBy: NOW - 1, items: [] })]));
    expect((await late.buyer(card))[0]).toContain('later than planned');
    const inTime = await shop('en', shopLookups([anOrder({ deliverBy: NOW + 86_400_000, items: [] })]));
    expect((await inTime.buyer(card))[0]).toContain('Expected by: 16 Jan 2026');
  });
});

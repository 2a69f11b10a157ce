import { describe, expect, it } from 'vitest';
import { noLookups } from './play.ts';
import { shippedShop } from './shipped-shop.ts';

/** What buyers write, and the dialog that has to answer it. Accents and particles are left out as buyers leave them out. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  'where-is-my-order': [
    ...[
      'Where is my order?',
      'hi, where is my parcel',
      'when will it arrive',
      'I still have not received it',
      'my order',
    ],
    ...[
      'has it shipped yet?',
      "my package hasn't arrived",
      'Hello, I ordered a jumper, where is it?',
      'is my order ready',
    ],
    ...['where the hell is my order', '576812345678901234', 'number 5768 1234 5678 901234'],
    ...['我的快递到哪了', '什么时候发货啊', '怎么还没到', '我要查订单', '我的訂單呢', '什麼時候會到', '還沒收到'],
    ...['ของถึงไหนแล้วคะ', 'พัสดุยังไม่ถึงเลยค่ะ', 'สั่งไปเมื่อวาน ส่งหรือยังคะ', 'เมื่อไหร่จะได้ของคะ'],
    ...[
      'đơn hàng của mình đến đâu rồi shop',
      'bao giờ nhận được hàng',
      'khi nao giao hang',
      'mình chưa nhận được hàng',
    ],
    ...[
      'paket saya sampai mana kak',
      'admin, barang saya mana',
      'kapan barangnya sampai',
      'min paket saya kok belum datang ya',
    ],
    ...['barang saya kat mana', 'bila barang sampai', 'mana parcel saya', 'semak status pesanan'],
  ],
  returns: [
    ...[
      'I want to return my order',
      'where is my refund',
      'it arrived broken',
      'I received the wrong size',
      'not received my refund',
    ],
    ...['我要退货', '怎么退款', '收到是坏的', '少发了一件', '我要退貨', '收到壞掉的'],
    ...['ขอคืนเงินค่ะ', 'สินค้าชำรุด', 'ได้ของไม่ครบค่ะ', 'mình muốn trả hàng', 'hàng bị lỗi', 'tôi muốn hoàn tiền'],
    ...[
      'barangnya rusak kak',
      'mau retur',
      'salah kirim barang',
      'barang saya rosak',
      'nak pulangkan barang',
      'bila dapat bayaran balik',
    ],
  ],
  'change-order': [
    ...[
      'cancel my order please',
      'I want to change my delivery address',
      '取消订单',
      '可以改地址吗',
      '我要取消訂單',
      'ยกเลิกออเดอร์ค่ะ',
    ],
    ...[
      'เปลี่ยนที่อยู่จัดส่งได้ไหมคะ',
      'mình muốn hủy đơn',
      'doi dia chi giao hang',
      'mau batalkan pesanan',
      'ganti alamat kak',
    ],
    ...['nak batalkan order', 'tukar alamat penghantaran', 'I ordered the wrong size, can you change the size'],
  ],
  'payment-problem': [
    ...[
      'my payment failed',
      'I was charged twice',
      "I can't pay",
      '付款失败怎么办',
      '重复扣款了',
      '付款失敗',
      'จ่ายเงินไม่ได้ค่ะ',
    ],
    ...['thanh toán không được', 'bị trừ tiền 2 lần', 'gagal bayar kak', 'tak boleh bayar', 'bayaran gagal'],
  ],
  'product-question': [
    ...[
      'is this available?',
      'how much is it',
      '有货吗',
      '多少钱',
      '現貨嗎',
      'ราคาเท่าไหร่คะ',
      'còn hàng không shop',
      'giá bao nhiêu',
    ],
    ...['stoknya masih ada kak?', 'harga berapa', 'ada stok tak'],
  ],
  'human-please': [
    ...[
      'human please',
      'I want to talk to a real person',
      'live agent',
      'agent',
      'speak to human',
      'can I get a human',
      'real person',
    ],
    ...['CUSTOMER SERVICE!!!', '人工', '转人工', '真人', '我要人工客服', '有真人吗', '轉真人', '真人客服'],
    ...['ขอคุยกับแอดมินค่ะ', 'ขอคุยกับแอดมิน', 'เจ้าหน้าที่', 'gặp nhân viên', 'cho minh gap nhan vien tu van', 'nhân viên'],
    ...[
      'mau bicara dengan cs',
      'admin',
      'saya mau ngomong sama orang',
      'nak cakap dengan orang',
      'ejen',
      'nak cakap dengan agent',
    ],
  ],
  greeting: [
    ...[
      'hi',
      'Hello!',
      '在吗',
      '你好',
      '客服在吗',
      '在嗎',
      'สวัสดีค่ะ',
      'สอบถามหน่อยค่ะ',
      'shop ơi',
      'alo',
      'halo kak',
      'halo admin',
      'hai',
    ],
  ],
  thanks: ['thanks', 'ok', '谢谢', '好的', '謝謝', 'ขอบคุณค่ะ', 'cảm ơn shop', 'makasih kak', 'terima kasih', 'ok tq'],
  'are-you-human': [
    'Are you a real person?',
    '你是真人吗',
    '你是機器人嗎',
    'เป็นบอทหรือเปล่าคะ',
    'có phải bot không',
    'ini bot ya?',
    'ini robot ke',
  ],
  'other-order': ['another order', '其他订单', '其他訂單', 'ออเดอร์อื่นค่ะ', 'đơn khác', 'pesanan lain kak'],
  // Nothing of ours is in these, although folded words of one language look like words of another.
  fallback: [
    "don't do that",
    'my cat likes the sky',
    '今天天气不错',
    '人工皮革好看吗',
    'วันนี้อากาศดี',
    'trời đẹp quá',
    'cuaca bagus',
  ],
};

const CASES = Object.entries(SAID).flatMap(([dialog, texts]) => texts.map((text) => ({ text, dialog })));

describe('the shipped phrases', () => {
  it.each(CASES)('$text -> $dialog', async ({ text, dialog }) => {
    const game = await shippedShop('en', noLookups);
    await game.buyer(text);
    expect(game.notes.find((note) => note.startsWith('dialog.entered'))).toBe(`dialog.entered ${dialog}`);
  });

  it('are urgent only when they ask for a person or whether one is there', async () => {
    const { bot } = await shippedShop('en');
    const urgent = CASES.filter(({ text }) => bot.isUrgent?.(text)).map(({ dialog }) => dialog);
    expect(new Set(urgent.filter((dialog) => !['human-please', 'are-you-human'].includes(dialog)))).toEqual(
      // A word such as "admin" cuts the wait for more lines short, although the sentence then goes elsewhere.
      new Set(['where-is-my-order', 'greeting', 'fallback']),
    );
    expect(CASES.filter(({ text, dialog }) => dialog === 'human-please' && !bot.isUrgent?.(text))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { menuChoice, numberIn, orderIdIn, yesNoIn } from '../../../src/dialogs/answers.ts';
import { compilePhrase, foldText, phraseFits } from '../../../src/dialogs/phrases.ts';

const has = (text: string, written: string) => {
  const phrase = compilePhrase(written);
  return phrase !== undefined && phraseFits(foldText(text), phrase);
};

describe('phrases', () => {
  it.each([
    ['Where is my ORDER?!', 'where is my order', true],
    ['ＷＨＥＲＥ　is my order', 'where is my order', true],
    ['this border is high', 'order', false],
    ['my orders', 'order', false],
    ['my orders', 'order*', true],
    ['reorder', '*order', true],
    ['when will it arrive?', 'when * arrive', true],
    ['arrive when', 'when * arrive', false],
    ['whenarrive', 'when*arrive', true],
    ['toi muon hoan tien', 'hoàn tiền', true],
    ['Đơn hàng', 'don hang', true],
    ['请问，我要退款！', '退款', true],
    ['我要 退 款', '退款', true],
    ['我要refund谢谢', 'refund', true],
    ['อยากคืนสินค้าค่ะ', 'คืนสินค้า', true],
    ['ok', '', false],
    ['anything', '*', false],
  ])('%s / %s -> %s', (text, written, expected) => {
    expect(has(text, written)).toBe(expected);
  });
});

describe('answers', () => {
  it.each([
    ['my order 576812345678901234 pls', '576812345678901234'],
    ['５７６８１２３４５６７８９０１２３４', '576812345678901234'],
    ['5768 1234 5678 9012 34', '576812345678901234'],
    ['12345678901234567890', undefined],
    ['1234567890123456', undefined],
    ['', undefined],
  ])('order id in %j', (text, expected) => expect(orderIdIn(text)).toBe(expected));

  it.each([
    ['3', 3],
    ['１２ pieces', 12],
    ['๑๒', 12],
    ['1,200', 1200],
    ['2.5', 2.5],
    ['2 or 3', undefined],
    ['none', undefined],
  ])('number in %j', (text, expected) => expect(numberIn(text)).toBe(expected));

  it.each([
    ['Yes please', true],
    ['ya', true],
    ['好的', true],
    ['ใช่ค่ะ', true],
    ['dạ', true],
    ['👍', true],
    ['no thanks', false],
    ['不好', false],
    ['ไม่ใช่ค่ะ', false],
    ['Không ạ', false],
    ['tidak', false],
    ['maybe', undefined],
    ['', undefined],
  ])('yes or no in %j', (text, expected) => expect(yesNoIn(text)).toBe(expected));

  const menu = [
    { label: 'Where is my order', words: ['parcel'] },
    { label: 'Return an item', words: ['refund'] },
    { label: '其他', words: [] },
  ];
  it.each([
    ['2', 1],
    ['２', 1],
    ['๒', 1],
    ['2.', 1],
    ['2️⃣', 1],
    ['RETURN an item', 1],
    ['retrun an item', 1],
    ['I want a refund please', 1],
    ['其他', 2],
    ['4', undefined],
    ['0', undefined],
    ['2 of my cups broke', undefined],
    ['parcel or refund', undefined],
    ['', undefined],
  ])('menu choice %j', (text, expected) => expect(menuChoice(text, menu)).toBe(expected));
});

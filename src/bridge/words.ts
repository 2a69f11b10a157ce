/** Words that mean "take me out of the queue", as a whole message, in the languages we ship. */
const LEAVE_WORDS = new Set([
  'cancel',
  'stop',
  'leave',
  'exit',
  'quit',
  'back',
  '取消',
  '退出',
  '不等了',
  '返回',
  '離開',
  '离开',
  'ยกเลิก',
  'ออก',
  'huỷ',
  'hủy',
  'thoát',
  'batal',
  'keluar',
  'batalkan',
]);

export const isLeaveWord = (text: string): boolean =>
  LEAVE_WORDS.has(
    text
      .normalize('NFC')
      .trim()
      .toLowerCase()
      .replace(/[.!。！]+$/u, ''),
  );

/** `3`, `３`, `๓`, ` 3. ` -> 3; `null` when the text is not one number. */
export function numberOf(text: string): number | null {
  const plain = text
    .trim()
    .normalize('NFKC')
    .replace(/[๐-๙]/gu, (digit) => String(digit.charCodeAt(0) - 0x0e50))
    .replace(/[.)。、]+$/u, '');
  return /^\d{1,3}$/u.test(plain) ? Number(plain) : null;
}

import { describe, expect, it } from 'vitest';
import { htmlToParts, htmlToText } from '../../../src/udesk/html.ts';

const text = (value: string) => ({ type: 'text', text: value });
const image = (url: string) => ({ type: 'image', url });

describe('htmlToParts', () => {
  it.each<[string, unknown[]]>([
    ['<p>Hi<br/>there</p>', [text('Hi\nthere')]],
    ['<p>one</p><p>two</p>', [text('one\ntwo')]],
    ['<p>one</p><p><br></p><p></p><p><br></p><p>two</p>', [text('one\n\ntwo')]],
    ['see <a href="https://x.test/1">this</a>', [text('see this (https://x.test/1)')]],
    ['<a href="https://x.test/1">https://x.test/1</a>', [text('https://x.test/1')]],
    ['<a href="https://x.test/?a=1&amp;b=2">t</a>', [text('t (https://x.test/?a=1&b=2)')]],
    ['<a href="javascript:alert(1)">click</a>', [text('click')]],
    [
      '<p>a</p><img src="https://x.test/1.png"><p>b</p><img src="//x.test/2.png">',
      [text('a'), image('https://x.test/1.png'), text('b'), image('https://x.test/2.png')],
    ],
    ['<script>alert(1)</script><style>p{}</style>hello', [text('hello')]],
    ['a&nbsp;&amp;&lt;b&gt;&#39;', [text("a &<b>'")]],
    ['<ul><li>x</li><li>y</li></ul><ol><li>z</li></ol>', [text('- x\n- y\n1. z')]],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>', [text('a b\nc d')]],
    ['<span style="color:red">r</span><b>b</b><strong>s</strong>', [text('rbs')]],
    ['plain\ntext\n\n\n\nend', [text('plain\ntext\n\nend')]],
    ['some <b>bold</b>\nnext line', [text('some bold\nnext line')]],
    ['3 < 5 and 7 > 6 &c', [text('3 < 5 and 7 > 6 &c')]],
    ['[emoji029] <b>hi</b> [no such]', [text('[emoji029] hi [no such]')]],
    ['<p>&nbsp;</p>', []],
    ['', []],
  ])('reads %s', (html, parts) => {
    expect(htmlToParts(html)).toEqual(parts);
  });

  it('does not take private characters of the writer for an image place', () => {
    expect(htmlToParts('<p>\uE0000\uE001</p>')).toEqual([text('0')]);
  });

  it('reads hostile nesting and unclosed tags in time', () => {
    expect(htmlToText(`${'<div>'.repeat(5_000)}deep${'</div>'.repeat(5_000)}`)).toBe('deep');
    const begunAt = process.cpuUsage().user;
    for (const unit of ['<a', '<script>', '<!--', '&a', '<a x="', '<div>']) htmlToParts(`${unit.repeat(100_000)}>`);
    expect((process.cpuUsage().user - begunAt) / 1_000).toBeLessThan(5_000);
  });
});

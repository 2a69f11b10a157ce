import { describe, expect, it } from 'vitest';
import type { MessagePart } from '../../../src/contracts/message.ts';
import { asHtml, type OutboundStyle, toDeskMessage } from '../../../src/udesk/to-outbound.ts';

const html: OutboundStyle = { messageMarkup: 'html', nativeVideo: false };
const url = 'https://cdn.example.com/a.mp4?x=1&y="2';

describe('toDeskMessage', () => {
  it.each<[MessagePart, unknown]>([
    [
      { type: 'text', text: 'Tom & Jerry, 3 < 5, <3' },
      { type: 'message', data: { content: 'Tom & Jerry, 3 < 5, <3' } },
    ],
    [
      { type: 'text', text: '<b>x</b>\ny &amp; z' },
      { type: 'message', data: { content: '&lt;b>x&lt;/b><br/>y &amp;amp; z' } },
    ],
    [
      { type: 'image', url: 'https://x.test/1.png' },
      { type: 'image', data: { content: 'https://x.test/1.png' } },
    ],
    [
      { type: 'audio', url: 'https://x.test/1.amr', name: 'v.amr', durationSec: 4 },
      { type: 'audio', data: { content: 'https://x.test/1.amr', filename: 'v.amr', duration: 4 } },
    ],
    [
      { type: 'image', url: 'javascript:alert(1)' },
      { type: 'message', data: { content: '[Image] javascript:alert(1)' } },
    ],
  ])('tells %j', (part, message) => {
    expect(toDeskMessage(part, html)).toEqual(message);
  });

  it('sends a video as a link, natively only where that is switched on', () => {
    const linked = toDeskMessage({ type: 'video', url }, html);
    expect(linked.type).toBe('rich');
    expect(linked.data.content).toContain('href="https://cdn.example.com/a.mp4?x=1&amp;y=&quot;2"');
    expect(toDeskMessage({ type: 'video', url }, { ...html, nativeVideo: true })).toEqual({
      type: 'video',
      data: { content: url },
    });
  });

  it('escapes names and titles inside rich content and refuses odd links', () => {
    const file = toDeskMessage({ type: 'file', url, name: '<img onerror=x>' }, html);
    expect(file.data.content).not.toContain('<img');
    const card = toDeskMessage({ type: 'product', productId: '1', title: 'Mug', link: 'javascript:x' }, html);
    expect(card).toEqual({ type: 'message', data: { content: '[Product 1] Mug javascript:x' } });
  });

  it('leaves plain text alone where the workbench shows tags as text', () => {
    const plain: OutboundStyle = { messageMarkup: 'plain', nativeVideo: false };
    expect(toDeskMessage({ type: 'text', text: 'a\n<b>' }, plain).data.content).toBe('a\n<b>');
  });

  it('leaves no entity that a browser would decode into something else', () => {
    expect(asHtml('https://x.test/?a=1&times=2')).toBe('https://x.test/?a=1&amp;times=2');
    expect(asHtml('&#60;script&#62;')).toBe('&amp;#60;script&amp;#62;');
  });
});

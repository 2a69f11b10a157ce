import { compile } from 'html-to-text';
import type { MessagePart } from '../contracts/message.ts';
import { isWebAddress } from './to-outbound.ts';

/** Private-use characters around an image's number hold its place while the rest becomes text. */
const MARK = /\uE000(\d+)\uE001/;
/** Deeper nesting is nobody's message; it is read without its structure. */
const MAX_DEPTH = 100;
const TOO_DEEP = '\uE002';

/** Pictures of the text under conversion; conversion is synchronous, so one list serves. */
let images: string[] = [];

/** Compiled at the first message, then kept: building the rule tree costs more than using it. */
let convert: ((html: string) => string) | null = null;

function converter(): (html: string) => string {
  const line = { leadingLineBreaks: 1, trailingLineBreaks: 1 };
  convert ??= compile({
    wordwrap: false,
    preserveNewlines: false,
    limits: { maxDepth: MAX_DEPTH, ellipsis: TOO_DEEP },
    formatters: {
      imagePlace: (element, _walk, builder) => {
        const address = absolute(String(element.attribs?.src ?? ''));
        if (address === null) {
          builder.addInline(String(element.attribs?.alt ?? ''));
          return;
        }
        images.push(address);
        builder.addInline(`\uE000${images.length - 1}\uE001`, { noWordTransform: true });
      },
    },
    selectors: [
      ...['p', 'div', 'section', 'article', 'header', 'footer', 'blockquote', 'table', 'tr', 'pre', 'form'].map(
        (selector) => ({ selector, format: 'block', options: line }),
      ),
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        format: 'heading',
        options: { ...line, uppercase: false },
      })),
      { selector: 'td', format: 'inlineSurround', options: { suffix: ' ' } },
      { selector: 'th', format: 'inlineSurround', options: { suffix: ' ' } },
      { selector: 'ul', options: { ...line, itemPrefix: '- ' } },
      { selector: 'ol', options: line },
      { selector: 'img', format: 'imagePlace' },
      ...['script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object', 'svg'].map((selector) => ({
        selector,
        format: 'skip',
      })),
      {
        selector: 'a',
        options: {
          linkBrackets: [' (', ')'] as [string, string],
          hideLinkHrefIfSameAsText: true,
          pathRewrite: (path: string) => (/^(?:mailto|tel):/i.test(path) ? path : (absolute(path) ?? '')),
        },
      },
    ],
  });
  return convert;
}

const absolute = (raw: string): string | null => {
  const address = raw.trim().startsWith('//') ? `https:${raw.trim()}` : raw.trim();
  return isWebAddress(address) ? address : null;
};

const ENTITY = /&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);/i;

/** Something that a browser would take for a tag. Patterns here look ahead a bounded way only: a hostile text must not cost seconds. */
function hasTag(content: string): boolean {
  const at = content.search(/<[a-z/!]/i);
  return at >= 0 && content.indexOf('>', at) >= 0;
}

/**
 * What an agent wrote, as parts in reading order: text, then pictures in their place.
 *
 *     <p>Hi<br/>see <a href="https://x.test/1">this</a></p><img src="https://x.test/2.png"><p>bye</p>
 *     -> [text "Hi\nsee this (https://x.test/1)", image https://x.test/2.png, text "bye"]
 *
 * Block ends become line ends, at most one blank line stays, scripts and styles are dropped, entities decoded. Emoji codes like
 * `[emoji029]` stay as they are. Nothing readable gives no part.
 */
export function htmlToParts(content: string): MessagePart[] {
  if (!hasTag(content) && !ENTITY.test(content)) return textParts(content);
  images = [];
  const source = content.replace(/[\uE000-\uE002]/g, '');
  // In a text with entities only, and in a text with a few inline tags, the writer's own line ends count.
  const html = /<(?:p|div|br|ul|ol|table|h[1-6])\b/i.test(source) ? source : source.replace(/\r\n|\r|\n/g, '<br>');
  const text = converter()(html);
  if (text.includes(TOO_DEEP)) return textParts(converter()(withoutTags(source)));
  const found = images;
  const parts: MessagePart[] = [];
  // split() with a group alternates text and image numbers.
  text.split(MARK).forEach((piece, index) => {
    const url = index % 2 === 1 ? found[Number(piece)] : undefined;
    if (url !== undefined) parts.push({ type: 'image', url });
    else if (index % 2 === 0) parts.push(...textParts(piece));
  });
  return parts;
}

const withoutTags = (source: string): string =>
  source.replace(/<(script|style)\b[\s\S]*?(?:<\/\1|$)/gi, '<').replace(/<[^<>]*>/g, ' ');

/** The same without pictures: for titles, notices and texts beside events. */
export const htmlToText = (content: string): string =>
  htmlToParts(content)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n');

function textParts(raw: string): MessagePart[] {
  const lines = raw.replace(/\u00A0/g, ' ').split(/\r\n|\r|\n/);
  const text = lines
    .map((line) => line.trim())
    .filter((line, index, all) => line !== '' || all[index - 1] !== '')
    .join('\n')
    .trim();
  return text === '' ? [] : [{ type: 'text', text }];
}

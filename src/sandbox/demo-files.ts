import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { HttpReply, HttpRequest, HttpRoute } from '../contracts/http.ts';
import { type GuardOptions, guardedGet } from './demo-guard.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Everything from the page's own origin; `data:` and `blob:` are pictures that the person is about to send. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SAFE: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A built file's name: no folder, no leading dot, so no way out of `assets`. */
const ASSET = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** `GET /demo` and `GET /demo/assets/*` from `pageDir`. Asset names hold a hash of the content, so they may be kept for ever. */
export function demoFileRoutes(pageDir: string, options: GuardOptions): HttpRoute[] {
  const page = async (): Promise<HttpReply> => {
    const html = await read(join(pageDir, 'index.html'));
    if (html === null)
      return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'The page is not built: npm run build' };
    const headers = { ...SAFE, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' };
    return { status: 200, headers, body: html };
  };
  const asset = async (request: HttpRequest): Promise<HttpReply> => {
    const name = request.path.slice('/demo/assets/'.length);
    const contentType = CONTENT_TYPES[extname(name)];
    if (!ASSET.test(name) || contentType === undefined) return { status: 404 };
    const body = await read(join(pageDir, 'assets', name));
    if (body === null) return { status: 404 };
    const headers = {
      ...SAFE,
      'content-type': contentType,
      'cache-control': 'public, max-age=31536000, immutable',
    };
    return { status: 200, headers, body };
  };
  const toPage = (): HttpReply => ({ status: 302, headers: { location: '/demo' } });
  return [
    guardedGet('/demo', options, page),
    guardedGet('/demo/', options, toPage),
    guardedGet('/demo/assets/*', options, asset),
  ];
}

async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch {
    return null;
  }
}

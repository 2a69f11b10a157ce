import type { HttpRequest } from '../../contracts/http.ts';

/** Written by proxies and tunnels; with one of these the caller is somebody else than the connection says. */
const FORWARDING = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'cf-connecting-ip',
  'true-client-ip',
] as const;

const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/;

/** Of a URL: `localhost`, `127.0.0.1`, `[::1]`. Names are not resolved, because what they resolve to can change. */
const isLoopbackHost = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_V4.test(hostname);

const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || LOOPBACK_V4.test(address.startsWith('::ffff:') ? address.slice(7) : address);

/** Example: `isLoopbackUrl('http://127.0.0.1:3000/')` -> true, `isLoopbackUrl('http://127.0.0.1.example.com')` -> false. */
export const isLoopbackUrl = (url: string): boolean => URL.canParse(url) && isLoopbackHost(new URL(url).hostname);

/**
 * Why this caller is not a program on this machine; `null` when it is one. Beside the address and the headers of proxies it looks at `Host` (a tunnel
 * that forwards raw bytes keeps the outer name) and at `Origin` (any web page may make a browser on this machine post here).
 * What cannot be told: a proxy on the same machine that adds no header and rewrites `Host`. Such a path must not be exposed without an app id.
 */
export function whyNotLocal(request: Pick<HttpRequest, 'remoteAddress' | 'headers'>): string | null {
  const { headers } = request;
  if (!isLoopbackAddress(request.remoteAddress)) return 'the caller is another machine';
  if (FORWARDING.some((name) => headers[name] !== undefined)) return 'the request came through a proxy';
  if (headers.host !== undefined && !isLoopbackUrl(`http://${headers.host}`)) return 'the Host is not this machine';
  if (headers.origin !== undefined && !isLoopbackUrl(headers.origin)) return 'a web page sent the request';
  return null;
}

/**
 * What is wrong with the address that our answers would go to. `not-local`: without an app id only this machine is answered.
 * `unusable`: no plain http(s) base address, or one that would carry our token unencrypted over a network.
 */
export function serviceUrlProblem(serviceUrl: string, hasApp: boolean): 'not-local' | 'unusable' | null {
  if (!URL.canParse(serviceUrl)) return 'unusable';
  const url = new URL(serviceUrl);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'unusable';
  if (isLoopbackHost(url.hostname)) return null;
  if (!hasApp) return 'not-local';
  return url.protocol === 'https:' ? null : 'unusable';
}

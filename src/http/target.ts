import type { IncomingMessage } from 'node:http';

/** Path and query of a request line, split but not decoded: `/webhooks/tiktok`, `a=1&b=2`. */
export interface Target {
  path: string;
  query: string;
}

export const TARGET = Symbol('target');
export const TAKEN = Symbol('body taken');

/** What we note on a request: its target once the guard has passed it, and whether its whole body has been read. */
export interface IncomingRequest extends IncomingMessage {
  [TARGET]?: Target;
  [TAKEN]?: true;
}

const ABSOLUTE = /^https?:\/\/([^/?#]+)/i;
const HOST = /^(?:[\w.~%!$&'()*+,;=-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * `undefined` for what is not a request target. The absolute form (`GET http://shop.example/healthz`) must be accepted by every server
 * (RFC 9112 section 3.2.2); its host part says nothing that we use.
 */
export function readTarget(url: string): Target | undefined {
  let rest = url;
  if (rest.charCodeAt(0) !== 47) {
    if (rest === '*') return { path: '*', query: '' };
    const prefix = ABSOLUTE.exec(rest);
    if (prefix === null || !isHost(prefix[1])) return undefined;
    rest = rest.slice(prefix[0].length);
    if (rest.charCodeAt(0) !== 47) rest = `/${rest}`;
  }
  const mark = rest.indexOf('?');
  return mark === -1 ? { path: rest, query: '' } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}

/** A missing Host is refused by node (HTTP/1.1) or allowed (HTTP/1.0); an empty one is valid. */
export const isHost = (host: string | undefined): boolean => host === undefined || HOST.test(host);

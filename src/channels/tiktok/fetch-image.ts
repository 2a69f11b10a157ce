import { isIP } from 'node:net';
import { Agent } from 'undici';
import { createHttpClient, type HttpClient } from '../../common/http-client.ts';
import { createPublicLookup, isPublicAddress } from './public-address.ts';

export const MAX_IMAGE_BYTES = 10 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 8_000;
const MAX_REDIRECTS = 3;

export type FetchedImage =
  | { kind: 'image'; bytes: Buffer; mediaType: string; fileName: string }
  | { kind: 'failed'; reason: string };

export interface ImageFetcher {
  /** Never rejects. `reason` names neither the address nor what it answered. */
  fetch(url: string, signal?: AbortSignal): Promise<FetchedImage>;
  close(): Promise<void>;
}

/**
 * Fetches an image that an agent or a dialog wants to send. The address comes from outside, so it may only lead to the open internet, or
 * to an origin that the operator allowed; every redirect is checked like the first address. What is taken for an image is decided by its
 * first bytes, not by what the server calls it.
 */
export function createImageFetcher(deps: {
  http: HttpClient;
  allowedOrigins: readonly string[];
  /** For names that are not in `allowedOrigins`; replaced in tests. */
  lookup?: ReturnType<typeof createPublicLookup>;
}): ImageFetcher {
  const allowed = new Set(deps.allowedOrigins.map((origin) => new URL(origin).origin));
  let guarded: HttpClient | null = null;
  const guardedClient = () => {
    guarded ??= createHttpClient({
      dispatcher: new Agent({
        connections: 4,
        connect: { timeout: 3_000, lookup: deps.lookup ?? createPublicLookup() },
      }),
    });
    return guarded;
  };
  return {
    async fetch(url, signal) {
      let at = url;
      for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
        const client = clientFor(at);
        if (client === null) return failed('its address is not a public web address');
        let answer: Awaited<ReturnType<HttpClient['call']>>;
        try {
          answer = await client.call({
            method: 'GET',
            url: at,
            timeoutMs: FETCH_TIMEOUT_MS,
            maxBytes: MAX_IMAGE_BYTES,
            signal,
          });
        } catch {
          return failed('it could not be fetched, or is larger than 10 MB');
        }
        const location = answer.headers.location;
        if (answer.status >= 300 && answer.status < 400 && typeof location === 'string') {
          if (!URL.canParse(location, at)) return failed('it leads to an unreadable address');
          at = new URL(location, at).href;
          continue;
        }
        if (answer.status !== 200) return failed(`fetching it was answered with ${answer.status}`);
        const kind = imageKindOf(answer.body);
        if (kind === null) return failed('it is not a JPEG, PNG, GIF or WebP image');
        return {
          kind: 'image',
          bytes: answer.body,
          mediaType: `image/${kind}`,
          fileName: `image.${kind === 'jpeg' ? 'jpg' : kind}`,
        };
      }
      return failed('it is redirected too often');
    },
    close: async () => {
      await guarded?.close();
    },
  };

  function clientFor(address: string): HttpClient | null {
    if (!URL.canParse(address)) return null;
    const url = new URL(address);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    if (url.username !== '' || url.password !== '') return null;
    if (allowed.has(url.origin)) return deps.http;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(host) !== 0 && !isPublicAddress(host) ? null : guardedClient();
  }
}

const failed = (reason: string): FetchedImage => ({ kind: 'failed', reason: `the image was not sent: ${reason}` });

/** By magic bytes. */
export function imageKindOf(bytes: Buffer): 'jpeg' | 'png' | 'gif' | 'webp' | null {
  if (bytes.length < 12) return null;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (bytes.subarray(0, 8).equals(PNG)) return 'png';
  const head = bytes.toString('latin1', 0, 12);
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'webp' : null;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

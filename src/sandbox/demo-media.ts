import { randomUUID } from 'node:crypto';
import { createHttpClient, type HttpClient } from '../common/http-client.ts';
import type { HttpReply, HttpRequest, HttpRoute } from '../contracts/http.ts';
import type { DemoShop } from './demo-cast.ts';
import { demoTokens } from './demo-data/tiktok.ts';
import { makePng, readImage } from './kernel/image.ts';

const KEPT_PICTURES = 50;
const MAX_PICTURE_BYTES = 10 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 5_000;
const NAME = /^([0-9a-f]{32})\.(png|jpg|gif|webp)$/;
const NOT_FOUND: HttpReply = { status: 404 };

export interface DemoMedia {
  routes: HttpRoute[];
  /** Keeps a picture that an agent sends; answers its path. `undefined`: not a picture. Without bytes a plain one is made. */
  keep(bytes: Buffer | undefined): string | undefined;
  /** The page's own address for a picture in a chat or transcript; `undefined` for addresses elsewhere, which the page must not load. */
  addressOf(address: string, shopId: string): string | undefined;
}

/**
 * Pictures under the page's own origin, so that its content security policy needs no other: those of the marketplace are fetched on
 * behalf of the page (Indonesian ones want a token), those of agents are kept here, where the bridge fetches them.
 */
export function createDemoMedia(parts: {
  tiktokUrl: string;
  shops: readonly DemoShop[];
  http?: HttpClient;
}): DemoMedia {
  const pictures = new Map<string, Buffer>();
  const http = parts.http ?? createHttpClient({ connectionsPerOrigin: 4 });
  const tokens = new Map(demoTokens(0).map((token) => [token.openId, token.accessToken]));

  const kept = (request: HttpRequest): HttpReply => {
    const [, id = ''] = NAME.exec(request.params.name ?? '') ?? [];
    return picture(pictures.get(id));
  };

  const marketplace = async (request: HttpRequest): Promise<HttpReply> => {
    const shop = parts.shops.find((one) => one.id === request.params.shopId);
    const [name] = NAME.exec(request.params.name ?? '') ?? [];
    if (shop === undefined || name === undefined) return NOT_FOUND;
    try {
      const answer = await http.call({
        method: 'GET',
        url: `${parts.tiktokUrl}/_media/${name}?shop_cipher=${encodeURIComponent(shop.cipher)}`,
        headers: { 'x-tts-access-token': tokens.get(shop.openId) ?? '' },
        timeoutMs: FETCH_TIMEOUT_MS,
        maxBytes: MAX_PICTURE_BYTES,
        signal: request.signal,
      });
      return answer.status === 200 ? picture(answer.body) : NOT_FOUND;
    } catch {
      return { status: 502 };
    }
  };

  return {
    routes: [
      { method: 'GET', path: '/demo/media/agent/:name', handle: kept },
      { method: 'GET', path: '/demo/media/tiktok/:shopId/:name', handle: marketplace },
    ],
    keep(bytes = makePng(320, 200, [38, 128, 122])) {
      const facts = readImage(bytes);
      if (facts === null) return undefined;
      const id = randomUUID().replaceAll('-', '');
      pictures.set(id, bytes);
      for (const oldest of pictures.keys()) {
        if (pictures.size <= KEPT_PICTURES) break;
        pictures.delete(oldest);
      }
      return `/demo/media/agent/${id}.${facts.type}`;
    },
    addressOf(address, shopId) {
      if (!URL.canParse(address)) return undefined;
      const { origin, pathname } = new URL(address);
      const own = /^\/demo\/media\/agent\/([^/]+)$/.exec(pathname)?.[1];
      if (own !== undefined) return NAME.test(own) ? pathname : undefined;
      const name = /^\/_media\/([^/]+)$/.exec(pathname)?.[1] ?? '';
      if (origin !== new URL(parts.tiktokUrl).origin || !NAME.test(name) || shopId === '') return undefined;
      return `/demo/media/tiktok/${encodeURIComponent(shopId)}/${name}`;
    },
  };
}

/** What a picture is, its bytes say; nothing else is passed on. */
function picture(bytes: Buffer | undefined): HttpReply {
  const facts = bytes === undefined ? null : readImage(bytes);
  if (bytes === undefined || facts === null) return NOT_FOUND;
  return {
    status: 200,
    headers: {
      'content-type': facts.type === 'jpg' ? 'image/jpeg' : `image/${facts.type}`,
      'cache-control': 'private, max-age=3600, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
    body: bytes,
  };
}

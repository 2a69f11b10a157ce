import { LRUCache } from 'lru-cache';
import type { SendOutcome } from '../../contracts/channel.ts';
import type { MessagePart } from '../../contracts/message.ts';
import type { CustomerService } from './customer-service.ts';
import { sendOutcomeOf } from './errors.ts';
import type { ImageFetcher } from './fetch-image.ts';

type Image = Extract<MessagePart, { type: 'image' }>;

export type Prepared = { kind: 'image'; image: Image } | { kind: 'refused'; outcome: SendOutcome };

export interface Images {
  /** The image as TikTok has it: uploaded now, or before under the same address. */
  prepare(shopId: string, image: Image, signal?: AbortSignal): Promise<Prepared>;
  /** Under which address it was uploaded; `null` when this process does not know. */
  uploadedUrl(shopId: string, image: Image): string | null;
}

/** Where TikTok's own media lie, as seen in its samples: such an address can be sent as it is, when its size is known too. */
const OWN_HOSTS = /(^|\.)(ibyteimg\.com|byteimg\.com|byted\.org|tiktokcdn(-[a-z]{2})?\.com)$/;

export const isTiktokUrl = (url: string): boolean => URL.canParse(url) && OWN_HOSTS.test(new URL(url).hostname);

export function createImages(deps: { service: CustomerService; fetcher: ImageFetcher }): Images {
  /** Speeds up repeats and lets read-back recognise an upload of this process; never the record. */
  const uploads = new LRUCache<string, Image>({ max: 1_000, ttl: 3_600_000 });
  const keyOf = (shopId: string, image: Image) => `${shopId} ${image.url}`;
  return {
    async prepare(shopId, image, signal) {
      if (isTiktokUrl(image.url) && image.width !== undefined && image.height !== undefined)
        return { kind: 'image', image };
      const known = uploads.get(keyOf(shopId, image));
      if (known !== undefined) return { kind: 'image', image: known };
      const fetched = await deps.fetcher.fetch(image.url, signal);
      if (fetched.kind === 'failed') return asText('IMAGE_UNAVAILABLE', fetched.reason);
      let result = await deps.service.uploadImage(shopId, fetched, signal);
      // An upload shows nowhere until it is sent: repeating one that may have worked is harmless.
      if (result.kind === 'failed' && (result.effect === 'internal' || result.effect === 'retry'))
        result = await deps.service.uploadImage(shopId, fetched, signal);
      if (result.kind === 'failed') {
        const outcome = sendOutcomeOf(result, image);
        const waits = outcome.kind === 'refused' && (outcome.next === 'hold' || result.effect === 'rate');
        return waits ? { kind: 'refused', outcome } : asText(result.code, `the image was not sent: ${result.reason}`);
      }
      const { url, width, height } = result.data;
      const uploaded: Image = { type: 'image', url, width, height };
      uploads.set(keyOf(shopId, image), uploaded);
      return { kind: 'image', image: uploaded };
    },
    uploadedUrl: (shopId, image) =>
      uploads.get(keyOf(shopId, image))?.url ?? (isTiktokUrl(image.url) ? image.url : null),
  };
}

const asText = (code: string, reason: string): Prepared => ({
  kind: 'refused',
  outcome: { kind: 'refused', next: 'text', code, reason },
});

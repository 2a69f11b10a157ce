import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
// Inside this repository only; elsewhere the same names come from 'buyerline'.
import { createApp, defineChannel, loadConfig, readEnvironment, tryParseJson } from '../../src/index.ts';

const word = z.string().regex(/^[A-Za-z0-9_-]{1,60}$/);
/** What the web form posts: `{"id":"q-1","visitor":"v-7","name":"Ada","text":"Where is my parcel?"}`. */
const questionSchema = z.object({ id: word, visitor: word, name: z.string().max(80).optional(), text: z.string() });

const unreadable = (raw: string) => ({ source: 'webform', reason: 'unreadable', detail: 'not a question', raw });

const settings = z.strictObject({ secret: z.string().min(16), callbackUrl: z.url() });

/** A form on a web site: questions come in signed, answers are posted, signed alike, to the site's callback address. */
const webform = defineChannel(
  'webform',
  settings,
  ({ secret, callbackUrl }, { http }) => {
    const signatureOf = (body: string | Buffer) => createHmac('sha256', secret).update(body).digest('hex');
    return {
      name: 'webform',
      capabilities: { textLimit: 4_000, sends: new Set(['text']), links: true },
      webhookPath: '/webhooks/webform',

      // Verify over the raw bytes, translate, and no network: whatever is returned is durable before the form gets its 200.
      receive({ headers, rawBody, receivedAt }) {
        const given = Buffer.from(headers['x-webform-signature'] ?? '');
        const expected = Buffer.from(signatureOf(rawBody));
        if (given.length !== expected.length || !timingSafeEqual(given, expected))
          return { kind: 'refused', reason: 'the signature does not fit' };
        const raw = rawBody.toString('utf8');
        const read = questionSchema.safeParse(tryParseJson(raw));
        if (!read.success) return { kind: 'accepted', events: [], aside: [unreadable(raw)] };
        const { id, visitor, name, text } = read.data;
        const message = { id, part: { type: 'text' as const, text }, at: receivedAt, visible: true };
        return {
          kind: 'accepted',
          aside: [],
          events: [
            {
              // The same question posted twice has the same keys and is answered once.
              eventKey: `webform:e:${id}`,
              messageKey: `webform:m:${id}`,
              bodyHash: signatureOf(rawBody),
              source: 'webhook',
              target: {
                by: 'conversation',
                ref: { channel: 'webform', shopId: 'main', externalId: visitor },
                buyer: { id: visitor, customerToken: `web-${visitor}`, name },
              },
              order: { index: null, at: null },
              body: { kind: 'buyer.message', message },
            },
          ],
        };
      },

      // What `http.call` throws says whether the answer may have left. `ref` stays the same when it is sent again, so the site can tell.
      async send({ conversation, part, ref, signal }) {
        if (part.type !== 'text')
          return { kind: 'refused', next: 'text', code: 'TEXT_ONLY', reason: 'a form shows text' };
        const body = JSON.stringify({ visitor: conversation.externalId, ref, text: part.text });
        const headers = { 'content-type': 'application/json', 'x-webform-signature': signatureOf(body) };
        const { status } = await http.call({
          method: 'POST',
          url: callbackUrl,
          headers,
          body,
          timeoutMs: 5_000,
          signal,
        });
        if (status < 300) return { kind: 'accepted', externalId: null };
        const next = status >= 500 || status === 429 ? 'retry' : 'dead';
        return { kind: 'refused', next, code: String(status), reason: `the callback answered ${status}` };
      },
    };
  },
  { hasShops: false },
);

const environment = {
  DATABASE_URL: 'sqlite::memory:',
  // Nobody to hand over to; with your own Udesk variables there is.
  UDESK_API_URL: 'http://127.0.0.1:9/open_api_v1',
  UDESK_EMAIL: 'nobody@example.com',
  UDESK_API_TOKEN: 'none',
  UDESK_PUSH_SECRET: 'nobody-pushes-here',
  ...readEnvironment({ cwd: import.meta.dirname }),
};
const { WEBFORM_SECRET: secret, WEBFORM_CALLBACK_URL: callbackUrl } = process.env;
const app = await createApp({
  config: loadConfig(environment, 'tools'),
  channels: [{ factory: webform, settings: { secret, callbackUrl } }],
});
const { url } = await app.start();
console.log(`The web form posts to ${url}/webhooks/webform`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.stop().then(() => process.exit(0)));

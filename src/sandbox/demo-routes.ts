import { type Clock, systemClock } from '../common/clock.ts';
import type { HttpClient } from '../common/http-client.ts';
import type { HttpRoute } from '../contracts/http.ts';
import { demoActionRoutes } from './demo-actions.ts';
import { type DemoShop, demoCast, demoOrderTitles } from './demo-cast.ts';
import { type ChatWords, chatView } from './demo-chat.ts';
import { deskState } from './demo-desk.ts';
import { type Collected, createDemoFeed } from './demo-feed.ts';
import { demoFileRoutes } from './demo-files.ts';
import { guardedGet, jsonReply, refusal } from './demo-guard.ts';
import { createDemoMedia } from './demo-media.ts';
import { createStoryReader, type DemoStory } from './demo-story.ts';
import { fieldsOf, textOf } from './demo-text.ts';
import type { DemoCast } from './demo-view.ts';
import type { TiktokSimulator } from './tiktok/tiktok-simulator.ts';
import { DEFAULT_BEHAVIOUR } from './udesk/options.ts';
import { surveyOptions } from './udesk/survey.ts';
import type { UdeskSimulator } from './udesk/udesk-simulator.ts';

export interface DemoRoutesOptions {
  tiktok: Pick<TiktokSimulator, 'url' | 'control' | 'onChange'>;
  udesk: Pick<UdeskSimulator, 'control' | 'onChange'>;
  /** The shops that the bridge serves: `DEMO_SHOPS` of the demo world. */
  shops: readonly DemoShop[];
  story: DemoStory;
  /** Where the build put the page: `dist/sandbox/page`, with `index.html` inside. */
  pageDir: string;
  /**
   * The bridge's own base address once it listens, `http://127.0.0.1:3978`: agents' pictures get addresses under it, so the bridge must be
   * allowed to fetch from it. Default: what the browser calls.
   */
  ownUrl?: () => string | undefined;
  clock?: Clock;
  http?: HttpClient;
}

/**
 * The demo's page and its calls, for `npm run demo` only: whoever reaches them plays the buyers and the agents.
 *
 * `GET /demo` and `/demo/assets/*` (page), `GET /demo/events` (server-sent {@link DemoPatch}es), `GET /demo/api/state` (all sections),
 * `GET /demo/media/...` (pictures), `POST /demo/api/buyer`, `/demo/api/agent`, `/demo/api/staff` (bodies in demo-view.ts).
 */
export function createDemoRoutes(options: DemoRoutesOptions): HttpRoute[] {
  const { tiktok, udesk, shops, story } = options;
  const guard = { ownUrl: options.ownUrl ?? (() => undefined) };
  const cast = demoCast(shops);
  const media = createDemoMedia({ tiktokUrl: tiktok.url, shops, http: options.http });
  const reader = createStoryReader(story);
  const orderTitles = demoOrderTitles();
  const votes = voteTexts();

  const marketplace = () => {
    const world = tiktok.control.world();
    const orders = list(world.orders).map((order) => {
      const id = textOf(order.id);
      const owner = { shopId: textOf(order.shopId), userId: textOf(order.buyerUserId) };
      return { ...owner, id, status: textOf(order.status), title: orderTitles.get(id) ?? '' };
    });
    const products = list(world.products).map((product) => ({
      id: textOf(product.id),
      shopId: textOf(product.shopId),
      title: textOf(product.title),
    }));
    return { orders, products };
  };

  const collect = async (): Promise<Collected> => {
    const { orders, products } = marketplace();
    const titles = new Map(products.map((product) => [product.id, product.title]));
    const words: ChatWords = {
      orderTitle: (id) => orderTitles.get(id),
      productTitle: (id) => titles.get(id),
      picture: media.addressOf,
    };
    const sections = new Map<string, string>();
    const put = (name: string, value: unknown) => sections.set(name, JSON.stringify(value));
    const shown: DemoCast = {
      buyers: cast.map(({ userId, imUserId: _, ...buyer }) => ({
        ...buyer,
        orders: orders
          .filter((order) => order.userId === userId && order.shopId === buyer.shopId)
          .map(({ id, status, title }) => ({ id, status, title })),
        products: products.filter((product) => product.shopId === buyer.shopId).map(({ id, title }) => ({ id, title })),
      })),
    };
    put('cast', shown);
    const desk = deskState(udesk.control, cast, {
      optionText: (id) => votes.get(id) ?? `option ${id}`,
      picture: media.addressOf,
    });
    put('desk', desk.desk);
    for (const session of desk.sessions) put(`session:${session.id}`, session);
    const conversations = tiktok.control.conversations();
    const talks = cast.flatMap((buyer) => {
      const found = conversations.find((one) => one.shopId === buyer.shopId && one.buyer.userId === buyer.userId);
      return found === undefined ? [] : [{ buyer, conversation: found }];
    });
    for (const { buyer, conversation } of talks) put(`chat:${buyer.handle}`, chatView(conversation, buyer, words));
    const stories = await Promise.all(
      talks.map(({ conversation }) =>
        reader.read({ channel: 'tiktok', shopId: conversation.shopId, externalId: conversation.id }),
      ),
    );
    talks.forEach(({ buyer }, at) => {
      put(`bridge:${buyer.handle}`, stories[at]);
    });
    return { sections, stale: stories.some((view) => view.stale === true) };
  };

  const feed = createDemoFeed(collect, options.clock ?? systemClock);
  tiktok.onChange(feed.touch);
  udesk.onChange(feed.touch);
  story.onChange(feed.touch);

  return [
    ...demoFileRoutes(options.pageDir, guard),
    ...media.routes,
    guardedGet('/demo/events', guard, (request) => {
      const body = feed.open(request.signal);
      if (body === null) return refusal(503, 'too many pages are open');
      return { status: 200, headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }, body };
    }),
    guardedGet('/demo/api/state', guard, async () => {
      const { sections } = await feed.current();
      const parsed = [...sections].map(([name, json]): [string, unknown] => [name, JSON.parse(json)]);
      return jsonReply(200, { sections: Object.fromEntries(parsed) });
    }),
    ...demoActionRoutes({
      ...guard,
      tiktok: tiktok.control,
      udesk: udesk.control,
      cast,
      media,
      hasOrder: (buyer, id) => marketplace().orders.some((order) => order.id === id && order.userId === buyer.userId),
      hasProduct: (shopId, id) => marketplace().products.some((one) => one.id === id && one.shopId === shopId),
      acted: feed.touch,
    }),
  ];
}

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** Ids differ between the three layouts of a survey, so one table holds all. */
function voteTexts(): Map<number, string> {
  const texts = new Map<number, string>();
  for (const surveyShowType of ['text', 'expression', 'star'] as const) {
    const shown = fieldsOf(surveyOptions({ ...DEFAULT_BEHAVIOUR, surveyShowType })[surveyShowType]);
    for (const option of list(shown.options)) texts.set(Number(option.id), textOf(option.text));
  }
  return texts;
}

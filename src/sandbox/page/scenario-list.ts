import type { CastBuyer, DeskView } from '../demo-view.ts';
import { api } from './api.ts';

export interface Stage {
  buyer: CastBuyer;
  buyers: readonly CastBuyer[];
  desk: DeskView | undefined;
  choose(handle: string): void;
}

export interface Scenario {
  label: string;
  /** What to look at. */
  hint: string;
  run(stage: Stage): Promise<void>;
}

const HUMAN: Readonly<Record<string, string>> = {
  en: 'I want to talk to a human please',
  'zh-Hans': '我要转人工客服',
  'zh-Hant': '我要轉真人客服',
  th: 'ขอคุยกับเจ้าหน้าที่',
  vi: 'Cho tôi gặp nhân viên',
  id: 'Saya mau bicara dengan CS',
  ms: 'Saya nak bercakap dengan ejen',
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const human = (buyer: CastBuyer): string => HUMAN[buyer.language] ?? HUMAN.en ?? '';

const say = (buyer: CastBuyer, text: string): Promise<void> => api.buyer({ buyer: buyer.handle, type: 'text', text });

async function orderCard(buyer: CastBuyer): Promise<void> {
  const order = buyer.orders.find((one) => one.status === 'IN_TRANSIT') ?? buyer.orders[0];
  if (order !== undefined) await api.buyer({ buyer: buyer.handle, type: 'order', orderId: order.id });
}

/** A buyer who writes that language; `mia` is the first of the English ones. */
function play(stage: Stage, language: string): CastBuyer {
  const fits = stage.buyer.language === language && stage.buyer.orders.length > 0;
  const buyer = fits ? stage.buyer : (stage.buyers.find((one) => one.language === language) ?? stage.buyer);
  stage.choose(buyer.handle);
  return buyer;
}

async function someoneOnline(stage: Stage): Promise<void> {
  const agents = stage.desk?.agents ?? [];
  if (agents.some((agent) => agent.status === 'online')) return;
  for (const agent of agents.slice(0, 2)) await api.agent({ action: 'online', agentId: agent.id });
}

export const SCENARIOS: readonly Scenario[] = [
  {
    label: 'Where is my order?',
    hint: 'A question and an order card; the bot looks the parcel up.',
    async run(stage) {
      const buyer = play(stage, 'en');
      await say(buyer, 'Where is my order?');
      await orderCard(buyer);
    },
  },
  {
    label: 'A human, please',
    hint: 'The bridge asks Udesk for an agent; the session opens on the right.',
    async run(stage) {
      await someoneOnline(stage);
      await say(stage.buyer, human(stage.buyer));
    },
  },
  {
    label: 'Nobody online',
    hint: 'All agents go offline, then the buyer asks for a person.',
    async run(stage) {
      for (const agent of stage.desk?.agents ?? []) await api.agent({ action: 'offline', agentId: agent.id });
      await say(stage.buyer, human(stage.buyer));
    },
  },
  {
    label: 'Staff takes over',
    hint: 'Someone answers in the seller app; the bot’s answer is held back.',
    async run(stage) {
      await say(stage.buyer, stage.buyer.language === 'en' ? 'Can I still change the size?' : human(stage.buyer));
      await pause(500);
      await api.staff({ buyer: stage.buyer.handle, text: 'Hello, this is the shop. I will take care of this myself.' });
      await pause(2_500);
      await say(stage.buyer, 'Thank you!');
    },
  },
  {
    label: 'Burst of three lines',
    hint: 'Three messages within a second are one turn and get one answer.',
    async run(stage) {
      const buyer = play(stage, 'en');
      for (const text of ['hi', 'my parcel is late', 'where is it??']) {
        await say(buyer, text);
        await pause(300);
      }
    },
  },
  {
    label: 'Thai buyer',
    hint: 'Another shop and another language.',
    async run(stage) {
      const buyer = play(stage, 'th');
      await say(buyer, 'สวัสดีค่ะ พัสดุของฉันอยู่ที่ไหน');
      await orderCard(buyer);
    },
  },
];

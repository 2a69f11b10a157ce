import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../src/contracts/store.ts';
import { createRandom } from '../../src/sandbox/kernel/random.ts';
import { createStage, type Stage, type Talk, tail } from '../helpers/stage.ts';
import { until } from '../helpers/until.ts';

/**
 * kill -9 of the bridge, round after round, while buyers write, webhooks come twice or late, and the platform takes messages without saying so. `E2E_KILL_ROUNDS=200` makes a soak run of it, `E2E_KILL_SEED` plays a failed one again (as far as two processes on a busy
 * machine repeat themselves).
 */
const ROUNDS = Number(process.env.E2E_KILL_ROUNDS ?? 10);
const SEED = Number(process.env.E2E_KILL_SEED ?? 20_260_104);
const PACED = 30;
const BURSTS = 6;
const AT_DESK = 6;
const TAKEN_OVER = 4;
/** Lines of one buyer while the rounds last: the platform's daily quota bounds them all together. */
const LINES_EACH = 60;
const ROUND_MS = 4_500;

const TOKEN = /\btok-\w+-\d+\b/g;
const tokensIn = (texts: string[]): string[] => texts.flatMap((text) => text.match(TOKEN) ?? []);

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ dialogs: 'test/fixtures/e2e-dialogs/echo', compress: 1_000, seed: SEED });
}, 120_000);
afterEach(() => stage.close());

describe('kill -9 at any moment', () => {
  it(
    'answers every message exactly once and in order, and nothing under an old epoch',
    async () => {
      const random = createRandom(SEED);
      const upTo = (max: number) => Math.floor(random() * max);
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const written = new Map<string, string[]>();
      let over = false;

      // ---- before the rounds: some buyers already talk to a person
      const firstLife = await stage.start();
      for (const agentId of [486, 487])
        await stage.udesk.post('agents/status', { agentId, status: 'online', maxSessions: 50 });
      const deskBuyers = names('desk', AT_DESK);
      for (const buyer of deskBuyers) await stage.say(buyer, 'human please');
      const deskTokens = new Map<string, string>();
      for (const buyer of deskBuyers) {
        const token = await stage.token(buyer);
        deskTokens.set(buyer, token);
        await until(`${buyer} is with an agent`, async () => (await stage.session(token))?.open === true);
        await stage.answered(buyer, /./);
      }
      await stage.settled();
      await firstLife.kill();

      // ---- buyers
      const states = watchDeliveries(() => over);
      const say = async (buyer: string): Promise<string> => {
        const list = written.get(buyer) ?? [];
        const token = `tok-${buyer}-${list.length + 1}`;
        list.push(token);
        written.set(buyer, list);
        const { messageId } = await stage.say(buyer, `Please answer ${token} now`);
        return messageId;
      };
      /** The bridge knows the message: acknowledged, or (its webhook given up) found by reading and answered. */
      const known = (buyer: string, messageId: string) =>
        until(
          `${buyer}'s line is known to the bridge`,
          async () => {
            const state = states.of(messageId);
            if (state === 'delivered' || over) return true;
            if (state !== 'dropped') return false;
            const token = written.get(buyer)?.at(-1);
            return token !== undefined && tokensIn(await heard(buyer)).includes(token);
          },
          { deadlineMs: 120_000 + ROUNDS * ROUND_MS, everyMs: 100 },
        );
      const heard = async (buyer: string): Promise<string[]> => {
        const token = deskTokens.get(buyer);
        if (token === undefined) return stage.answers(buyer);
        return ((await stage.session(token))?.lines ?? [])
          .filter((line) => line.from === 'customer')
          .map((line) => line.data.content ?? '');
      };
      const gap = (ROUNDS * ROUND_MS) / LINES_EACH;
      /** The next line follows as soon as the last one is durable: usually before it is answered. */
      const paced = async (buyer: string, lines: number): Promise<void> => {
        await pause(upTo(gap));
        for (let i = 0; i < lines && !over; i++) {
          await known(buyer, await say(buyer));
          await pause(upTo(gap) * 2);
        }
      };
      const burst = async (buyer: string): Promise<void> => {
        while (!over) {
          await pause(ROUND_MS / 2 + upTo(ROUND_MS));
          if (over) return;
          const lines = await Promise.all([say(buyer), say(buyer), say(buyer)]);
          for (const line of lines) await known(buyer, line);
        }
      };
      const silenced = new Map<string, string[]>();
      /** Goes on after the rounds when they are over too soon for it. */
      const takenOver = async (buyer: string): Promise<void> => {
        const lines = async (count: number): Promise<string[]> => {
          const from = written.get(buyer)?.length ?? 0;
          for (let i = 0; i < count; i++) {
            await pause(upTo(1_500));
            await known(buyer, await say(buyer));
          }
          return written.get(buyer)?.slice(from) ?? [];
        };
        await lines(2 + upTo(6));
        await stage.tiktok.post('staff/reply', {
          buyer,
          shopId: stage.shop.shopId,
          text: 'I take care of this myself',
        });
        const { id } = await stage.talk(buyer);
        const store = await stage.store();
        await until(
          `${buyer} is with the staff`,
          async () => (await store.findConversations(id, 1))[0]?.owner === 'agent',
          { deadlineMs: 120_000 + ROUNDS * ROUND_MS, everyMs: 200 },
        );
        silenced.set(buyer, await lines(3));
      };
      const pacedBuyers = names('paced', PACED);
      const burstBuyers = names('burst', BURSTS);
      const takenBuyers = names('taken', TAKEN_OVER);
      const writing = Promise.all([
        ...pacedBuyers.map((buyer) => paced(buyer, LINES_EACH)),
        ...deskBuyers.map((buyer) => paced(buyer, LINES_EACH / 2)),
        ...burstBuyers.map(burst),
        ...takenBuyers.map(takenOver),
      ]);
      // A failure there is reported where it is awaited.
      writing.catch(() => {});

      // ---- the rounds
      await stage.tiktok.post('deliveries/chaos', { duplicate: 0.1, late: 0.1, lateMs: 400 });
      const lives: { ready: boolean }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await stage.tiktok.post('faults', faultOf(upTo(7)));
        await stage.udesk.post('faults', deskFaultOf(upTo(3)));
        const life = stage.launch();
        if (random() < 0.2) {
          await pause(upTo(1_200));
          lives.push({ ready: false });
        } else {
          await until('the bridge listens', () => life.stdout().includes('listens on') || !life.running(), {
            deadlineMs: 60_000,
            everyMs: 10,
          });
          expect(life.running(), life.stderr()).toBe(true);
          await pause(200 + upTo(2_600));
          lives.push({ ready: true });
        }
        await life.kill();
      }
      over = true;
      await stage.tiktok.post('deliveries/chaos', {});
      await stage.tiktok.post('faults/clear');
      await stage.udesk.post('faults/clear');
      const last = await stage.start();
      await writing;

      // ---- afterwards
      const everyone = [...pacedBuyers, ...burstBuyers, ...deskBuyers, ...takenBuyers];
      const total = [...written.values()].reduce((sum, list) => sum + list.length, 0);
      const missing = async () => {
        const lists = await Promise.all(
          everyone
            .filter((buyer) => !takenBuyers.includes(buyer))
            .map(async (buyer) => {
              const got = new Set(tokensIn(await heard(buyer)));
              return (written.get(buyer) ?? []).filter((token) => !got.has(token));
            }),
        );
        return lists.flat();
      };
      let left: string[] = [];
      await until(
        'every message is answered',
        async () => {
          left = await missing();
          return left.length === 0;
        },
        {
          deadlineMs: 60_000,
          everyMs: 300,
          also: () => `${left.length} of ${total} are not: ${left}\n${tail(last.stdout())}`,
        },
      );
      await until('no delivery is under way', async () => {
        const log = await stage.deliveries(5_000);
        return log.every((delivery) => delivery.state !== 'waiting');
      });
      await stage.settled();

      expect(lives.filter((life) => life.ready).length).toBeGreaterThan(0);
      expect(total).toBeGreaterThan(ROUNDS * 10);
      for (const buyer of [...pacedBuyers, ...deskBuyers])
        expect(tokensIn(await heard(buyer)), buyer).toEqual(written.get(buyer));
      for (const buyer of burstBuyers)
        expect(tokensIn(await heard(buyer)).sort(), buyer).toEqual([...(written.get(buyer) ?? [])].sort());
      for (const buyer of takenBuyers) {
        const got = tokensIn(await heard(buyer));
        expect(new Set(got).size, `${buyer} was told something twice: ${got}`).toBe(got.length);
        expect(
          got.filter((token) => silenced.get(buyer)?.includes(token)),
          `${buyer}: the bot spoke beside the staff`,
        ).toEqual([]);
      }
      expect(silenced.size).toBe(TAKEN_OVER);

      const store = await stage.store();
      const counts = await store.counts();
      expect(counts.deadLetters).toEqual({ inbox: 0, buyer: 0, desk: 0, receipt: 0 });
      expect(counts.aside).toBe(0);
      for (const buyer of everyone) {
        const talk = await stage.talk(buyer);
        const story = await timelineOf(store, talk);
        expect(unanswered(story), `${buyer}: events without a turn`).toEqual([]);
        expect(ledger(story), `${buyer}: what the bridge believes to have sent`).toEqual(
          talk.messages
            .filter((line) => line.via === 'api')
            .map((line) => line.id)
            .sort(),
        );
        expect(story.filter(isStale), `${buyer}: an older epoch's word is not dropped`).toEqual([]);
      }
      const { repeatedMessageIds } = await stage.udesk.get<{ repeatedMessageIds: number }>('stats');
      console.info(
        `${ROUNDS} kills, ${total} messages of ${everyone.length} buyers; ${repeatedMessageIds} repeats of a message id that Udesk knew`,
      );
      expect((await last.stop()).code).toBe(0);
    },
    180_000 + ROUNDS * ROUND_MS * 3,
  );

  const names = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}${i + 1}`);

  /** State of every message's webhook, by message id, from one poll for all buyers. */
  function watchDeliveries(done: () => boolean) {
    const found = new Map<string, string>();
    const look = async (): Promise<void> => {
      while (!done()) {
        const log = await stage.deliveries(600).catch(() => []);
        for (const { body, state } of log) {
          const id = /"message_id":"(\d+)"/.exec(body)?.[1];
          if (id !== undefined) found.set(id, state);
        }
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    };
    void look();
    return { of: (messageId: string) => found.get(messageId) };
  }

  function faultOf(which: number): object {
    const endpoint = 'messages.send';
    switch (which) {
      case 0:
        return { endpoint, drop: true, afterEffect: true, times: 3 };
      case 1:
        return { endpoint, code: 36009003, afterEffect: true, times: 3 };
      case 2:
        return { endpoint, code: 36009003, times: 2 };
      case 3:
        return { endpoint, drop: true, times: 2 };
      case 4:
        return { endpoint, delayMs: 900, times: 8 };
      case 5:
        return { endpoint, delayMs: 700, afterEffect: true, drop: true, times: 4 };
      default:
        return { endpoint: 'messages.list', code: 36009003, times: 3 };
    }
  }

  function deskFaultOf(which: number): object {
    const endpoint = 'messages.send';
    if (which === 0) return { endpoint, drop: true, afterEffect: true, times: 2 };
    if (which === 1) return { endpoint, delayMs: 600, times: 4 };
    return { endpoint, status: 502, times: 2 };
  }

  async function timelineOf(store: Awaited<ReturnType<Stage['store']>>, talk: Talk): Promise<TimelineEntry[]> {
    const [conversation] = await store.findConversations(talk.id, 1);
    if (conversation === undefined) throw new Error(`the bridge does not know ${talk.buyer.handle}`);
    return store.timeline(conversation.id, { limit: 100_000 });
  }

  const unanswered = (story: TimelineEntry[]) =>
    story.filter((entry) => entry.kind === 'inbound' && entry.status !== 'handled' && entry.status !== 'recorded');

  const outbound = (entry: TimelineEntry) =>
    entry.detail as { side: string; origin: string; epoch: number; externalId: string | null };

  /** Ids under which the platform accepted what this bridge sent to the buyer. */
  const ledger = (story: TimelineEntry[]): string[] =>
    story
      .filter((entry) => entry.kind === 'outbound' && outbound(entry).side === 'buyer' && entry.status === 'sent')
      .flatMap((entry) => outbound(entry).externalId ?? [])
      .sort();

  /** Neither sent nor dropped at the end of everything. */
  const isStale = (entry: TimelineEntry): boolean =>
    entry.kind === 'outbound' && entry.status !== 'sent' && entry.status !== 'dropped';
});

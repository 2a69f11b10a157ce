import { type Activity, BotAdapter, type ConversationReference, type ResourceResponse, TurnContext } from 'botbuilder';
import { BOT_PORTS, BOT_STATE, type Bot, type BotPorts, type SayData } from '../../../src/contracts/bot.ts';
import type { Conversation, ConversationFacts } from '../../../src/contracts/conversation.ts';
import { conversationIdOf } from '../../../src/contracts/conversation.ts';
import { silentLogger } from '../../../src/contracts/logger.ts';
import type { Lookups, Order } from '../../../src/contracts/lookups.ts';
import type { MessagePart } from '../../../src/contracts/message.ts';
import { compileFiles, createBridgeSettings, createDialogBot, type LoadOptions } from '../../../src/dialogs/index.ts';

/** 2026-01-15 10:00 UTC, a Thursday. */
export const NOW = Date.UTC(2026, 0, 15, 10);
export const ORDER_ID = '576812345678901234';

export const anOrder = (changes: Partial<Order> = {}): Order => ({
  id: ORDER_ID,
  status: 'in_transit',
  rawStatus: 'IN_TRANSIT',
  createdAt: NOW - 3 * 86_400_000,
  paidAt: NOW - 3 * 86_400_000,
  shipBy: NOW + 86_400_000,
  deliverBy: null,
  deliveredAt: null,
  total: { amount: '12.5', currency: 'GBP' },
  carrier: 'Royal Mail',
  trackingNumber: 'RM123',
  packageIds: ['p1'],
  items: [
    {
      productId: '1729',
      skuId: 's1',
      name: 'Blue mug',
      variant: 'L',
      quantity: 1,
      price: { amount: '12.5', currency: 'GBP' },
      imageUrl: null,
    },
  ],
  ...changes,
});

export const noLookups: Lookups = {
  order: () => Promise.resolve({ kind: 'absent' }),
  recentOrders: () => Promise.resolve({ kind: 'absent' }),
  tracking: () => Promise.resolve({ kind: 'absent' }),
  product: () => Promise.resolve({ kind: 'absent' }),
};

class CollectingAdapter extends BotAdapter {
  sent: Partial<Activity>[] = [];
  sendActivities(_context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    this.sent.push(...activities);
    return Promise.resolve(activities.map((_, i) => ({ id: String(i) })));
  }
  updateActivity(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  deleteActivity(): Promise<void> {
    return Promise.resolve();
  }
  continueConversation(_reference: Partial<ConversationReference>): Promise<void> {
    return Promise.resolve();
  }
}

export interface Play {
  bot: Bot;
  /** The state as it would be stored; goes through JSON after each turn. */
  state: Record<string, unknown>;
  facts: ConversationFacts;
  notes: string[];
  ports: Partial<BotPorts>;
  episode: number;
  /** A buyer's turn: a text, or parts. Answers what was said: texts, `[image …]`, or `{event}`. */
  buyer(...parts: (string | MessagePart)[]): Promise<string[]>;
  event(name: string, value?: unknown): Promise<string[]>;
  /** Activities of the last turn. */
  last: Partial<Activity>[];
}

/** Plays a bot over dialog files given as texts. */
export function play(files: Record<string, string>, ports: Partial<BotPorts> = {}, options: LoadOptions = {}): Play {
  const encoder = new TextEncoder();
  const { bundle, problems } = compileFiles(
    new Map(Object.entries(files).map(([name, text]) => [name, encoder.encode(text)])),
    'dialogs',
    options,
  );
  if (problems.length > 0) throw new Error(problems.map((p) => `${p.where} ${p.what}`).join('\n'));
  return playBot(
    createDialogBot({ bundle, logger: silentLogger }),
    ports,
    createBridgeSettings(bundle.bridge, { replyMode: {}, firstLine: 'dialogs', groupId: null }).forShop(
      'tiktok',
      '7494',
      'GB',
    ),
  );
}

export function playBot(bot: Bot, ports: Partial<BotPorts>, settings: BotPorts['settings']): Play {
  const adapter = new CollectingAdapter();
  const game: Play = {
    bot,
    state: {},
    facts: { buyerName: 'Mei', market: 'GB' },
    notes: [],
    ports,
    episode: 1,
    last: [],
    buyer(...given) {
      const parts = given.map((part): MessagePart => (typeof part === 'string' ? { type: 'text', text: part } : part));
      const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
      return turn({ type: 'message', text }, parts);
    },
    event: (name, value) => turn({ type: 'event', name, value }, []),
  };
  async function turn(activity: Partial<Activity>, parts: MessagePart[]): Promise<string[]> {
    adapter.sent = [];
    const context = new TurnContext(adapter, {
      ...activity,
      channelId: 'tiktok',
      conversation: { id: 'c', isGroup: false, conversationType: '', name: '' },
      from: { id: 'buyer', name: '' },
      recipient: { id: 'shop', name: '' },
    });
    const conversation: Conversation = {
      id: conversationIdOf({ channel: 'tiktok', shopId: '7494', externalId: 'c' }),
      channel: 'tiktok',
      shopId: '7494',
      externalId: 'c',
      buyerId: 'b',
      customerToken: 'tts-7494-b',
      owner: 'bot',
      epoch: 1,
      episode: game.episode,
      language: 'en',
      facts: game.facts,
      desk: {},
      bot: {},
      undo: null,
      lastBuyerAt: NOW,
      createdAt: NOW,
      updatedAt: NOW,
      version: 1,
    };
    const all: BotPorts = {
      conversation,
      settings,
      messages: parts.map((part, i) => ({ id: String(i), part, at: NOW, visible: true })),
      language: 'en',
      lookups: noLookups,
      hours: { open: true, opensAt: null },
      now: NOW,
      signal: new AbortController().signal,
      note: ({ what, detail }) => game.notes.push(`${what} ${detail ?? ''}`.trim()),
      learn: (facts) => Object.assign(game.facts, facts),
      wakeAt: () => {},
      ...game.ports,
    };
    context.turnState.set(BOT_PORTS, all);
    context.turnState.set(BOT_STATE, game.state);
    try {
      await bot.onTurn(context);
    } finally {
      game.state = JSON.parse(JSON.stringify(game.state));
      game.last = adapter.sent;
    }
    return adapter.sent.map(shown);
  }
  return game;
}

function shown(activity: Partial<Activity>): string {
  if (activity.type === 'event') return `{${activity.name}}`;
  const data: SayData | undefined = activity.channelData;
  const part = data?.parts?.[0];
  return part === undefined ? String(activity.text) : `[${part.type}]`;
}

/** A fallback so that small examples are complete. */
export const FALLBACK = { 'fallback.yaml': 'on: {fallback: true}\nsteps: [{say: I did not understand.}]\n' };

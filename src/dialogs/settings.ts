import type { BridgeSettings, Budgets, ShopSettings } from '../contracts/settings.ts';
import type { BridgeFile, BridgeLayer } from './bridge-schema.ts';
import { createBridgeTexts } from './bridge-texts.ts';

/** What the environment says where `bridge.yaml` is silent. */
export interface SettingsDefaults {
  /** By channel name: `{ tiktok: 'auto' }`; a channel that is not named is `auto`. */
  replyMode: Readonly<Record<string, ShopSettings['replyMode']>>;
  firstLine: ShopSettings['firstLine'];
  /** Udesk group for handoffs, `null` for Udesk's own choice. */
  groupId: string | null;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DEFAULT_BUDGETS = {
  queuePollMs: 25 * SECOND,
  queueMs: 10 * MINUTE,
  agentSilentMs: 3 * MINUTE,
  buyerIdleMs: 30 * MINUTE,
  surveyMs: 30 * MINUTE,
  takeoverIdleMs: 30 * MINUTE,
  transferMs: 60 * SECOND,
  episodeIdleMs: 24 * HOUR,
} satisfies Budgets;

/**
 * Lays the layers over each other, each stronger than the one before: built-in defaults, environment, `bridge.yaml`, its `regions:`, its `shops:`
 * (`"7494…"`, then `"tiktok:7494…"`). Inside `budgets`, `coalescing`, `handoff` and `survey` single values are laid over, `hours` is replaced whole.
 */
export function createBridgeSettings(bridge: BridgeFile, defaults: SettingsDefaults): BridgeSettings {
  const texts = createBridgeTexts(bridge.texts);
  const made = new Map<string, ShopSettings>();
  return {
    text: texts,
    forShop(channel, shopId, region) {
      const key = `${channel}:${shopId}:${region ?? ''}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const settings = layOver(channel, region, defaults, layersFor(bridge, channel, shopId, region));
      // As many as there are shops; the bound is for unknown shop ids in hostile paths.
      if (made.size >= 10_000) made.clear();
      made.set(key, settings);
      return settings;
    },
  };
}

/** The layers of `bridge.yaml` for a shop, weakest first. */
export function layersFor(bridge: BridgeFile, channel: string, shopId: string, region: string | null): BridgeLayer[] {
  const of = (map: Readonly<Record<string, BridgeLayer>> | undefined, key: string): BridgeLayer[] => {
    const layer = map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
    return layer === undefined ? [] : [layer];
  };
  return [
    bridge,
    ...(region === null ? [] : of(bridge.regions, region)),
    ...of(bridge.shops, shopId),
    ...of(bridge.shops, `${channel}:${shopId}`),
  ];
}

function layOver(
  channel: string,
  region: string | null,
  defaults: SettingsDefaults,
  layers: readonly BridgeLayer[],
): ShopSettings {
  const last = <T>(pick: (layer: BridgeLayer) => T | undefined, otherwise: T): T => {
    let value = otherwise;
    for (const layer of layers) {
      const chosen = pick(layer);
      if (chosen !== undefined) value = chosen;
    }
    return value;
  };
  const languages = last((l) => l.languages, ['en']);
  const replyMode = Object.hasOwn(defaults.replyMode, channel) ? defaults.replyMode[channel] : undefined;
  const windowMs = last((l) => l.coalescing?.window, 1_200);
  return {
    languages,
    market: last((l) => l.market, region),
    agentLanguage: last((l) => l.agent_language, languages[0] ?? 'en'),
    replyMode: last((l) => l.reply_mode, replyMode ?? 'auto'),
    firstLine: last((l) => l.first_line, defaults.firstLine),
    coalescing: {
      windowMs,
      maxMs: Math.max(
        windowMs,
        last((l) => l.coalescing?.max, 5_000),
      ),
    },
    hours: last<ShopSettings['hours']>((l) => l.hours, null),
    handoff: {
      groupId: last<string | null>((l) => l.handoff?.group, defaults.groupId),
      agentId: last<string | null>((l) => l.handoff?.agent, null),
    },
    budgets: {
      queuePollMs: last((l) => l.budgets?.queue_poll, DEFAULT_BUDGETS.queuePollMs),
      queueMs: last((l) => l.budgets?.queue, DEFAULT_BUDGETS.queueMs),
      agentSilentMs: last((l) => l.budgets?.agent_silent, DEFAULT_BUDGETS.agentSilentMs),
      buyerIdleMs: last((l) => l.budgets?.buyer_idle, DEFAULT_BUDGETS.buyerIdleMs),
      surveyMs: last((l) => l.budgets?.survey, DEFAULT_BUDGETS.surveyMs),
      takeoverIdleMs: last((l) => l.budgets?.takeover_idle, DEFAULT_BUDGETS.takeoverIdleMs),
      transferMs: last((l) => l.budgets?.transfer, DEFAULT_BUDGETS.transferMs),
      episodeIdleMs: last((l) => l.budgets?.episode_idle, DEFAULT_BUDGETS.episodeIdleMs),
    },
    survey: { enabled: last((l) => l.survey?.enabled, true) },
    recoverMaxAgeMs: last((l) => l.recover_max_age, 7 * DAY),
    markRead: last((l) => l.mark_read, true),
  };
}

import { describe, expect, it } from 'vitest';
import { TEXT_KEYS } from '../../../src/contracts/settings.ts';
import { DEFAULT_TEXTS } from '../../../src/dialogs/default-texts.ts';
import { compileFiles, createBridgeSettings, openingState } from '../../../src/dialogs/index.ts';
import { FALLBACK } from './play.ts';

const settingsOf = (bridge: string) => {
  const files = new Map(
    Object.entries({ ...FALLBACK, 'bridge.yaml': bridge }).map(([n, t]) => [n, new TextEncoder().encode(t)]),
  );
  const { bundle, problems } = compileFiles(files, 'dialogs');
  expect(problems).toEqual([]);
  return createBridgeSettings(bundle.bridge, { replyMode: { shopee: 'assist' }, firstLine: 'urobot', groupId: '77' });
};

describe('settings', () => {
  it('has the documented defaults', () => {
    expect(settingsOf('').forShop('tiktok', '1', null)).toEqual({
      languages: ['en'],
      market: null,
      agentLanguage: 'en',
      replyMode: 'auto',
      firstLine: 'urobot',
      coalescing: { windowMs: 1200, maxMs: 5000 },
      hours: null,
      handoff: { groupId: '77', agentId: null },
      budgets: {
        queuePollMs: 25_000,
        queueMs: 600_000,
        agentSilentMs: 180_000,
        buyerIdleMs: 1_800_000,
        surveyMs: 1_800_000,
        takeoverIdleMs: 1_800_000,
        transferMs: 60_000,
        episodeIdleMs: 86_400_000,
      },
      survey: { enabled: true },
      recoverMaxAgeMs: 604_800_000,
      markRead: true,
    });
  });

  it('lays environment, file, region, shop id and channel:shop over each other', () => {
    const settings = settingsOf(`
budgets: {queue: 5m, survey: 1h}
regions:
  TH: {languages: [th, en], reply_mode: assist, budgets: {queue: 2h}}
shops:
  7494049642642441621: {handoff: {group: 1001}, budgets: {queue: 90s}}
  "tiktok:7494049642642441621": {first_line: dialogs}
`);
    const shop = settings.forShop('tiktok', '7494049642642441621', 'TH');
    expect(shop).toMatchObject({
      languages: ['th', 'en'],
      market: 'TH',
      agentLanguage: 'th',
      replyMode: 'assist',
      firstLine: 'dialogs',
      handoff: { groupId: '1001', agentId: null },
    });
    expect(shop.budgets).toMatchObject({ queueMs: 90_000, surveyMs: 3_600_000, transferMs: 60_000 });
    expect(settings.forShop('shopee', '5', 'SG')).toMatchObject({
      replyMode: 'assist',
      languages: ['en'],
      budgets: { queueMs: 300_000 },
    });
  });

  it('speaks its words in every language, the shop’s own first', () => {
    for (const [language, words] of Object.entries(DEFAULT_TEXTS)) {
      expect([language, Object.keys(words).sort()]).toEqual([language, [...TEXT_KEYS].sort()]);
      for (const variants of Object.values(words))
        expect(variants.every((text) => text.length > 3 && text.length < 400)).toBe(true);
      for (const key of ['handoff.queued', 'handoff.queue_moved'] as const)
        expect(words[key].every((t) => t.includes('{place}'))).toBe(true);
      for (const key of ['survey.ask', 'survey.resolved'] as const)
        expect(words[key].every((t) => t.includes('{options}'))).toBe(true);
      for (const key of ['handoff.closed', 'agent.transferred', 'survey.ask'] as const)
        expect(words[key].at(-1)).not.toMatch(/\{(opens|agent|title)\}/);
    }
    const settings = settingsOf('texts: {menu.hint: {en: Pick one., th: [เลือก]}, survey.thanks: Merci}\n');
    expect(settings.text('menu.hint', 'en-GB')).toEqual(['Pick one.']);
    expect(settings.text('menu.hint', 'vi')).toEqual(DEFAULT_TEXTS.vi?.['menu.hint']);
    expect(settings.text('menu.hint', 'zh-TW')).toEqual(['請回覆數字。']);
    expect(settings.text('menu.hint', 'fr')).toEqual(['Pick one.']);
    expect(settings.text('survey.thanks', 'th')).toEqual(['Merci']);
  });
});

describe('opening hours', () => {
  const at = (text: string) => Date.parse(text);
  const hours = settingsOf(
    'hours: {time_zone: Europe/London, mon-fri: ["09:00-12:00", "13:00-17:30"], fri: 22:00-02:00, sun: closed, holidays: [2026-12-25]}',
  ).forShop('tiktok', '1', null).hours;

  it('is open inside an interval, its end excluded', () => {
    expect(openingState(hours, at('2026-01-15T09:00:00Z'))).toEqual({ open: true, opensAt: null });
    expect(openingState(hours, at('2026-01-15T12:00:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-01-15T13:00:00Z'),
    });
    expect(openingState(hours, at('2026-01-15T17:30:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-01-16T09:00:00Z'),
    });
  });

  it('goes on after midnight', () => {
    expect(openingState(hours, at('2026-01-17T01:59:00Z')).open).toBe(true);
    expect(openingState(hours, at('2026-01-17T02:00:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-01-19T09:00:00Z'),
    });
  });

  it('follows summer time: nine o’clock is an hour earlier after the change of 29 March 2026', () => {
    expect(openingState(hours, at('2026-03-28T12:00:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-03-30T08:00:00Z'),
    });
    expect(openingState(hours, at('2026-10-24T12:00:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-10-26T09:00:00Z'),
    });
  });

  it('skips holidays (a calendar day, not the night that began on it), is always open without hours, and says so when nothing opens', () => {
    expect(openingState(hours, at('2026-12-25T10:00:00Z'))).toEqual({
      open: false,
      opensAt: at('2026-12-26T00:00:00Z'),
    });
    expect(openingState(null, 0)).toEqual({ open: true, opensAt: null });
    expect(openingState({ timeZone: 'UTC', week: [], holidays: [] }, 0)).toEqual({ open: false, opensAt: null });
  });
});

import type { Bot } from '../contracts/bot.ts';
import type { Channel } from '../contracts/channel.ts';
import type { Desk } from '../contracts/desk.ts';
import type { Logger } from '../contracts/logger.ts';
import type { BridgeSettings } from '../contracts/settings.ts';
import type { TurnClaim } from '../contracts/store.ts';
import type { BridgeAdapter } from './bridge-adapter.ts';
import type { TurnDraft } from './turn-draft.ts';

/** What the parts of a turn share. */
export interface TurnScope {
  readonly claim: TurnClaim;
  readonly draft: TurnDraft;
  readonly channel: Channel;
  readonly desk: Desk;
  readonly bot: Bot;
  readonly adapter: BridgeAdapter;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly texts: BridgeSettings['text'];
  readonly hours: (at: number) => { open: boolean; opensAt: number | null };
  /** External ids of this conversation's sent messages, read once when an echo wants it. */
  sentIds(): Promise<ReadonlySet<string>>;
  /** The conversation's language, else the shop's first. */
  language(): string;
}

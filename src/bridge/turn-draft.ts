import { randomUUID } from 'node:crypto';
import type { Conversation, Owner, Undo } from '../contracts/conversation.ts';
import { TIMER_NAMES, type TimerName } from '../contracts/inbound.ts';
import type { MessagePart } from '../contracts/message.ts';
import type { OutboundBody, OutboxDraft } from '../contracts/outbound.ts';
import type { ShopSettings } from '../contracts/settings.ts';
import type { TurnNote } from '../contracts/store.ts';

/** Everything a turn has decided so far; nothing of it exists until the commit. */
export interface TurnDraft {
  readonly turnId: string;
  readonly now: number;
  readonly settings: ShopSettings;
  /** Changed in place; the claim's own copy, freshly read. */
  readonly conversation: Conversation;
  readonly outbox: OutboxDraft[];
  readonly notes: TurnNote[];
  readonly supersede: number[];
  readonly settled: { outboxId: number; externalId: string }[];
  readonly ownerChanges: { from: Owner; to: Owner }[];
  undo: Undo | null;
  note(what: string, detail?: string): void;
  ask(
    body: OutboundBody,
    options: Pick<OutboxDraft, 'side' | 'origin'> & { variants?: string[]; mergeable?: boolean },
  ): void;
  /**
   * Drafts the question for a person. It stands before the buyer's words that this turn has drafted for an earlier session, and the bridge's
   * notes for that session are taken back: nothing may wait behind an answer that it stands in front of.
   */
  askForPerson(body: Extract<OutboundBody, { kind: 'desk.open' }>): void;
  setTimer(name: TimerName, delayMs: number): void;
  cancelTimers(...names: TimerName[]): void;
  timers(): { set: { name: TimerName; dueAt: number }[]; cancel: TimerName[] };
  /** Takes back what the bot or the bridge was about to say to the buyer in this turn; how many. */
  withdrawWords(): number;
}

export function createTurnDraft(conversation: Conversation, settings: ShopSettings, now: number): TurnDraft {
  const turnId = randomUUID().replaceAll('-', '');
  const timers = new Map<TimerName, number | null>();
  const outbox: OutboxDraft[] = [];
  const notes: TurnNote[] = [];
  let serial = 0;
  return {
    turnId,
    now,
    settings,
    conversation,
    outbox,
    notes,
    supersede: [],
    settled: [],
    ownerChanges: [],
    // Ended by any turn; set again by a bot turn whose words can still be taken back.
    undo: null,
    note: (what, detail) => {
      notes.push(detail === undefined ? { what } : { what, detail });
    },
    ask(body, options) {
      serial += 1;
      outbox.push({
        ref: `${turnId}-${serial}`,
        side: options.side,
        origin: options.origin,
        body,
        mergeable: options.mergeable ?? false,
        ...(options.variants === undefined || options.variants.length === 0 ? {} : { variants: options.variants }),
      });
    },
    askForPerson(body) {
      const words = outbox.filter((row) => row.side === 'desk' && row.body.kind === 'message');
      const others = outbox.filter((row) => !words.includes(row));
      serial += 1;
      outbox.splice(
        0,
        outbox.length,
        ...others,
        { ref: `${turnId}-${serial}`, side: 'desk', origin: 'bridge', body, mergeable: false },
        ...words.filter((row) => row.origin === 'buyer'),
      );
    },
    setTimer: (name, delayMs) => {
      timers.set(name, now + delayMs);
    },
    cancelTimers(...names) {
      for (const name of names.length === 0 ? TIMER_NAMES : names) timers.set(name, null);
    },
    timers() {
      const set: { name: TimerName; dueAt: number }[] = [];
      const cancel: TimerName[] = [];
      for (const [name, dueAt] of timers) {
        if (dueAt === null) cancel.push(name);
        else set.push({ name, dueAt });
      }
      return { set, cancel };
    },
    withdrawWords() {
      const before = outbox.length;
      const kept = outbox.filter((row) => !(row.side === 'buyer' && (row.origin === 'bot' || row.origin === 'bridge')));
      outbox.splice(0, outbox.length, ...kept);
      return before - kept.length;
    },
  };
}

/** What the buyer wrote, for the agent. */
export function relayToDesk(draft: TurnDraft, part: MessagePart): void {
  draft.ask({ kind: 'message', part }, { side: 'desk', origin: 'buyer', mergeable: part.type === 'text' });
}

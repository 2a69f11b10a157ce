import type { MessagePart } from '../contracts/message.ts';
import type { CompiledDialog, Trigger } from './compiled-dialog.ts';
import { type Expression, isTrue } from './expressions.ts';
import { foldText, PhraseIndex } from './phrases.ts';

export interface TriggerInput {
  text: string;
  /** Visible parts that are more than text. */
  cards: readonly MessagePart[];
  /** First buyer message of the episode. */
  first: boolean;
  evaluate(expression: Expression): unknown;
}

/** Cards that take over from a waiting dialog; a photo or a sticker is more likely an answer that does not fit. */
const TAKING_OVER = new Set(['order', 'product', 'return', 'logistics']);

/** Chooses the dialog for a message. Built once for all files. */
export class TriggerTable {
  private readonly phrases = new PhraseIndex<Trigger>();
  private readonly urgent = new PhraseIndex<Trigger>();
  private readonly hasUrgent: boolean;
  private readonly byMessage = new Map<string, Trigger[]>();
  private readonly starts: Trigger[] = [];
  private readonly fallbacks: Trigger[] = [];
  private readonly events: Trigger[] = [];

  constructor(dialogs: Iterable<CompiledDialog>) {
    let hasUrgent = false;
    for (const trigger of [...dialogs].flatMap((dialog) => dialog.triggers)) {
      for (const { phrase } of trigger.phrases) {
        this.phrases.add(phrase, trigger);
        if (!trigger.urgent) continue;
        hasUrgent = true;
        this.urgent.add(phrase, trigger);
      }
      for (const type of trigger.messageTypes) this.byMessage.set(type, [...(this.byMessage.get(type) ?? []), trigger]);
      if (trigger.kind === 'start' && trigger.phrases.length === 0) this.starts.push(trigger);
      if (trigger.kind === 'fallback') this.fallbacks.push(trigger);
      if (trigger.kind === 'event') this.events.push(trigger);
    }
    this.hasUrgent = hasUrgent;
    for (const list of [this.starts, this.fallbacks, this.events]) list.sort((a, b) => b.priority - a.priority);
  }

  /** Conditions are not looked at: a text like "human please" is urgent at any hour. */
  isUrgent(text: string): boolean {
    return this.hasUrgent && this.urgent.match(foldText(text)).size > 0;
  }

  /** The urgent dialog that interrupts whatever runs. */
  urgentFor(input: TriggerInput): Trigger | undefined {
    if (!this.hasUrgent || input.text === '') return undefined;
    return best([...this.urgent.match(foldText(input.text))], input);
  }

  /** The dialog that takes over from one whose question was not answered. */
  takeover(input: TriggerInput): Trigger | undefined {
    return this.named(input, (type) => TAKING_OVER.has(type));
  }

  /** The dialog for a message that no dialog waits for. */
  route(input: TriggerInput): Trigger | undefined {
    return (
      this.named(input, () => true) ??
      (input.first ? this.starts.find((trigger) => holds(trigger, input)) : undefined) ??
      this.fallbacks.find((trigger) => holds(trigger, input))
    );
  }

  forEvent(event: string, input: TriggerInput): Trigger | undefined {
    return this.events.find((trigger) => trigger.event === event && holds(trigger, input));
  }

  private named(input: TriggerInput, allows: (type: string) => boolean): Trigger | undefined {
    const found: [Trigger, number][] = [];
    if (input.text !== '') {
      for (const [trigger, length] of this.phrases.match(foldText(input.text)))
        if (trigger.kind === 'phrases' || input.first) found.push([trigger, length]);
    }
    for (const { type } of input.cards) {
      if (!allows(type)) continue;
      // Length 0: of equal priority, words say more than a card.
      for (const trigger of this.byMessage.get(type) ?? []) found.push([trigger, 0]);
    }
    return best(found, input);
  }
}

function best(found: [Trigger, number][], input: TriggerInput): Trigger | undefined {
  if (found.length === 0) return undefined;
  found.sort(
    ([a, aLength], [b, bLength]) => Number(b.urgent) - Number(a.urgent) || b.priority - a.priority || bLength - aLength,
  );
  return found.find(([trigger]) => holds(trigger, input))?.[0];
}

const holds = (trigger: Trigger, input: TriggerInput): boolean =>
  trigger.when === undefined || isTrue(input.evaluate(trigger.when));

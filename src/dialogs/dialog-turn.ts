import type { TurnContext } from 'botbuilder';
import { BuyerlineError } from '../common/errors.ts';
import { codePoints, wellFormed } from '../common/text.ts';
import {
  type BotPorts,
  END_EPISODE_EVENT,
  type HandoffInitiate,
  LEAVE_MESSAGE_EVENT,
  type LeaveMessage,
  type SayData,
} from '../contracts/bot.ts';
import type { MessagePart } from '../contracts/message.ts';
import { orderIdIn } from './answers.ts';
import type { BotMemory } from './bot-memory.ts';
import type { CompiledDialog } from './compiled-dialog.ts';
import type { Expression } from './expressions.ts';
import { marketTimeZone } from './languages.ts';
import type { StepTurn } from './step-contract.ts';
import type { Template } from './templates.ts';
import type { DialogText } from './texts.ts';

/** Steps that one turn may run, over all dialogs: a circle that the check could not see ends here. */
const MAX_STEPS = 200;
/** A text of a dialog may be long, but not without end: variables can be repeated in a loop. */
const MAX_SAID = 8_000;
/** Bot Framework's name of the event that asks for a person (HandoffEventNames.InitiateHandoff). */
const HANDOFF_INITIATE = 'handoff.initiate';

/** Key of the running {@link DialogTurn} in `context.turnState`. */
export const DIALOG_TURN = Symbol('buyerline.dialogTurn');

/** One turn of the bot as steps see it. Made for the turn, thrown away after it; what stays is in `memory`. */
export class DialogTurn implements StepTurn {
  memory: Record<string, unknown> = {};
  readonly text: string;
  readonly cards: readonly MessagePart[];
  /** Another dialog that takes over from the waiting one, chosen by the bot. */
  takeover: () => CompiledDialog | undefined = () => undefined;
  /** Set when the active dialog gave way because it did not wait for the buyer. */
  abandoned = false;
  private steps = 0;
  private scope: Record<string, unknown> | undefined;

  constructor(
    private readonly context: TurnContext,
    readonly ports: BotPorts,
    private readonly bot: BotMemory,
    private readonly words: (key: 'menu.hint', language: string) => string[],
  ) {
    const { activity } = context;
    const isMessage = activity.type === 'message';
    this.text = isMessage && typeof activity.text === 'string' ? activity.text.trim() : '';
    this.cards = isMessage
      ? ports.messages.filter((message) => message.visible && isCard(message.part)).map((message) => message.part)
      : [];
    if (isMessage) this.learnFromMessage();
  }

  /** Cards, entry markers and a number in the text say what it is about; the newest wins. */
  private learnFromMessage(): void {
    const facts: { orderId?: string; productId?: string } = {};
    for (const { part } of this.ports.messages) {
      if ('orderId' in part && part.orderId !== undefined && part.orderId !== '') facts.orderId = part.orderId;
      if ('productId' in part && part.productId !== undefined && part.productId !== '')
        facts.productId = part.productId;
    }
    const written = this.text === '' ? undefined : orderIdIn(this.text);
    if (facts.orderId !== undefined || facts.productId !== undefined) this.ports.learn(facts);
    if (facts.orderId !== undefined || written !== undefined) this.bot.vars.order_id = facts.orderId ?? written;
    if (facts.productId !== undefined) this.bot.vars.product_id = facts.productId;
  }

  /** Counts one step; a dialog that never stops is stopped. */
  countStep(dialog: string): void {
    this.steps += 1;
    if (this.steps > MAX_STEPS) {
      throw new BuyerlineError(
        'DIALOG_FAILED',
        `the dialog ${dialog} ran ${MAX_STEPS} steps in one turn without asking the buyer`,
        {
          details: { dialog },
        },
      );
    }
    if (this.ports.signal.aborted) throw this.ports.signal.reason;
  }

  get(name: string): unknown {
    const { vars } = this.bot;
    if (Object.hasOwn(vars, name)) return vars[name];
    const given = this.givens();
    return Object.hasOwn(given, name) ? given[name] : undefined;
  }

  set(name: string, value: unknown): void {
    this.bot.vars[name] = value ?? null;
    if (this.scope !== undefined) this.scope[name] = value ?? null;
    if (typeof value !== 'string' || value === '') return;
    if (name === 'order_id') this.ports.learn({ orderId: value });
    if (name === 'product_id') this.ports.learn({ productId: value });
  }

  evaluate(expression: Expression, extra?: Readonly<Record<string, unknown>>): unknown {
    return expression.evaluate((name) =>
      extra !== undefined && Object.hasOwn(extra, name) ? extra[name] : this.get(name),
    );
  }

  render(template: Template, extra?: Readonly<Record<string, unknown>>): string {
    if (template.reads.length === 0) return template.source.includes('{') ? template.render({}) : template.source;
    this.scope ??= { ...this.givens(), ...this.bot.vars };
    const scope = extra === undefined ? this.scope : { ...this.scope, ...extra };
    const text = wellFormed(template.render(scope)).trim();
    return text.length > MAX_SAID && codePoints(text) > MAX_SAID ? [...text].slice(0, MAX_SAID).join('') : text;
  }

  renderText(text: DialogText, extra?: Readonly<Record<string, unknown>>): string[] {
    const variants = text.forLanguage(this.ports.language, this.ports.settings.languages);
    const first = variants.length > 1 ? this.bot.spoken % variants.length : 0;
    return variants.map((_, i) => {
      const template = variants[(first + i) % variants.length];
      return template === undefined ? '' : this.render(template, extra);
    });
  }

  async say(variants: readonly string[]): Promise<void> {
    const [text = '', ...others] = variants.filter((variant) => variant !== '');
    if (text === '') return;
    this.bot.spoken += 1;
    const data: SayData = { variants: others };
    await this.context.sendActivity(
      others.length === 0 ? { type: 'message', text } : { type: 'message', text, channelData: data },
    );
  }

  async show(part: MessagePart): Promise<void> {
    const data: SayData = { parts: [part] };
    await this.context.sendActivity({ type: 'message', channelData: data });
  }

  bridgeWords(key: 'menu.hint'): string {
    return this.words(key, this.ports.language)[0] ?? '';
  }

  async handoff(request: HandoffInitiate): Promise<void> {
    await this.context.sendActivity({ type: 'event', name: HANDOFF_INITIATE, value: request });
  }

  async leaveMessage(message: LeaveMessage): Promise<void> {
    await this.context.sendActivity({ type: 'event', name: LEAVE_MESSAGE_EVENT, value: message });
  }

  async endConversation(): Promise<void> {
    await this.context.sendActivity({ type: 'event', name: END_EPISODE_EVENT });
  }

  /** The variables that every dialog has. Made once a turn. */
  private givens(): Record<string, unknown> {
    this.given ??= {
      buyer: { name: this.ports.conversation.facts.buyerName ?? '' },
      shop: {
        id: this.ports.conversation.shopId,
        channel: this.ports.conversation.channel,
        market: this.market(),
        time_zone: this.ports.settings.hours?.timeZone ?? marketTimeZone(this.market()),
      },
      language: this.ports.language,
      hours: { open: this.ports.hours.open, opens_at: this.ports.hours.opensAt },
      message: { text: this.text, type: this.cards[0]?.type ?? (this.text === '' ? '' : 'text') },
      order_id: this.ports.conversation.facts.orderId ?? '',
      product_id: this.ports.conversation.facts.productId ?? '',
      fallback_count: this.bot.fallbacks,
      now: this.ports.now,
    };
    return this.given;
  }
  private given: Record<string, unknown> | undefined;

  /** After the fallback was counted. */
  refresh(): void {
    this.given = undefined;
    this.scope = undefined;
  }

  private market(): string {
    return this.ports.conversation.facts.market ?? this.ports.settings.market ?? '';
  }
}

/** More than words, and something to answer: entry markers and notices of the platform are not. */
const isCard = (part: MessagePart): boolean =>
  part.type !== 'text' && part.type !== 'context' && part.type !== 'notice';

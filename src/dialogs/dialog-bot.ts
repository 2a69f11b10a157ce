import type { TurnContext } from 'botbuilder';
import { type DialogContext, DialogContextError, DialogSet } from 'botbuilder-dialogs';
import { BuyerlineError, InvariantError } from '../common/errors.ts';
import { BOT_EVENTS, BOT_PORTS, type Bot, type BotPorts } from '../contracts/bot.ts';
import type { Logger } from '../contracts/logger.ts';
import { type BotMemory, botMemory, memoryOf } from './bot-memory.ts';
import type { CompiledDialog, Trigger } from './compiled-dialog.ts';
import type { DialogBundle } from './dialog-bundle.ts';
import { DIALOG_TURN, DialogTurn } from './dialog-turn.ts';
import { FileDialog } from './file-dialog.ts';
import type { TriggerInput } from './trigger-table.ts';

export interface DialogBotOptions {
  bundle: DialogBundle;
  logger: Logger;
}

/** A bot that answers from dialog files. Holds no conversation: everything is in the turn's state. */
export function createDialogBot({ bundle, logger }: DialogBotOptions): Bot & { readonly bundle: DialogBundle } {
  return new DialogBot(bundle, logger);
}

/** `DialogStateManager` builds this for every turn unless the turn state has it (15 us of a turn of 110). */
const STATE_MANAGER_CONFIGURATION = 'DialogStateManagerConfiguration';

class DialogBot implements Bot {
  private readonly dialogs: DialogSet;
  private stateManager: unknown;
  private readonly words: (key: 'menu.hint', language: string) => string[];

  constructor(
    readonly bundle: DialogBundle,
    private readonly logger: Logger,
  ) {
    this.dialogs = new DialogSet(botMemory);
    for (const dialog of bundle.dialogs.values()) this.dialogs.add(new FileDialog(dialog));
    this.words = (key, language) => bundle.text(key, language);
  }

  isUrgent(text: string): boolean {
    return this.bundle.triggers.isUrgent(text);
  }

  async onTurn(context: TurnContext): Promise<void> {
    const { type } = context.activity;
    if (type !== 'message' && type !== 'event') return;
    const ports: BotPorts | undefined = context.turnState.get(BOT_PORTS);
    if (ports === undefined) throw new InvariantError('a bot turn began without BOT_PORTS in its turn state');
    const memory = memoryOf(context);
    const first = type === 'message' && this.openEpisode(memory, ports);
    const turn = new DialogTurn(context, ports, memory, this.words);
    context.turnState.set(DIALOG_TURN, turn);
    if (this.stateManager !== undefined) context.turnState.set(STATE_MANAGER_CONFIGURATION, this.stateManager);
    try {
      const dc = await this.dialogs.createContext(context);
      this.stateManager ??= context.turnState.get(STATE_MANAGER_CONFIGURATION);
      await this.dropMissingVersions(dc, ports);
      if (type === 'event') await this.onEvent(dc, turn);
      else await this.onMessage(dc, turn, memory, first);
    } catch (thrown) {
      // The bridge offers a person; the next message must not fall into the middle of what failed.
      memory.dialogStack = [];
      throw ports.signal.aborted ? ports.signal.reason : this.asDialogError(thrown);
    }
  }

  private async onMessage(dc: DialogContext, turn: DialogTurn, memory: BotMemory, first: boolean): Promise<void> {
    if (turn.text === '' && turn.cards.length === 0) return;
    const input: TriggerInput = {
      text: turn.text,
      cards: turn.cards,
      first,
      evaluate: (expression) => turn.evaluate(expression),
    };
    const { triggers } = this.bundle;
    const urgent = triggers.urgentFor(input);
    if (urgent !== undefined) {
      await dc.cancelAllDialogs();
      return this.enter(dc, turn, memory, urgent);
    }
    if (dc.activeDialog !== undefined) {
      turn.takeover = () => this.dialogOf(triggers.takeover(input));
      await dc.continueDialog();
      // A dialog that waited for something else than the buyer has given way: then this is a new message.
      if (!turn.abandoned) {
        memory.fallbacks = 0;
        return;
      }
    }
    const trigger = triggers.route(input);
    if (trigger === undefined) {
      this.logger.warn('dialog.unmatched', { conversation: turn.ports.conversation.id });
      return;
    }
    return this.enter(dc, turn, memory, trigger);
  }

  private async onEvent(dc: DialogContext, turn: DialogTurn): Promise<void> {
    const { name } = dc.context.activity;
    if (name === BOT_EVENTS.returned) {
      await dc.cancelAllDialogs();
      const input: TriggerInput = {
        text: '',
        cards: [],
        first: false,
        evaluate: (expression) => turn.evaluate(expression),
      };
      const dialog = this.dialogOf(this.bundle.triggers.forEvent('returned', input));
      if (dialog !== undefined) await this.begin(dc, turn, dialog);
      return;
    }
    if (dc.activeDialog !== undefined) await dc.continueDialog();
  }

  private async enter(dc: DialogContext, turn: DialogTurn, memory: BotMemory, trigger: Trigger): Promise<void> {
    memory.fallbacks = trigger.kind === 'fallback' ? memory.fallbacks + 1 : 0;
    turn.refresh();
    const dialog = this.dialogOf(trigger);
    if (dialog !== undefined) await this.begin(dc, turn, dialog);
  }

  private async begin(dc: DialogContext, turn: DialogTurn, dialog: CompiledDialog): Promise<void> {
    turn.ports.note({ what: 'dialog.entered', detail: dialog.name });
    await dc.beginDialog(dialog.id);
  }

  private dialogOf(trigger: Trigger | undefined): CompiledDialog | undefined {
    return trigger === undefined ? undefined : this.bundle.dialogs.get(trigger.dialog);
  }

  /** Variables live for one episode. Answers whether this is its first turn of the buyer. */
  private openEpisode(memory: BotMemory, ports: BotPorts): boolean {
    if (memory.episode === ports.conversation.episode) return false;
    memory.episode = ports.conversation.episode;
    memory.vars = {};
    memory.fallbacks = 0;
    memory.dialogStack = [];
    return true;
  }

  /** A conversation whose dialog was changed meanwhile: its place cannot be found in the new text, so it begins anew. */
  private async dropMissingVersions(dc: DialogContext, ports: BotPorts): Promise<void> {
    const missing = dc.stack.find((instance) => this.dialogs.find(instance.id) === undefined);
    if (missing === undefined) return;
    ports.note({ what: 'dialog.version_missing', detail: missing.id });
    this.logger.info('dialog.version_missing', { conversation: ports.conversation.id, dialog: missing.id });
    await dc.cancelAllDialogs();
  }

  /** Bot Framework wraps errors together with the whole dialog context, buyer's words included: that must not reach a log. */
  private asDialogError(thrown: unknown): unknown {
    const cause = thrown instanceof DialogContextError ? thrown.error : thrown;
    if (cause instanceof BuyerlineError) return cause;
    return new BuyerlineError('DIALOG_FAILED', 'a dialog raised an error', { cause });
  }
}

import { Dialog, type DialogContext, type DialogReason, type DialogTurnResult } from 'botbuilder-dialogs';
import { BuyerlineError, InvariantError } from '../common/errors.ts';
import { type CompiledDialog, END_ALL_NODE, END_NODE, type StepNode, type TargetRef } from './compiled-dialog.ts';
import { DIALOG_TURN, type DialogTurn } from './dialog-turn.ts';
import type { StepResult } from './step-contract.ts';

/** What a dialog instance keeps between turns: where it stands (a step's path in the file) and that step's own memory. */
interface Position {
  at?: string;
  memory?: Record<string, unknown>;
}

/**
 * One dialog file as a `botbuilder-dialogs` dialog. `goto` another dialog is `replaceDialog`, `call` is `beginDialog`, the end of the file `endDialog`; so a
 * dialog written in TypeScript can call one of these, and be called.
 */
export class FileDialog extends Dialog {
  constructor(private readonly compiled: CompiledDialog) {
    super(compiled.id);
  }

  override beginDialog(dc: DialogContext): Promise<DialogTurnResult> {
    return this.runFrom(dc, turnOf(dc), this.compiled.entry);
  }

  /** A message or event for the step that waits. */
  override async continueDialog(dc: DialogContext): Promise<DialogTurnResult> {
    const turn = turnOf(dc);
    const position = positionOf(dc);
    const node = this.nodeAt(position);
    if (node === undefined) return dc.endDialog();
    turn.memory = position.memory ?? {};
    const { activity } = dc.context;
    if (activity.type === 'event') {
      const result = await this.guard(node, () => node.code.event?.(turn, String(activity.name ?? ''), activity.value));
      return result === undefined ? Dialog.EndOfTurn : this.follow(dc, turn, node, result);
    }
    if (node.code.answer === undefined) {
      // It waits for something that will not come any more (the desk's answer was lost): what the buyer says now comes first.
      turn.ports.note({ what: 'dialog.abandoned', detail: `${this.compiled.name} waited at ${node.path}` });
      turn.abandoned = true;
      return dc.cancelAllDialogs();
    }
    const answered = await this.guard(node, () => node.code.answer?.(turn));
    if (answered !== undefined && answered.do !== 'unfit') return this.follow(dc, turn, node, answered);
    const other = turn.takeover();
    if (other !== undefined) {
      await dc.cancelAllDialogs();
      turn.ports.note({ what: 'dialog.entered', detail: other.name });
      return dc.beginDialog(other.id);
    }
    const retried = await this.guard(node, () => node.code.retry?.(turn));
    return this.follow(dc, turn, node, retried ?? { do: 'wait' });
  }

  /** A dialog that this one called has ended. */
  override async resumeDialog(dc: DialogContext, _reason: DialogReason): Promise<DialogTurnResult> {
    const node = this.nodeAt(positionOf(dc));
    return node === undefined ? dc.endDialog() : this.runFrom(dc, turnOf(dc), node.next);
  }

  // The base class answers through generator-based awaits, on every message, for an event that no file listens to.
  override onDialogEvent(): Promise<boolean> {
    return NOT_HANDLED;
  }

  private nodeAt(position: Position): StepNode | undefined {
    const index = position.at === undefined ? undefined : this.compiled.byPath.get(position.at);
    return index === undefined ? undefined : this.compiled.nodes[index];
  }

  private async runFrom(dc: DialogContext, turn: DialogTurn, start: number): Promise<DialogTurnResult> {
    let index = start;
    for (;;) {
      const node = this.compiled.nodes[index];
      if (index === END_ALL_NODE) return dc.cancelAllDialogs();
      if (index === END_NODE || node === undefined) return dc.endDialog();
      turn.countStep(this.compiled.name);
      turn.memory = {};
      const result = await this.guard(node, () => node.code.run(turn));
      const onward = result === undefined ? node.next : this.onward(node, result);
      if (onward === undefined) return this.leave(dc, turn, node, result);
      index = onward;
    }
  }

  private follow(dc: DialogContext, turn: DialogTurn, node: StepNode, result: StepResult): Promise<DialogTurnResult> {
    const onward = this.onward(node, result);
    return onward === undefined ? this.leave(dc, turn, node, result) : this.runFrom(dc, turn, onward);
  }

  /** The next step of this file, or `undefined` when the result leads out of it. */
  private onward(node: StepNode, result: StepResult): number | undefined {
    if (result.do === 'next') return node.next;
    if (result.do === 'branch') return result.to.branch;
    if (result.do === 'goto') {
      const { resolved } = result.to as TargetRef;
      if (resolved !== undefined && 'node' in resolved) return resolved.node;
    }
    return undefined;
  }

  private async leave(
    dc: DialogContext,
    turn: DialogTurn,
    node: StepNode,
    result: StepResult | undefined,
  ): Promise<DialogTurnResult> {
    switch (result?.do) {
      case 'wait':
      case 'unfit':
        this.stay(dc, node, turn.memory);
        return Dialog.EndOfTurn;
      case 'end_all':
        return dc.cancelAllDialogs();
      case 'goto':
      case 'call': {
        const { resolved, name } = result.to as TargetRef;
        if (resolved === undefined || !('dialog' in resolved))
          throw new InvariantError(`the dialog target ${name} was not resolved`);
        turn.ports.note({ what: 'dialog.entered', detail: resolved.dialog.name });
        if (result.do === 'goto') return dc.replaceDialog(resolved.dialog.id);
        this.stay(dc, node, {});
        return dc.beginDialog(resolved.dialog.id);
      }
      default:
        return dc.endDialog();
    }
  }

  private stay(dc: DialogContext, node: StepNode, memory: Record<string, unknown>): void {
    const position = positionOf(dc);
    position.at = node.path;
    position.memory = memory;
  }

  /** Says where it happened; the cause keeps what. */
  private async guard<T>(node: StepNode, run: () => T | Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      if (cause instanceof BuyerlineError) throw cause;
      throw new BuyerlineError('DIALOG_FAILED', `the step "${node.kind}" at ${node.where} failed`, {
        cause,
        details: { dialog: this.compiled.name, step: node.path, where: node.where },
      });
    }
  }
}

const NOT_HANDLED = Promise.resolve(false);

function positionOf(dc: DialogContext): Position {
  const state: unknown = dc.activeDialog?.state;
  return state !== null && typeof state === 'object' ? state : {};
}

function turnOf(dc: DialogContext): DialogTurn {
  const turn: DialogTurn | undefined = dc.context.turnState.get(DIALOG_TURN);
  if (turn === undefined) throw new InvariantError('a dialog file ran outside of the dialog bot');
  return turn;
}

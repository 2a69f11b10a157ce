import type { StatePropertyAccessor, TurnContext } from 'botbuilder';
import type { DialogState } from 'botbuilder-dialogs';
import { InvariantError } from '../common/errors.ts';
import { BOT_STATE } from '../contracts/bot.ts';

/** What dialogs remember of a conversation: property `dialogs` of the bot state, plain JSON. */
export interface BotMemory extends DialogState {
  /** Variables of dialogs, for one episode. */
  vars: Record<string, unknown>;
  /** Episode that `vars` belong to. */
  episode: number;
  /** Messages in a row that only the fallback answered. */
  fallbacks: number;
  /** Texts said, so that variants take turns. */
  spoken: number;
}

const PROPERTY = 'dialogs';

/**
 * Bot Framework's accessor over an object that the bridge commits with the turn. Decided 2026-11-21 against `ConversationState`: it
 * serialises and hashes the state three times a turn, which cost as much as the dialog itself, and guards nothing that the turn's
 * compare-and-set does not.
 */
export const botMemory: StatePropertyAccessor<BotMemory> = {
  get: (context: TurnContext) => Promise.resolve(memoryOf(context)),
  set: (context: TurnContext, value: BotMemory) => {
    stateOf(context)[PROPERTY] = value;
    return Promise.resolve();
  },
  delete: (context: TurnContext) => {
    Reflect.deleteProperty(stateOf(context), PROPERTY);
    return Promise.resolve();
  },
};

export function memoryOf(context: TurnContext): BotMemory {
  const state = stateOf(context);
  const known = state[PROPERTY];
  if (isMemory(known)) return known;
  const fresh: BotMemory = { dialogStack: [], vars: {}, episode: -1, fallbacks: 0, spoken: 0 };
  state[PROPERTY] = fresh;
  return fresh;
}

function stateOf(context: TurnContext): Record<string, unknown> {
  const state: unknown = context.turnState.get(BOT_STATE);
  if (state === null || typeof state !== 'object')
    throw new InvariantError('a bot turn began without BOT_STATE in its turn state');
  return state as Record<string, unknown>;
}

const isMemory = (value: unknown): value is BotMemory =>
  value !== null &&
  typeof value === 'object' &&
  'dialogStack' in value &&
  Array.isArray(value.dialogStack) &&
  'vars' in value &&
  value.vars !== null &&
  typeof value.vars === 'object';

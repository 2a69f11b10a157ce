import type { Storage, StoreItems } from 'botbuilder';
import type { BotState } from '../contracts/conversation.ts';

/**
 * Bot Framework `Storage` inside the turn: reads what the conversation's last commit wrote, writes into this turn's commit. Values pass through
 * JSON, so what a database would lose is lost here as well. One turn at a time per conversation makes eTags needless.
 */
export class TurnStorage implements Storage {
  readonly #items: Record<string, string>;

  constructor(state: BotState) {
    const held = state.storage;
    const items = isTextRecord(held) ? held : {};
    state.storage = items;
    this.#items = items;
  }

  async read(keys: string[]): Promise<StoreItems> {
    const found: StoreItems = {};
    for (const key of keys) {
      const text = this.#items[key];
      if (text !== undefined) found[key] = { ...JSON.parse(text), eTag: '*' };
    }
    return found;
  }

  async write(changes: StoreItems): Promise<void> {
    for (const [key, item] of Object.entries(changes)) this.#items[key] = JSON.stringify({ ...item, eTag: undefined });
  }

  async delete(keys: string[]): Promise<void> {
    for (const key of keys) delete this.#items[key];
  }
}

const isTextRecord = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((inner) => typeof inner === 'string');

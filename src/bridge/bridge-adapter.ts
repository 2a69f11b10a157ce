import {
  type Activity,
  ActivityTypes,
  BotAdapter,
  type ConversationReference,
  type ResourceResponse,
  TurnContext,
} from 'botbuilder';
import { BOT_PORTS, BOT_STATE, type BotPorts } from '../contracts/bot.ts';
import type { BotState } from '../contracts/conversation.ts';
import { TurnStorage } from './turn-storage.ts';

const COLLECTED = Symbol('buyerline.collected');

/** Where a bot finds the Bot Framework `Storage` of this turn, for its own ConversationState or UserState. */
export const TURN_STORAGE = Symbol.for('buyerline.turnStorage');

/**
 * Bot Framework's adapter over the turn: `sendActivities` collects, the turn's commit writes, nothing leaves before. Middleware added with
 * `use()` runs around every turn.
 *
 * Decided 2026-11-21: the middleware set is run directly, not by `runMiddleware`, whose revocable proxy costs a fifth of an echo turn;
 * a late send is caught instead by the collected list being closed.
 */
export class BridgeAdapter extends BotAdapter {
  /** Runs middleware and logic; answers what was sent, in order. Rethrows what they threw, after which nothing collected counts. */
  async runTurn(
    activity: Partial<Activity>,
    state: BotState,
    ports: BotPorts,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<Partial<Activity>[]> {
    const context = new TurnContext(this, activity);
    const collected: Partial<Activity>[] = [];
    context.turnState.set(COLLECTED, collected);
    context.turnState.set(BOT_PORTS, ports);
    context.turnState.set(BOT_STATE, state);
    context.turnState.set(TURN_STORAGE, new TurnStorage(state));
    if (activity.locale !== undefined) context.locale = activity.locale;
    try {
      await this.middleware.run(context, () => logic(context));
    } finally {
      context.turnState.set(COLLECTED, undefined);
    }
    return collected;
  }

  override async sendActivities(context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    const collected = this.collected(context);
    return activities.map((activity) => {
      const id = `${collected.length}`;
      if (activity.type !== ActivityTypes.Trace && activity.type !== ActivityTypes.Typing)
        collected.push({ ...activity, id });
      return { id };
    });
  }

  override async updateActivity(
    context: TurnContext,
    activity: Partial<Activity>,
  ): Promise<ResourceResponse | undefined> {
    const collected = this.collected(context);
    const place = collected.findIndex((sent) => sent.id === activity.id);
    if (place < 0)
      throw new Error(
        'only an activity of the same turn can be updated: earlier ones are with the marketplace, which knows no edit',
      );
    collected[place] = activity;
    return activity.id === undefined ? undefined : { id: activity.id };
  }

  override async deleteActivity(context: TurnContext, reference: Partial<ConversationReference>): Promise<void> {
    const collected = this.collected(context);
    const place = collected.findIndex((sent) => sent.id === reference.activityId);
    if (place < 0)
      throw new Error(
        'only an activity of the same turn can be deleted: earlier ones are with the marketplace, which knows no recall',
      );
    collected.splice(place, 1);
  }

  /** A bot speaks first only through a durable timer (`BotPorts.wakeAt`): a promise kept in memory would be lost with the process. */
  override async continueConversation(): Promise<void> {
    throw new Error('continueConversation is not durable here: ask for a wake-up with BotPorts.wakeAt');
  }

  private collected(context: TurnContext): Partial<Activity>[] {
    const list: Partial<Activity>[] | undefined = context.turnState.get(COLLECTED);
    if (list === undefined) throw new Error('the turn is over: await every sendActivity before the turn ends');
    return list;
  }
}

import { type Activity, BotAdapter, type ConversationReference, type ResourceResponse, TurnContext } from 'botbuilder';
import { Pool } from 'undici';
import type { Delivery } from './webhook-server.ts';

/**
 * The least that makes Bot Framework talk to a marketplace: no store, no order, no retry, each reply one POST through an
 * undici pool. What D and E measure is the framework.
 */
export class ReplyAdapter extends BotAdapter {
  private readonly platform: Pool;

  constructor(platformUrl: string) {
    super();
    this.platform = new Pool(platformUrl, { connections: 64 });
  }

  async receive(delivery: Delivery, logic: (context: TurnContext) => Promise<void>): Promise<void> {
    await this.runMiddleware(new TurnContext(this, toActivity(delivery)), logic);
  }

  override async sendActivities(context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    const responses: ResourceResponse[] = [];
    for (const activity of activities) {
      if (activity.type !== 'message') continue;
      const conversation = activity.conversation?.id ?? context.activity.conversation.id;
      const answer = await this.platform.request({
        path: `/customer_service/202309/conversations/${conversation}/messages`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'TEXT', content: JSON.stringify({ content: activity.text }) }),
      });
      const receipt = JSON.parse(await answer.body.text());
      responses.push({ id: receipt.data.message_id });
    }
    return responses;
  }

  override async updateActivity(): Promise<void> {
    throw new Error('a marketplace has no edit');
  }

  override async deleteActivity(): Promise<void> {
    throw new Error('a marketplace has no recall');
  }

  override async continueConversation(
    reference: Partial<ConversationReference>,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<void> {
    await this.runMiddleware(new TurnContext(this, TurnContext.applyConversationReference({}, reference, true)), logic);
  }
}

function toActivity(delivery: Delivery): Partial<Activity> {
  const { data } = delivery;
  return {
    type: 'message',
    id: data.message_id,
    channelId: 'tiktok',
    serviceUrl: 'https://marketplace.invalid',
    timestamp: new Date(delivery.timestamp * 1000),
    from: { id: data.sender.im_user_id, name: '' },
    recipient: { id: delivery.shop_id, name: '' },
    conversation: { id: data.conversation_id, name: '', isGroup: false, conversationType: '' },
    text: JSON.parse(data.content).content,
  };
}

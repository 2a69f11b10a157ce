import { describeChannel } from '../../../contract/channel-suite.ts';
import { conversationOf, createWorld } from './builders.ts';
import { BUYER_IM, CONVERSATION_ID, SHOP_ID, signWebhook } from './fake-platform.ts';

const idOf = (n: number) => String(7494560109732334263n + BigInt(n));

const message = (text: string, n: number) => ({
  message_id: idOf(n),
  content: JSON.stringify({ content: text }),
  create_time: 1699999999,
  is_visible: true,
});

describeChannel('tiktok', async () => {
  const world = await createWorld();
  const request = (rawBody: Buffer, secret?: string) => ({
    headers: { authorization: signWebhook(rawBody, secret) },
    rawBody,
    receivedAt: world.clock.now(),
  });
  return {
    channel: world.channel,
    conversation: conversationOf(),
    now: () => world.clock.now(),
    signed: (rawBody) => request(rawBody),
    badlySigned: (rawBody) => request(rawBody, 'another secret'),
    buyerSays: (text, n) =>
      Buffer.from(
        JSON.stringify({
          type: 14,
          tts_notification_id: String(7327112393057371910n + BigInt(n)),
          shop_id: SHOP_ID,
          timestamp: 1700000000,
          data: {
            ...message(text, n),
            conversation_id: CONVERSATION_ID,
            type: 'TEXT',
            sender: { im_user_id: BUYER_IM, role: 'BUYER' },
          },
        }),
      ),
    // The legacy webhook of the same message.
    redelivered: (text, n) =>
      Buffer.from(
        JSON.stringify({
          type: 9,
          shop_id: SHOP_ID,
          timestamp: 1700007200,
          data: {
            ...message(text, n),
            conv_short_id: CONVERSATION_ID,
            msg_type: 'text',
            sender_id: BUYER_IM,
            sender_role: 1,
            sender_role_v2: 1,
          },
        }),
      ),
    nextSend(how) {
      const fault = {
        refused: { code: 45101006 },
        'rate-limited': { code: 36009002, status: 429 },
        'lost-after-acceptance': { after: true, drop: true },
        'lost-before-acceptance': { drop: true },
      }[how];
      world.platform.fail('/messages', fault);
    },
    shopTexts: () =>
      world.platform.lines
        .filter((line) => line.sender.role !== 'BUYER')
        .map((line) => (JSON.parse(line.content) as { content: string }).content),
    standingBuyerText: (text) => void world.platform.say('BUYER', 'TEXT', { content: text }),
    close: world.close,
  };
});

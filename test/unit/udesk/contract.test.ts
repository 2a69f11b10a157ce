import { describeDesk } from '../../contract/desk-suite.ts';
import { createRig, SECRET } from './harness.ts';

describeDesk('udesk', async () => {
  const { desk, fake, stop } = await createRig();
  return {
    desk,
    secret: SECRET,
    people: (state) => {
      fake.people = state;
    },
    loseAnswer: (call) => fake.fail(call === 'open' ? '/im/sessions' : '/im/messages', 'cut'),
    down: () => fake.stop(),
    arrived: () =>
      fake.messages.map((message) => ({
        messageId: String(message.message_id),
        content: String((message.data as Record<string, unknown>).content),
      })),
    openSessions: (token) => {
      const id = fake.openSessionOf(token);
      return id === undefined ? [] : [String(id)];
    },
    pushStartAndSay: ({ customerToken, sessionId, name, messageId, text }) => {
      const item = { agent_id: 5, agent_name: name, agent_avatar: '', im_sub_session_id: Number(sessionId) };
      const at = { message_created_at: '2026-01-05 10:00:00' };
      return Buffer.from(
        JSON.stringify({
          customer_token: customerToken,
          assign_type: 'agent',
          messages: [
            { type: 'start_session', message_id: `start-${messageId}`, ...item, ...at, data: { content: 'start' } },
            { type: 'message', message_id: messageId, ...item, ...at, data: { content: text } },
          ],
        }),
      );
    },
    stop,
  };
});

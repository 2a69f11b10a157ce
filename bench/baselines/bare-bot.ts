/** Baseline D: an echo bot on Bot Framework, in memory, one outbound POST a message. `bare-bot.ts <platform url>`. */
import { ActivityHandler } from 'botbuilder';
import { ReplyAdapter } from './reply-adapter.ts';
import { serveWebhooks } from './webhook-server.ts';

const adapter = new ReplyAdapter(process.argv[2] ?? '');
const bot = new ActivityHandler();
bot.onMessage(async (context, next) => {
  await context.sendActivity(`You said ${context.activity.text}`);
  await next();
});

serveWebhooks((delivery) => adapter.receive(delivery, (context) => bot.run(context)));

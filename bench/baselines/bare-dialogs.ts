/**
 * Baseline E: Bot Framework with dialogs as its public samples wire them: ConversationState and UserState over MemoryStorage, a
 * component dialog with a waterfall and a text prompt, continued or begun through a DialogSet each turn, states saved at its end
 * (`runDialog` would be slower: it adds a memory snapshot and a trace activity). A conversation alternates between the prompt's question and its answer, one outbound POST a message. `bare-dialogs.ts <platform url>`.
 */
import {
  ActivityHandler,
  ConversationState,
  MemoryStorage,
  type StatePropertyAccessor,
  type TurnContext,
  UserState,
} from 'botbuilder';
import {
  ComponentDialog,
  DialogSet,
  type DialogState,
  type DialogTurnResult,
  DialogTurnStatus,
  TextPrompt,
  WaterfallDialog,
  type WaterfallStepContext,
} from 'botbuilder-dialogs';
import { ReplyAdapter } from './reply-adapter.ts';
import { serveWebhooks } from './webhook-server.ts';

class QuestionDialog extends ComponentDialog {
  constructor() {
    super('question');
    this.addDialog(new TextPrompt('text'));
    this.addDialog(new WaterfallDialog('steps', [this.ask.bind(this), this.answer.bind(this)]));
    this.initialDialogId = 'steps';
  }

  async run(context: TurnContext, accessor: StatePropertyAccessor<DialogState>): Promise<void> {
    const dialogs = new DialogSet(accessor);
    dialogs.add(this);
    const dialogContext = await dialogs.createContext(context);
    const result = await dialogContext.continueDialog();
    if (result.status === DialogTurnStatus.empty) await dialogContext.beginDialog(this.id);
  }

  private async ask(step: WaterfallStepContext): Promise<DialogTurnResult> {
    return await step.prompt('text', { prompt: `Which colour? ${lastWord(step.context)}` });
  }

  private async answer(step: WaterfallStepContext): Promise<DialogTurnResult> {
    await step.context.sendActivity(`You said ${step.result}`);
    return await step.endDialog();
  }
}

const lastWord = (context: TurnContext): string => context.activity.text.split(' ').at(-1) ?? '';

const storage = new MemoryStorage();
const conversationState = new ConversationState(storage);
const userState = new UserState(storage);
const dialogState = conversationState.createProperty('DialogState');
const dialog = new QuestionDialog();
const adapter = new ReplyAdapter(process.argv[2] ?? '');
const bot = new ActivityHandler();
bot.onMessage(async (context, next) => {
  await dialog.run(context, dialogState);
  await next();
});

serveWebhooks((delivery) =>
  adapter.receive(delivery, async (context) => {
    await bot.run(context);
    await conversationState.saveChanges(context, false);
    await userState.saveChanges(context, false);
  }),
);

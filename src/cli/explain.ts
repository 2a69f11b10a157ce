import type { TimelineEntry } from '../contracts/store.ts';
import { storyLine } from './story-line.ts';
import { complain, print, printJson, when, withStore } from './with-store.ts';

const PAGE = 500;

/** Prints one conversation's timeline. It shows buyers' words: it is a tool for the operator at the machine, not a log. */
export async function explain(id: string, options: { json?: boolean }): Promise<number> {
  return withStore(async (store) => {
    const [conversation] = await store.findConversations(id, 1);
    if (conversation === undefined) {
      complain(
        `Nothing is known under "${id}". Give a conversation, customer token, message, event, Udesk session or outbox id.`,
      );
      return 1;
    }
    const entries: TimelineEntry[] = [];
    for (let after: number | undefined; ; ) {
      const page = await store.timeline(conversation.id, { limit: PAGE, after });
      entries.push(...page);
      const last = page.at(-1);
      if (page.length < PAGE || last === undefined) break;
      after = last.seq;
    }
    if (options.json === true) {
      const { bot: _bot, ...shown } = conversation;
      printJson({ conversation: shown, entries });
      return 0;
    }
    print(
      `${conversation.id}  owner ${conversation.owner}, epoch ${conversation.epoch}, episode ${conversation.episode}, language ${conversation.language ?? 'not known yet'}`,
    );
    for (const entry of entries) {
      const [head, ...words] = storyLine(entry);
      print(`${when(entry.at)}  ${head}`);
      for (const line of words) print(`${INDENT}${line}`);
    }
    return 0;
  });
}

/** Below the heading, behind the width of the time. */
const INDENT = ' '.repeat(25);

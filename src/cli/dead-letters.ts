import { complain, print, printJson, when, withStore } from './with-store.ts';

export async function listDeadLetters(options: { json?: boolean }): Promise<number> {
  return withStore(async (store) => {
    const letters = await store.listDeadLetters(500);
    if (options.json === true) printJson(letters);
    else if (letters.length === 0) print('No dead letters.');
    else
      for (const letter of letters)
        print(
          `${letter.id}  ${when(letter.at)}  ${letter.side}  ${letter.conversationId ?? '-'}  ${letter.what}, ${letter.attempts} attempt(s): ${letter.reason}`,
        );
    return letters.length === 0 ? 0 : 1;
  });
}

export async function retryDeadLetter(id: string): Promise<number> {
  return withStore(async (store) =>
    report(await store.retryDeadLetter(id, Date.now()), id, 'is due again; a running bridge takes it within a second'),
  );
}

export async function dropDeadLetter(id: string, reason: string): Promise<number> {
  return withStore(async (store) => report(await store.dropDeadLetter(id, reason, Date.now()), id, 'is dropped'));
}

function report(found: boolean, id: string, what: string): number {
  if (found) print(`${id} ${what}.`);
  else complain(`There is no dead letter "${id}". "buyerline dead-letters list" shows them.`);
  return found ? 0 : 1;
}

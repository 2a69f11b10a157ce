import type { Command } from 'commander';

/** Everything that is run beside a bridge: reads the same settings and the same store, starts nothing that listens. */
export async function addToolCommands(program: Command, done: (code: number) => void): Promise<void> {
  program
    .command('doctor')
    .description('checks settings, clock, tokens and reachability; says what to mend')
    .option('--json', 'machine-readable')
    .action(async (options: { json?: boolean }) => done(await (await import('./doctor.ts')).doctor(options)));

  const dialogs = program.command('dialogs').description('the dialog files');
  dialogs
    .command('check')
    .description('finds every problem in the dialog files, with file, line and column')
    .argument('[folder]', 'default: DIALOGS_DIR')
    .option('--json', 'machine-readable')
    .action(async (folder: string | undefined, options: { json?: boolean }) =>
      done(await (await import('./dialogs-check.ts')).dialogsCheck(folder, options)),
    );
  dialogs
    .command('schema')
    .description('prints the JSON Schema that editors complete dialog files with')
    .action(async () => done(await (await import('./dialogs-check.ts')).dialogsSchema()));

  const shops = program.command('shops').description('the shops that are served');
  shops
    .command('list')
    .option('--json', 'machine-readable')
    .action(async (options: { json?: boolean }) => done(await (await import('./shops.ts')).listShops(options)));
  shops
    .command('add')
    .description('adds a shop with tokens you already hold; the usual way is /oauth/tiktok/start')
    .argument('<channel>', 'tiktok')
    .argument('<shopId>')
    .option('--cipher <cipher>', 'shop_cipher; found by the API when left out')
    .option('--name <name>')
    .option('--region <region>', 'two letters, GB')
    .description(
      'the access and refresh token are read from the variables SHOP_ACCESS_TOKEN and SHOP_REFRESH_TOKEN, never from the command line',
    )
    .action(async (channel: string, shopId: string, options: Record<string, string>) =>
      done(await (await import('./shops.ts')).addShop(channel, shopId, options)),
    );
  shops
    .command('remove')
    .argument('<channel>')
    .argument('<shopId>')
    .action(async (channel: string, shopId: string) =>
      done(await (await import('./shops.ts')).removeShop(channel, shopId)),
    );

  program
    .command('explain')
    .description("the story of one conversation, from the platform's event to its receipt")
    .argument('<id>', 'conversation, customer token, message, event, Udesk session or outbox id')
    .option('--json', 'machine-readable')
    .action(async (id: string, options: { json?: boolean }) =>
      done(await (await import('./explain.ts')).explain(id, options)),
    );

  program
    .command('replay')
    .description(
      'hands an event that was set aside to the bridge again (after its cause is mended); without an id lists what is aside',
    )
    .argument('[id]', 'aside-12')
    .action(async (id: string | undefined) => done(await (await import('./replay.ts')).replay(id)));

  const letters = program.command('dead-letters').description('what will not be tried again by itself');
  letters
    .command('list')
    .option('--json', 'machine-readable')
    .action(async (options: { json?: boolean }) =>
      done(await (await import('./dead-letters.ts')).listDeadLetters(options)),
    );
  letters
    .command('retry')
    .argument('<id>', 'in-12 or out-34')
    .action(async (id: string) => done(await (await import('./dead-letters.ts')).retryDeadLetter(id)));
  letters
    .command('drop')
    .argument('<id>', 'in-12 or out-34')
    .option('--reason <words>', 'kept in the timeline', 'dropped by hand')
    .action(async (id: string, options: { reason: string }) =>
      done(await (await import('./dead-letters.ts')).dropDeadLetter(id, options.reason)),
    );
}

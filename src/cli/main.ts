import { Command, CommanderError } from 'commander';
import { BuyerlineError, coerceError } from '../common/errors.ts';

/** Exit codes of every command: 0 fine, 1 found problems, 2 cannot run. */
export const EXIT = { fine: 0, problems: 1, cannotRun: 2 } as const;

const program = new Command('buyerline')
  .description('First line of customer service between TikTok Shop or Shopee and Udesk')
  .showHelpAfterError()
  .exitOverride();

// Commands are loaded when they are called: `explain` must not pay for the bot framework.
program
  .command('serve')
  .description('run the bridge with the settings of the environment and .env')
  .action(async () => done(await (await import('./serve.ts')).serve()));
program
  .command('demo')
  .description('bridge, simulators of the platforms and a page to play buyer and agent; needs no account')
  .action(async () => done(await (await import('./demo.ts')).demo()));

await (await import('./tool-commands.ts')).addToolCommands(program, done);

// No timer of the program keeps it alive (common/clock.ts). While a command runs something must: a graceful stop waits for nothing else once
// the port is closed, and node would end it half-way with code 13.
const awake = setInterval(() => {}, 60_000);
try {
  await program.parseAsync(process.argv);
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? EXIT.fine : EXIT.cannotRun;
  else {
    const error = coerceError(thrown);
    process.stderr.write(`${error instanceof BuyerlineError ? error.message : `${error.name}: ${error.message}`}\n`);
    process.exitCode = EXIT.cannotRun;
  }
} finally {
  clearInterval(awake);
}

function done(code: number): void {
  process.exitCode = code;
}

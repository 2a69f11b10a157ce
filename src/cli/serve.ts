import { createApp } from '../app.ts';
import { loadConfig, readEnvironment } from '../config/index.ts';
import { createLogger } from '../observability/index.ts';
import { runUntilSignal } from './run-until-signal.ts';

/** `buyerline serve`: production, from the environment and `.env`. */
export async function serve(): Promise<number> {
  const config = loadConfig(readEnvironment({ cwd: process.cwd() }), 'serve');
  const logger = createLogger({ level: config.log.level });
  for (const warning of config.warnings)
    logger.warn('setting.questioned', { variable: warning.where, what: warning.what });
  const app = await createApp({ config, logger });
  const { url } = await app.start();
  process.stdout.write(`Buyerline listens on ${url}\n`);
  const code = await runUntilSignal(app);
  // The workers of the store and the loggers are down: nothing of ours keeps the process.
  process.exit(code);
}

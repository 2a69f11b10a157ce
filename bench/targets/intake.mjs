/** The bridge with its workers idle: takes webhooks, makes them durable, acknowledges. For the intake figure only. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../scripts/ensure-built.mjs';

const failure = await ensureBuilt(fileURLToPath(new URL('../..', import.meta.url)));
if (failure !== undefined) throw new Error(failure);
const { createApp } = await import('../../dist/app.js');
const { loadConfig, readEnvironment } = await import('../../dist/config/index.js');
const app = await createApp({ config: loadConfig(readEnvironment({ cwd: process.cwd() }), 'serve'), work: false });
await app.start();
process.once('SIGTERM', () => app.stop().then(() => process.exit(0)));

import { type AppConfig, loadConfig, readEnvironment } from '../config/index.ts';
import { silentLogger } from '../contracts/logger.ts';
import type { Store } from '../contracts/store.ts';
import { openStore } from '../store/open-store.ts';

/** Opens the bridge's store beside a running bridge, which does not mind, and closes it again. */
export async function withStore<T>(work: (store: Store, config: AppConfig) => Promise<T>): Promise<T> {
  const config = loadConfig(readEnvironment({ cwd: process.cwd() }), 'tools');
  const store = await openStore({
    databaseUrl: config.store.databaseUrl,
    masterKey: config.store.masterKey?.toString('hex'),
    logger: silentLogger,
  });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
export const complain = (line: string): void => void process.stderr.write(`${line}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** `2026-01-05 10:00:00Z` */
export const when = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;

import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../common/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Store } from '../contracts/store.ts';
import { createSecretBox, loadMasterKey } from './secret-box.ts';
import { createSqliteStore } from './sqlite/index.ts';

export interface OpenStoreOptions {
  /** `sqlite:./data/buyerline.db` (relative to the working directory), `sqlite:/var/lib/buyerline.db` or `sqlite::memory:`. */
  databaseUrl: string;
  /** `BUYERLINE_MASTER_KEY`; without it a key file is kept beside the database (`buyerline.db.key`). */
  masterKey?: string;
  logger: Logger;
}

/**
 * Opens the store that a `DATABASE_URL` names; makes its folder, file and key file when they are missing.
 * Throws {@link ConfigError} for an address or a key that cannot be used, `STORE_UNAVAILABLE` and `STORE_NEWER` as the engine does.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { databaseUrl, logger } = options;
  const file = sqliteFile(databaseUrl);
  if (file === ':memory:') {
    const key = options.masterKey ? loadMasterKey({ configured: options.masterKey }) : randomBytes(32);
    return createSqliteStore({ file, secretBox: createSecretBox(key), logger });
  }
  makeFile(file);
  const key = loadMasterKey({ configured: options.masterKey, keyFile: `${file}.key` });
  return createSqliteStore({ file, secretBox: createSecretBox(key), logger });
}

function sqliteFile(databaseUrl: string): string {
  if (/^postgres(ql)?:/i.test(databaseUrl))
    throw wrong('names PostgreSQL, whose engine is not part of this version; use sqlite:./data/buyerline.db');
  const match = /^sqlite:(.+)$/is.exec(databaseUrl);
  const address = match?.[1]?.trim() ?? '';
  // A stranger's address may carry a password, so it is not repeated.
  if (address === '') throw wrong('is not one of sqlite:./data/buyerline.db, sqlite::memory:');
  if (address === ':memory:') return address;
  return path.resolve(address.startsWith('//') ? address.slice(2) : address);
}

/** Readable by its owner only: it holds what buyers wrote. SQLite gives its side files the same mode. */
function makeFile(file: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw wrong(`names a file that cannot be written (${code}): ${file}`);
  }
}

const wrong = (what: string): ConfigError => new ConfigError([{ where: 'DATABASE_URL', what }]);

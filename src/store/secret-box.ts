import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { BuyerlineError, ConfigError } from '../common/errors.ts';

/** Encrypts what must not be readable in a copy of the database. */
export interface SecretBox {
  /** Text in, text out: `v1.` and base64url of nonce, tag and cipher text. Twice the same text gives two results. */
  seal(plain: string, context: string): string;
  /** Throws `SECRET_UNREADABLE` for another key, another context or a changed text. */
  open(sealed: string, context: string): string;
}

const VERSION = 'v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** What sealed credentials are bound to: moved to another shop's row, they do not open. */
export const credentialsContext = (channel: string, shopId: string): string => JSON.stringify([channel, shopId]);

/** AES-256-GCM with a random nonce a call; `context` is authenticated, not stored. `key` has 32 bytes. */
export function createSecretBox(key: Buffer): SecretBox {
  if (key.length !== KEY_BYTES) throw wrongKey(`the key has ${key.length} bytes, 32 are needed`);
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, context) {
      const bytes = sealed.startsWith(VERSION) ? Buffer.from(sealed.slice(VERSION.length), 'base64url') : null;
      if (bytes === null || bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable();
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(context, 'utf8'));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch {
        throw unreadable();
      }
    },
  };
}

export interface MasterKeySource {
  /** `BUYERLINE_MASTER_KEY`: 32 bytes as 64 hex digits or base64. Wins over the file. */
  configured?: string;
  /** Read, or made with mode 0600 when missing. */
  keyFile?: string;
}

/** The key that secrets are sealed with. Throws {@link ConfigError} when it is missing or has the wrong size. */
export function loadMasterKey(source: MasterKeySource): Buffer {
  if (source.configured !== undefined && source.configured !== '') {
    const key = decodeKey(source.configured);
    if (key === null) throw wrongKey('needs 32 bytes, as 64 hex digits or as base64; `openssl rand -hex 32` makes one');
    return key;
  }
  if (source.keyFile === undefined) throw wrongKey('is needed; `openssl rand -hex 32` makes one');
  const text = readKeyFile(source.keyFile) ?? makeKeyFile(source.keyFile);
  const key = decodeKey(text);
  if (key === null) {
    throw new ConfigError([
      {
        where: source.keyFile,
        what: 'does not hold 32 bytes as hex or base64; restore it from a backup, or remove it and connect every shop again',
      },
    ]);
  }
  return key;
}

function decodeKey(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === KEY_BYTES ? key : null;
}

function readKeyFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw cannotUse(file, thrown);
  }
}

/** Written aside and linked into place: two processes that start together end up with one key, and none reads half of it. */
function makeKeyFile(file: string): string {
  const key = randomBytes(KEY_BYTES).toString('hex');
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(aside, `${key}\n`, { mode: 0o600, flag: 'wx' });
    // The process's umask may have taken more away than meant.
    chmodSync(aside, 0o600);
    try {
      linkSync(aside, file);
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
    } finally {
      unlinkSync(aside);
    }
  } catch (thrown) {
    throw cannotUse(file, thrown);
  }
  return readKeyFile(file) ?? key;
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'unknown';

const cannotUse = (file: string, thrown: unknown): ConfigError =>
  new ConfigError([{ where: file, what: `the key file cannot be read or made (${codeOf(thrown)})` }]);

const wrongKey = (what: string): ConfigError => new ConfigError([{ where: 'BUYERLINE_MASTER_KEY', what }]);

const unreadable = (): BuyerlineError =>
  new BuyerlineError(
    'SECRET_UNREADABLE',
    'A stored token cannot be decrypted: BUYERLINE_MASTER_KEY (or the key file beside the database) is not the one it was stored with',
  );

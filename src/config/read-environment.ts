import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../common/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings as texts: `.env` of `cwd` below the process environment, which wins. The only place that reads `process.env`.
 * An empty text counts as not set in either place, so `TIKTOK_APP_KEY= npm start` does not hide the line of the file.
 * Throws ConfigError when the file exists and cannot be read.
 */
export function readEnvironment(options: { cwd: string; env?: Environment }): Environment {
  const env = options.env ?? process.env;
  const merged: Record<string, string> = {};
  for (const source of [readFile(join(options.cwd, '.env')), env]) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined && value.trim() !== '') merged[name] = value;
    }
  }
  return merged;
}

function readFile(path: string): Environment {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    if (code === 'ENOENT') return {};
    throw new ConfigError([{ where: '.env', what: `cannot be read (${code}): check its rights, or remove it` }]);
  }
  // Notepad and PowerShell write UTF-16, in which every variable would silently be missing.
  if (bytes.includes(0)) throw new ConfigError([{ where: '.env', what: 'is not plain text: save it as UTF-8' }]);
  return parseEnv(bytes.toString('utf8').replace(/^\uFEFF/, ''));
}

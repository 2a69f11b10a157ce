import type { Problem } from '../common/errors.ts';
import { VARIABLES, type Values, type VariableName } from './config-schema.ts';
import type { Environment } from './read-environment.ts';

const OURS = /^(?:BUYERLINE|TIKTOK|UDESK|SHOPEE)_/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/;
const PLATFORM_URLS = [
  'TIKTOK_API_URL',
  'TIKTOK_AUTH_URL',
  'TIKTOK_AUTHORIZE_URL',
  'UDESK_API_URL',
  'SHOPEE_API_URL',
  'SHOPEE_WEBCHAT_URL',
  'OPENAI_BASE_URL',
] as const satisfies readonly VariableName[];

/** A name of ours that nobody reads is most often a typing mistake. */
export function unknownVariables(environment: Environment): Problem[] {
  const known = new Set<string>(VARIABLES);
  return Object.keys(environment)
    .filter((name) => OURS.test(name) && !known.has(name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, VARIABLES);
      return {
        where: name,
        what: nearest === undefined ? 'is not a setting: remove it' : `is not a setting: did you mean ${nearest}?`,
      };
    });
}

export function doubtfulValues(values: Partial<Values>): Problem[] {
  const problems: Problem[] = [];
  if (isPlainRemote(values.PUBLIC_URL)) {
    problems.push({ where: 'PUBLIC_URL', what: 'is not https: platforms only call and open https addresses' });
  }
  for (const name of PLATFORM_URLS) {
    if (isPlainRemote(values[name])) {
      problems.push({ where: name, what: 'is not https: tokens and messages cross the network unencrypted' });
    }
  }
  for (const name of ['UDESK_PUSH_SECRET', 'CONSOLE_TOKEN'] as const) {
    const value = values[name];
    if (value !== undefined && value.length < 16) {
      problems.push({ where: name, what: 'is short enough to be guessed: write 16 random characters or more' });
    }
  }
  return problems;
}

const isPlainRemote = (url: string | undefined): boolean =>
  url?.startsWith('http:') === true && !LOOPBACK.test(new URL(url).hostname);

/** At most a third of the letters may differ. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.floor(name.length / 3) + 1;
  for (const candidate of names) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

import { ConfigError, type Problem } from '../common/errors.ts';
import type { AppConfig } from './app-config.ts';
import { configSchema, factsOf, VARIABLES, type Values, type VariableName } from './config-schema.ts';
import { notYetAvailable, withoutEffect } from './not-yet.ts';
import type { Environment } from './read-environment.ts';
import { halfGroups, missingForServe } from './rules.ts';
import type { SettingGroup } from './setting.ts';
import { toAppConfig } from './to-app-config.ts';
import { doubtfulValues, unknownVariables } from './warnings.ts';

/**
 * `serve` needs a marketplace and the desk. `demo` brings its own platforms: it reads the first groups only, so that it starts beside a
 * half-finished `.env`. `tools` (doctor, shops, explain…) needs nothing, but what is written must be right.
 */
export type Purpose = 'serve' | 'demo' | 'tools';

const DEMO_GROUPS: ReadonlySet<SettingGroup> = new Set(['http', 'operations', 'store', 'dialogs']);

/**
 * Example: `loadConfig({ PORT: '80O0' }, 'tools')` throws ConfigError with `PORT: is not a whole number: write digits only, from 0 to 65535`.
 * All problems at once, in the order of `.env.example`; never a value in a message.
 */
export function loadConfig(environment: Environment, purpose: Purpose): AppConfig {
  const written: Partial<Record<VariableName, string>> = {};
  for (const name of VARIABLES) {
    const value = environment[name];
    if (value === undefined || value.trim() === '') continue;
    if (purpose === 'demo' && !DEMO_GROUPS.has(factsOf(name).group)) continue;
    written[name] = value;
  }
  const isSet = (name: VariableName) => written[name] !== undefined;

  const parsed = configSchema.safeParse(written);
  const problems: Problem[] = [];
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push({ where: String(issue.path[0]), what: issue.message });
  }
  const readable = parsed.success ? parsed.data : readableValues(written);
  problems.push(
    ...(purpose === 'serve' ? withoutRepeats(missingForServe(isSet), halfGroups(isSet)) : halfGroups(isSet)),
  );
  problems.push(...notYetAvailable(readable, isSet));
  if (!parsed.success || problems.length > 0) throw new ConfigError(inOrder(problems));

  const warnings = [...doubtfulValues(parsed.data), ...withoutEffect(isSet), ...unknownVariables(environment)];
  return toAppConfig(parsed.data, { purpose, databaseUrlSet: isSet('DATABASE_URL'), warnings });
}

/** Each variable read by itself, so that one wrong text does not hide what the others would have been told. */
function readableValues(written: Partial<Record<VariableName, string>>): Partial<Values> {
  const values: Record<string, unknown> = {};
  for (const name of VARIABLES) {
    const read = configSchema.shape[name].safeParse(written[name]);
    if (read.success) values[name] = read.data;
  }
  return values;
}

/** One line per variable: the first list knows better. */
function withoutRepeats(first: Problem[], second: Problem[]): Problem[] {
  const named = new Set(first.map((problem) => problem.where));
  return [...first, ...second.filter((problem) => !named.has(problem.where))];
}

function inOrder(problems: Problem[]): Problem[] {
  const place = new Map<string, number>(VARIABLES.map((name, i) => [name, i]));
  return [...problems].sort((a, b) => (place.get(a.where) ?? 0) - (place.get(b.where) ?? 0));
}

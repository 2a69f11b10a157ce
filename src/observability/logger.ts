import { pino } from 'pino';
import type { Logger } from '../contracts/logger.ts';
import { redactFacts } from './redact.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  level: LogLevel;
  /** One JSON object per line; default is standard output. */
  stream?: { write(line: string): void };
}

/** Names that pino writes itself; a fact of the same name is kept beside it. */
const TAKEN = new Set(['level', 'time', 'pid', 'event']);

/**
 * Example line: `{"level":"info","time":"2026-11-21T08:00:00.000Z","pid":7,"event":"outbound.delivered","conversationId":"tiktok:…"}`.
 * Every fact goes through {@link redactFacts}; facts of a line below the level cost nothing.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { pid: process.pid },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(options.stream === undefined ? pino(settings) : pino(settings, options.stream));
}

function wrap(target: pino.Logger): Logger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, facts?: Record<string, unknown>) => {
    if (!target.isLevelEnabled(level)) return;
    if (facts === undefined) target[level](event);
    else target[level](clean(facts), event);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (bindings) => wrap(target.child(clean(bindings))),
  };
}

function clean(facts: Record<string, unknown>): Record<string, unknown> {
  const safe = redactFacts(facts);
  for (const name of TAKEN) {
    if (!(name in safe)) continue;
    safe[`${name}_`] = safe[name];
    delete safe[name];
  }
  return safe;
}

/** Settings: read once at the start, passed on as one object. */
export type { AppConfig } from './app-config.ts';
export { envExample } from './env-example.ts';
export { loadConfig, type Purpose } from './load-config.ts';
export { type Environment, readEnvironment } from './read-environment.ts';
export { settingsTable } from './settings-table.ts';

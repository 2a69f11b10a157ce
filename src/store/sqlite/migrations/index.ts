import { sql as first } from './001-first.ts';

export interface Migration {
  id: number;
  name: string;
  sql: string;
}

/** In order, never edited once released: a change is a new number. */
export const migrations: readonly Migration[] = [{ id: 1, name: 'first', sql: first }];

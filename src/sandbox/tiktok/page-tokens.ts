import { createHmac } from 'node:crypto';

/**
 * Page tokens that mean nothing to a client and fit only the query they were given for.
 * The anchor inside is a position, not an offset: messages that arrive between two pages shift nothing.
 */
export interface PageTokens {
  make(scope: string, anchor: string): string;
  /** The anchor; `null` for a token that is forged, damaged or of another query. */
  read(scope: string, token: string): string | null;
}

export function createPageTokens(secret: string): PageTokens {
  const seal = (scope: string, anchor: string) =>
    createHmac('sha256', secret).update(`${scope}\n${anchor}`).digest('base64url').slice(0, 12);
  return {
    make: (scope, anchor) => Buffer.from(`${seal(scope, anchor)}${anchor}`).toString('base64url'),
    read(scope, token) {
      const text = Buffer.from(token, 'base64url').toString('utf8');
      const anchor = text.slice(12);
      return seal(scope, anchor) === text.slice(0, 12) ? anchor : null;
    },
  };
}

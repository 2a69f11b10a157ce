import type { Grant } from './schema.ts';

/** A shop's credentials as they lie in the store: texts, times in Unix seconds. */
export interface GrantValues {
  accessToken: string;
  refreshToken: string | null;
  expiresAtSec: number;
  refreshExpiresAtSec: number | null;
  issuedAtSec: number;
  /** When the seller granted it; a deauthorisation from before does not count. */
  authorizedAtSec: number;
  scopes: string[] | null;
}

/**
 * How long a token of unknown age (from the environment) is trusted before we fetch our own. A guess: TikTok's tokens live 7 days; a
 * refusal before that leads to a refresh anyway.
 */
const ASSUMED_LIFETIME_SEC = 86_400;

export function valuesOfGrant(grant: Grant, nowSec: number, authorizedAtSec: number): GrantValues {
  return {
    accessToken: grant.access_token,
    refreshToken: grant.refresh_token,
    expiresAtSec: grant.access_token_expire_in ?? nowSec + ASSUMED_LIFETIME_SEC,
    refreshExpiresAtSec: grant.refresh_token_expire_in,
    issuedAtSec: nowSec,
    authorizedAtSec,
    scopes: grant.granted_scopes ?? null,
  };
}

export function valuesOfSeed(accessToken: string, refreshToken: string | null, nowSec: number): GrantValues {
  return {
    accessToken,
    refreshToken,
    expiresAtSec: nowSec + ASSUMED_LIFETIME_SEC,
    refreshExpiresAtSec: null,
    issuedAtSec: nowSec,
    authorizedAtSec: nowSec,
    scopes: null,
  };
}

export function toStored(values: GrantValues): Record<string, string> {
  return {
    accessToken: values.accessToken,
    ...(values.refreshToken === null ? {} : { refreshToken: values.refreshToken }),
    accessTokenExpiresAtSec: String(values.expiresAtSec),
    ...(values.refreshExpiresAtSec === null ? {} : { refreshTokenExpiresAtSec: String(values.refreshExpiresAtSec) }),
    accessTokenIssuedAtSec: String(values.issuedAtSec),
    authorizedAtSec: String(values.authorizedAtSec),
    ...(values.scopes === null ? {} : { scopes: values.scopes.join(',') }),
  };
}

/** `null` when there is no token: never stored, or dropped after a deauthorisation. */
export function fromStored(stored: Record<string, string>): GrantValues | null {
  const accessToken = stored.accessToken;
  if (accessToken === undefined || accessToken === '') return null;
  return {
    accessToken,
    refreshToken: stored.refreshToken ?? null,
    expiresAtSec: Number(stored.accessTokenExpiresAtSec ?? 0),
    refreshExpiresAtSec: stored.refreshTokenExpiresAtSec === undefined ? null : Number(stored.refreshTokenExpiresAtSec),
    issuedAtSec: Number(stored.accessTokenIssuedAtSec ?? 0),
    authorizedAtSec: Number(stored.authorizedAtSec ?? 0),
    scopes: stored.scopes === undefined ? null : stored.scopes.split(',').filter((scope) => scope !== ''),
  };
}

/**
 * When to fetch the next token, in milliseconds since 1970: a tenth of its life before the end, at most a day, at least 30 s, never more
 * than half of its life (or a short-lived token would be refreshed without end).
 */
export function refreshDueAt(values: GrantValues): number {
  const lifetimeSec = Math.max(0, values.expiresAtSec - values.issuedAtSec);
  const aheadSec = Math.min(86_400, Math.max(lifetimeSec / 10, Math.min(30, lifetimeSec / 2)));
  return (values.expiresAtSec - aheadSec) * 1000;
}

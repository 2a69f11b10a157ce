/** Codes of the open API (reference section 3.1); all of them come with HTTP 200. */
export const CODES = {
  OK: 1000,
  FAILED: 2000,
  WAITING: 2001,
  NOBODY: 2002,
  BAD_PARAMETER: 2005,
  NOT_ADMIN: 2015,
  BAD_SIGN: 2059,
  SESSION_GONE_OR_MISSING: 2062,
  NOT_ACTIVATED: 2065,
  NO_AGENT: 5050,
  NO_GROUP: 5060,
  SESSION_CLOSED: 9200,
  GROUP_UNKNOWN: 11012,
  TIMESTAMP_BAD: 20621,
  TIMESTAMP_OFF: 20622,
  NONCE_USED: 20623,
  NONCE_EMPTY: 20624,
} as const;

/** `auth` failures use the envelope of the general API, `{code, code_message, exception}`. */
export class UdeskRefusal extends Error {
  readonly code: number;
  readonly envelope: 'im' | 'general';
  readonly status: number;
  constructor(code: number, message: string, envelope: 'im' | 'general' = 'im', status = 200) {
    super(message);
    this.name = 'UdeskRefusal';
    this.code = code;
    this.envelope = envelope;
    this.status = status;
  }
}

/** A declared function, so that the compiler narrows after the call. */
export function refuse(code: number, message: string): never {
  throw new UdeskRefusal(code, message);
}

/** A declared function, so that the compiler narrows after the call. */
export function refuseAuth(code: number, message: string): never {
  throw new UdeskRefusal(code, message, 'general');
}

/**
 * Codes of the Open API with the HTTP status they come with. Source: reference section 6 (Partner Center "Common errors",
 * "Rate limits", the endpoint pages). Where no status is documented: 400 for the gateway's codes, 200 for an endpoint's own,
 * because a client must decide on the body's `code`.
 */
export const CODES = {
  TOKEN_EXPIRED: 105002,
  SCOPE_MISSING: 105005,
  USER_TYPE: 105001,
  CIPHER_MISFIT: 101000,
  BAD_SIGN: 106001,
  CIPHER_MISSING: 106013,
  BAD_REQUEST: 36009004,
  BAD_VERSION: 36009014,
  RATE_LIMITED: 36009002,
  INTERNAL: 36009003,
  UNKNOWN_PATH: 36009009,
  UNKNOWN_METHOD: 36009010,
  FILE_TOO_BIG: 36009021,
  BODY_FORMAT: 36009022,
  NOT_MULTIPART: 36009023,
  AUTH_CODE: 36004004,
  BAD_PARAMETER: 45101001,
  BAD_RETURN_CARD: 45101002,
  NOT_FOUND: 45101003,
  DAILY_QUOTA: 45101004,
  SENSITIVE: 45101006,
  NO_ACCESS: 45102007,
  MAY_NOT_SEND: 45109001,
  MAY_NOT_CREATE: 45109003,
  NOT_SUPPORTED: 45111001,
  COUPON_RATE: 45111012,
  COUPON_INELIGIBLE: 45111017,
  NOT_YOUR_ORDER: 21008111,
  NO_PRODUCT: 12052032,
} as const;

const STATUS: Record<number, number> = {
  [CODES.TOKEN_EXPIRED]: 401,
  [CODES.SCOPE_MISSING]: 401,
  [CODES.USER_TYPE]: 403,
  [CODES.CIPHER_MISFIT]: 400,
  [CODES.BAD_SIGN]: 401,
  [CODES.CIPHER_MISSING]: 400,
  [CODES.BAD_REQUEST]: 400,
  [CODES.BAD_VERSION]: 400,
  [CODES.RATE_LIMITED]: 429,
  [CODES.INTERNAL]: 500,
  [CODES.UNKNOWN_PATH]: 404,
  [CODES.UNKNOWN_METHOD]: 405,
  [CODES.FILE_TOO_BIG]: 400,
  [CODES.BODY_FORMAT]: 400,
  [CODES.NOT_MULTIPART]: 400,
  [CODES.DAILY_QUOTA]: 429,
};

export const statusOf = (code: number): number => STATUS[code] ?? 200;

/** An endpoint's or the gateway's "no", with the platform's own code. */
export class TiktokRefusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'TiktokRefusal';
    this.code = code;
  }
}

/** A declared function, so that the compiler narrows after the call. */
export function refuse(code: number, message: string): never {
  throw new TiktokRefusal(code, message);
}

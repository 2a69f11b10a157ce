import type { ChangeHub } from '../kernel/change-hub.ts';
import type { FaultBoard } from '../kernel/faults.ts';
import type { SimRequest } from '../kernel/http-server.ts';
import type { RateWindow } from '../kernel/rate-window.ts';
import { CODES, refuse } from './codes.ts';
import type { Desk } from './desk.ts';
import type { Pushes } from './pushes.ts';
import type { UdeskCustomer } from './types.ts';
import type { UrobotDesk } from './urobot.ts';
import type { UdeskWorld } from './world.ts';

export interface UdeskPlatform {
  world: UdeskWorld;
  desk: Desk;
  urobot: UrobotDesk;
  pushes: Pushes;
  faults: FaultBoard;
  changes: ChangeHub;
  email: string;
  apiToken: string;
  password: string;
  structKey: string;
  perPreview: RateWindow;
  perStruct: RateWindow;
  overLimit: { status: number; code: number };
  calls: Map<string, number>;
  /** Calls that carried a message_id seen before. */
  repeats: { count: number };
}

export interface UdeskCall {
  request: SimRequest;
  params: Record<string, string>;
  /** The JSON body; empty for GET and DELETE, whose parameters stand in the query. */
  body: Record<string, unknown>;
}

export interface UdeskEndpoint {
  /** For faults and statistics: `messages.send`. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/open_api_v1`. */
  path: string;
  /** `v2` unless told: `none` for log_in, `struct` for row 27. */
  sign?: 'none' | 'struct';
  /** `{code, code_message}` in place of `{code, message}`. */
  envelope?: 'general';
  run(call: UdeskCall, platform: UdeskPlatform): unknown | Promise<unknown>;
}

/** Numbers may come as numeric text: the vendor's own examples send `"397"`. Anything else is 2005. */
export function readInt(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  return refuse(CODES.BAD_PARAMETER, `${name} must be an integer`);
}

const absent = (value: unknown): boolean => value === undefined || value === null || value === '';

export const readOptionalInt = (value: unknown, name: string): number | null =>
  absent(value) ? null : readInt(value, name);

/** `missing` is the endpoint's code for a parameter that is not there: 2000, on Send Message 2062. */
export function needInt(value: unknown, name: string, missing: number = CODES.FAILED): number {
  return absent(value) ? refuse(missing, `${name} is required`) : readInt(value, name);
}

export function needText(value: unknown, name: string, missing: number = CODES.FAILED): string {
  if (absent(value)) return refuse(missing, `${name} is required`);
  return typeof value === 'string' ? value : refuse(CODES.BAD_PARAMETER, `${name} must be a string`);
}

export function needCustomer(platform: UdeskPlatform, token: unknown, missing: number = CODES.FAILED): UdeskCustomer {
  const customer = platform.world.customerByToken(needText(token, 'customer_token', missing));
  return customer ?? refuse(CODES.FAILED, 'the customer does not exist');
}

/** Path ids: real sessions only, the special values 0 to -3 belong to Send Message. */
export function readSessionId(text: string | undefined): number {
  const id = readInt(text, 'session_id');
  return id > 0 ? id : refuse(CODES.BAD_PARAMETER, 'session_id must be greater than 0');
}

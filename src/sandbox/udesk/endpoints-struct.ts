import { CODES, refuse, refuseAuth } from './codes.ts';
import type { UdeskCall, UdeskEndpoint, UdeskPlatform } from './endpoint.ts';
import { tooFast } from './endpoints-sessions.ts';
import { sameSign, signStruct } from './sign.ts';

const TOLERANCE_SEC = 300;

/** Row 27: MD5 signature, 1 per 2 s, not for customers of the API channel, success in `status`. */
export const STRUCT_ENDPOINTS: readonly UdeskEndpoint[] = [
  { name: 'struct.send', method: 'POST', path: '/im/sessions/struct_messages', sign: 'struct', run: sendStruct },
];

function sendStruct({ request, body }: UdeskCall, platform: UdeskPlatform): unknown {
  const { query } = request;
  const text = (name: string): string => {
    const value = query.get(name) ?? '';
    return value === '' ? refuse(CODES.FAILED, `${name} is required`) : value;
  };
  const ids = { sessionId: text('im_sub_session_id'), customerId: text('customer_id'), agentId: text('agent_id') };
  const timestamp = text('timestamp');
  const nowSec = Math.floor(platform.world.clock.wireNow() / 1000);
  if (!/^\d{10}$/.test(timestamp)) refuseAuth(CODES.TIMESTAMP_BAD, 'timestamp is missing or malformed');
  if (Math.abs(nowSec - Number(timestamp)) > TOLERANCE_SEC) refuseAuth(CODES.TIMESTAMP_OFF, 'timestamp is off');
  if (!sameSign(signStruct(ids, timestamp, platform.structKey), query.get('sign') ?? ''))
    refuseAuth(CODES.BAD_SIGN, 'sign is wrong');
  if (!platform.perStruct.take('tenant', platform.world.clock.now())) tooFast(platform);
  checkData(body.data);
  const session = platform.world.sessions.get(Number(ids.sessionId));
  if (session === undefined) refuse(CODES.FAILED, 'the session does not exist');
  // Every customer here comes from the API, and the seed says they cannot be written to with this call.
  return refuse(CODES.FAILED, 'customers created through the API cannot receive structured messages');
}

function checkData(value: unknown): void {
  const data = value as Record<string, unknown> | null | undefined;
  if (data === null || typeof data !== 'object') refuse(CODES.FAILED, 'data is required');
  for (const name of ['title', 'description', 'img_url'])
    if (typeof data[name] !== 'string') refuse(CODES.FAILED, `data.${name} is required`);
  const buttons = data.buttons;
  if (!Array.isArray(buttons)) refuse(CODES.FAILED, 'data.buttons is required');
  for (const button of buttons as Record<string, unknown>[]) {
    if (!['link', 'phone', 'sdk_callback'].includes(String(button?.type)))
      refuse(CODES.BAD_PARAMETER, 'button type must be link, phone or sdk_callback');
    for (const name of ['text', 'value'])
      if (typeof button[name] !== 'string') refuse(CODES.FAILED, `button ${name} is required`);
  }
}

import type { Diagnosis } from '../contracts/channel.ts';
import type { Called, UdeskClient } from './client.ts';
import { endpoints } from './endpoints.ts';

const SIGNATURE_CODES = new Set([2059, 2015, 2058, 20621, 20623, 20624]);
const CLOCK_OFF = 20622;
const NO_SUCH_GROUP = 11012;
/** Udesk refuses at 300 s; a minute is worth a look before that. */
const CLOCK_WARN_MS = 60_000;
const CLOCK_FAIL_MS = 300_000;

/** Asks Udesk what can be asked without touching a customer: reachability, signature, clock, the configured group and who is online. */
export async function diagnoseUdesk(
  client: UdeskClient,
  settings: { apiUrl: string; groupId?: string },
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [host(settings.apiUrl)];
  const call = await client.call(endpoints.agentStatus, { group_id: settings.groupId }, { priority: 'message' });
  found.push(reach(call));
  const signature = signatureOf(call);
  if (signature !== null) found.push(signature);
  const clock = clockOf(call, client.clockSkewMs);
  if (clock !== null) found.push(clock);
  if (call.kind === 'refused' && call.code === NO_SUCH_GROUP)
    found.push({ what: 'udesk group', level: 'fail', detail: call.reason });
  if (call.kind === 'answered') {
    if (settings.groupId !== undefined)
      found.push({ what: 'udesk group', level: 'ok', detail: `group ${settings.groupId} exists` });
    const online = call.result.agents.filter((agent) => agent.im_status === 'online').length;
    found.push({
      what: 'udesk agents',
      level: online > 0 ? 'ok' : 'warn',
      detail:
        online > 0
          ? `${online} of ${call.result.agents.length} online`
          : `none of ${call.result.agents.length} online: a handoff is answered with "nobody online"`,
    });
  }
  return found;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function host(apiUrl: string): Diagnosis {
  const what = 'udesk address';
  if (!URL.canParse(apiUrl)) return { what, level: 'fail', detail: 'UDESK_API_URL is not an address' };
  const url = new URL(apiUrl);
  if (!/\/open_api_v1\/?$/.test(url.pathname))
    return { what, level: 'warn', detail: `UDESK_API_URL should end in /open_api_v1 (${url.host})` };
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname))
    return {
      what,
      level: 'warn',
      detail: `plain http to ${url.host}: buyers' words and signatures travel unencrypted`,
    };
  return { what, level: 'ok', detail: url.host };
}

function reach(call: Called<unknown>): Diagnosis {
  const what = 'udesk reachable';
  if (call.kind === 'not_sent' || call.kind === 'unknown') return { what, level: 'fail', detail: call.reason };
  if (call.kind === 'refused' && call.code === null) return { what, level: 'fail', detail: call.reason };
  return { what, level: 'ok', detail: 'answers' };
}

function signatureOf(call: Called<unknown>): Diagnosis | null {
  const what = 'udesk signature';
  if (call.kind === 'answered') return { what, level: 'ok', detail: 'accepted' };
  if (call.kind !== 'refused' || call.code === null || call.code === CLOCK_OFF) return null;
  if (SIGNATURE_CODES.has(call.code)) return { what, level: 'fail', detail: call.reason };
  if (call.code === NO_SUCH_GROUP) return { what, level: 'ok', detail: 'accepted' };
  return { what, level: 'warn', detail: call.reason };
}

function clockOf(call: Called<unknown>, skewMs: number | null): Diagnosis | null {
  const what = 'udesk clock';
  if (call.kind === 'refused' && call.code === CLOCK_OFF) return { what, level: 'fail', detail: call.reason };
  if (skewMs === null || (call.kind !== 'answered' && call.kind !== 'refused')) return null;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) < CLOCK_WARN_MS) return { what, level: 'ok', detail: `${seconds} s apart` };
  return {
    what,
    level: Math.abs(skewMs) >= CLOCK_FAIL_MS ? 'fail' : 'warn',
    detail: `${seconds} s apart; Udesk refuses more than 300 s: synchronise this machine's clock (NTP)`,
  };
}

import { afterEach, describe, expect, it } from 'vitest';
import { createUdeskSimulator, type UdeskSimulator } from '../../../../src/sandbox/index.ts';
import type { UdeskSimulatorOptions } from '../../../../src/sandbox/udesk/options.ts';
import { signStruct, signV2 } from '../../../../src/sandbox/udesk/sign.ts';
import { callUdesk } from '../helpers/udesk-client.ts';

let simulator: UdeskSimulator;
afterEach(() => simulator?.stop());
const start = async (options: UdeskSimulatorOptions = {}) => {
  simulator = await createUdeskSimulator(options);
};
const list = (options: Parameters<typeof callUdesk>[3] = {}) => callUdesk(simulator, 'GET', '/im/urobots', options);
const now = () => Math.floor(Date.now() / 1000);

describe('signatures', () => {
  it('reproduce the published and the computed vectors', () => {
    const at = ['bridge@example.com', 'tok-0000-1111', '1700000000', 'n-0001'] as const;
    expect(signV2('sha256', ...at)).toBe('8f36ca944d271e383168e769432cbb24c74f36e5a36635c29dedeac9b5fdbe71');
    expect(signV2('sha1', ...at)).toBe('7ed9fb684c59a65919498aa4b68617be88ecfdcd');
    expect(signV2('sha256', 'ops+shop@example.com', 'tok-0000-1111', '1700000000', 'n-0001')).toBe(
      'f79cd71f9f89329c92ed1b7b2eb864323c9ce7dad977db0f01783620d1e6afc5',
    );
    // The example of the seed itself.
    const seed = { sessionId: '1', customerId: '1', agentId: '1' };
    expect(signStruct(seed, '1484272693', '708ff6dc-41d5-4med-9ebc-0388zz9d76f1')).toBe(
      '4666293b3dfe91aa97179dc701be7afc',
    );
    const own = { sessionId: '42', customerId: '7', agentId: '9' };
    expect(signStruct(own, '1700000000', 'key-test-01')).toBe('6369454d4c07b48efdf5f71870c7ffd2');
  });
});

describe('the gate', () => {
  it('lets a signed call through, with a plus sign in the address', async () => {
    await start();
    expect((await list()).json).toMatchObject({ code: 1000, urobot_list: [{ id: 54 }, { id: 55 }] });
  });

  it('answers refusals with HTTP 200 and the envelope of the general API', async () => {
    await start();
    const answer = await list({ sign: 'f'.repeat(64) });
    expect(answer).toMatchObject({ status: 200, json: { code: 2059, code_message: expect.any(String) } });
    expect((await list({ email: 'other@example.com' })).json.code).toBe(2059);
    expect((await list({ hash: 'sha1' })).json.code).toBe(2059);
  });

  it('holds the five minutes', async () => {
    await start();
    expect((await list({ timestamp: String(now() - 295) })).json.code).toBe(1000);
    expect((await list({ timestamp: String(now() - 305) })).json.code).toBe(20622);
    expect((await list({ timestamp: String(now() + 305) })).json.code).toBe(20622);
    expect((await list({ timestamp: `${now()}000` })).json.code).toBe(20621);
    expect((await list({ timestamp: '' })).json.code).toBe(20621);
  });

  it('takes a nonce once in 15 minutes, and burns it only for a fitting sign', async () => {
    await start();
    expect((await list({ nonce: '' })).json.code).toBe(20624);
    expect((await list({ nonce: 'n1', sign: 'bad' })).json.code).toBe(2059);
    expect((await list({ nonce: 'n1' })).json.code).toBe(1000);
    expect((await list({ nonce: 'n1' })).json.code).toBe(20623);
    simulator.control.advance({ ms: 15 * 60_000 + 1_000, wire: true });
    expect((await list({ nonce: 'n1', timestamp: String(now() + 901) })).json.code).toBe(1000);
  });

  it('can speak SHA-1', async () => {
    await start({ signHash: 'sha1' });
    expect((await list({ hash: 'sha1' })).json.code).toBe(1000);
    expect((await list()).json.code).toBe(2059);
  });

  it('limits the calls of a minute', async () => {
    await start({ callsPerMinute: 3 });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await list()).status);
    expect(codes).toEqual([200, 200, 200, 429]);
    simulator.control.advance({ ms: 60_000 });
    expect((await list()).status).toBe(200);
  });

  it('gives the token for the right password only', async () => {
    await start();
    const logIn = async (password: string) => {
      const answer = await fetch(`${simulator.apiUrl}/log_in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ops+buyerline@juniper.example', password }),
      });
      return (await answer.json()) as { code: number; open_api_auth_token?: string };
    };
    expect(await logIn('demo-password')).toMatchObject({ code: 1000, open_api_auth_token: 'tok-demo-4f1c2b90-udesk' });
    expect((await logIn('wrong')).code).toBe(2005);
  });

  it('wants JSON bodies on POST, and no JSON type on the abandoned queues', async () => {
    await start();
    expect((await callUdesk(simulator, 'POST', '/im/sessions', { body: '{"a"' })).json.code).toBe(2000);
    expect(
      (await callUdesk(simulator, 'POST', '/im/sessions', { body: '{}', contentType: 'text/plain' })).json.code,
    ).toBe(2000);
    const query = { start_time: '2026-01-01', end_time: '2026-01-02' };
    const json = await callUdesk(simulator, 'GET', '/im/im_queues', { query, contentType: 'application/json' });
    expect(json.json.code).toBe(2000);
    expect((await callUdesk(simulator, 'GET', '/im/im_queues', { query })).json).toMatchObject({
      code: 1000,
      shut_queues: [],
    });
    expect((await fetch(`${simulator.apiUrl}/nowhere`)).status).toBe(404);
  });
});

describe('faults', () => {
  it('answers in the place of an endpoint, or after it', async () => {
    await start();
    simulator.control.setFault({ endpoint: 'urobots.list', times: 1, code: 2000 });
    expect((await list()).json.code).toBe(2000);
    simulator.control.setFault({ endpoint: 'sessions.create', times: 1, afterEffect: true, drop: true });
    const body = { customer_token: 'tts-1-1', assign_type: 'agent' };
    await expect(callUdesk(simulator, 'POST', '/im/sessions', { body })).rejects.toThrow('fetch failed');
    expect(simulator.control.sessions({ open: true })).toHaveLength(1);
  });
});

import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CredentialsFactory,
  createCredentials,
  plausible,
} from '../../../../src/channels/botframework/authentication.ts';
import { activityOf, conversationOf, createHarness, type FakeConnector, startFakeConnector } from './builders.ts';

const APP_ID = '11111111-2222-3333-4444-555555555555';
const TENANT = '99999999-8888-7777-6666-555555555555';
const ISSUER = 'https://api.botframework.com';
const SMBA = 'https://smba.trafficmanager.net/emea/';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

function tokenOf(claims: Record<string, unknown>, key: KeyObject = keys.privateKey, alg = 'RS256'): string {
  const signed = `${base64url({ typ: 'JWT', alg, kid: 'k1' })}.${base64url(claims)}`;
  return `Bearer ${signed}.${createSign('RSA-SHA256').update(signed).sign(key).toString('base64url')}`;
}

/** Bot Framework checks the expiry by the real clock. */
const nowSec = Math.floor(Date.now() / 1000);
const claimsOf = (changes: Record<string, unknown> = {}) => ({
  iss: ISSUER,
  aud: APP_ID,
  serviceurl: SMBA,
  nbf: nowSec - 60,
  exp: nowSec + 3_600,
  ...changes,
});

/** Stands for login.botframework.com: publishes the keys that channels sign with. */
let keyServer: Server;
let keyServerUrl: string;

beforeAll(async () => {
  const jwk = keys.publicKey.export({ format: 'jwk' });
  keyServer = createServer((request, response) => {
    if (request.url?.startsWith('/down')) return void response.writeHead(500).end();
    const answer = request.url?.endsWith('/keys')
      ? { keys: [{ ...jwk, kid: 'k1', use: 'sig', endorsements: ['msteams', 'directline'] }] }
      : { issuer: ISSUER, jwks_uri: `${keyServerUrl}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  keyServerUrl = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`;
});
afterAll(() => {
  keyServer.closeAllConnections();
  keyServer.close();
});

/** The library says on the console what it thinks of a token. */
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

const harnessWithApp = (path = '/metadata', credentials?: CredentialsFactory) =>
  createHarness({
    config: { appId: APP_ID, appPassword: 'pw', appTenantId: TENANT },
    authentication: {
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
      ToChannelFromBotOAuthScope: ISSUER,
      ToBotFromChannelTokenIssuer: ISSUER,
      OAuthUrl: ISSUER,
      ToBotFromChannelOpenIdMetadataUrl: `${keyServerUrl}${path}`,
      ToBotFromEmulatorOpenIdMetadataUrl: `${keyServerUrl}${path}`,
      CallerId: 'urn:botframework:azure',
    },
    ...(credentials === undefined ? {} : { credentials }),
  });

const teams = activityOf({ channelId: 'msteams', serviceUrl: SMBA, conversation: { id: 'a:1' } });
const far = { remoteAddress: '52.112.0.1' };
const from = (authorization: string, host = 'bridge.example.com') => ({
  ...far,
  headers: { host, authorization, 'x-forwarded-for': '52.112.0.1' },
});

describe('POST /api/messages with an app id', () => {
  it('takes what a channel signed, from anywhere', async () => {
    const { post, events } = harnessWithApp();
    expect((await post(teams, from(tokenOf(claimsOf())))).status).toBe(200);
    expect(events[0]?.target).toMatchObject({ ref: { shopId: 'msteams', externalId: 'a:1' } });
  });

  it.each([
    ['another key', () => tokenOf(claimsOf(), strangers.privateKey)],
    ['another app', () => tokenOf(claimsOf({ aud: 'another' }))],
    ['another issuer', () => tokenOf(claimsOf({ iss: 'https://evil.example' }))],
    ['another service address', () => tokenOf(claimsOf({ serviceurl: 'https://smba.trafficmanager.net/amer/' }))],
    ['no service address', () => tokenOf(claimsOf({ serviceurl: undefined }))],
    ['an expired token', () => tokenOf(claimsOf({ exp: nowSec - 3_600 }))],
    ['a token of tomorrow', () => tokenOf(claimsOf({ nbf: nowSec + 86_400 }))],
    ['no signature', () => `Bearer ${base64url({ alg: 'none', kid: 'k1' })}.${base64url(claimsOf())}.x`],
    ['a payload that is a text', () => `Bearer ${base64url({ alg: 'RS256' })}.${base64url('x')}.x`],
    ['a word', () => 'Bearer x'],
    ['another scheme', () => tokenOf(claimsOf()).replace('Bearer', 'Basic')],
    ['nothing', () => ''],
  ])('answers 401 to %s and stores nothing', async (_what, token) => {
    const { post, events, meta } = harnessWithApp();
    const reply = await post(teams, from(token()));
    expect(reply.status).toBe(401);
    expect(String(reply.body)).not.toMatch(/Unauthorized|claim|jwt/i);
    expect([...events, ...meta]).toEqual([]);
  });

  it('answers 401 without a token, also to a caller on this machine, before it reads the body', async () => {
    const { post } = harnessWithApp();
    expect((await post('not JSON')).status).toBe(401);
  });

  it('answers 401 when the key does not speak for the channel', async () => {
    const { post } = harnessWithApp();
    const slack = { ...teams, channelId: 'slack' };
    expect((await post(slack, from(tokenOf(claimsOf())))).status).toBe(401);
    expect((await post({ ...teams, channelId: 'directline' }, from(tokenOf(claimsOf())))).status).toBe(200);
  });

  it('answers 503, so that the channel tries again, when the keys cannot be read', async () => {
    const { post, events } = harnessWithApp('/down');
    expect((await post(teams, from(tokenOf(claimsOf())))).status).toBe(503);
    expect(events).toEqual([]);
  });

  it('would not send its token over a network unencrypted', async () => {
    const { post } = harnessWithApp();
    const serviceUrl = 'http://smba.trafficmanager.net/';
    const reply = await post({ ...teams, serviceUrl }, from(tokenOf(claimsOf({ serviceurl: serviceUrl }))));
    expect(reply.status).toBe(400);
  });
});

describe('a token before its signature is looked at', () => {
  const withClaims = (claims: unknown) => `Bearer e30.${base64url(claims)}.x`;

  it('may name the tenants of Bot Framework and our own, or none', () => {
    for (const tid of [undefined, TENANT, 'd6d49420-f39b-4df7-a1dc-d59a935871db'])
      expect(plausible(withClaims({ tid }), TENANT)).toBe(true);
  });

  it('may not name another tenant, carry heaps of claims, or be no object', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, place) => [`c${place}`, 1]));
    for (const claims of [{ tid: 'f00' }, { tid: 5 }, { tid: null }, many, 'text', 7, null, []])
      expect(plausible(withClaims(claims), TENANT)).toBe(false);
    expect(plausible(withClaims({ tid: TENANT }), null)).toBe(false);
    expect(plausible('Bearer a.b', null)).toBe(false);
    expect(plausible('Bearer e30.bm90IGpzb24.x', null)).toBe(false);
  });
});

describe('tokens for our own calls', () => {
  let connector: FakeConnector;
  beforeAll(async () => {
    connector = await startFakeConnector();
  });
  afterAll(() => connector.close());

  type Bought = Awaited<ReturnType<CredentialsFactory['createCredentials']>>;
  const config = { appId: APP_ID, appPassword: 'pw' };
  /** Bot Framework's own factory, whose credentials are bought elsewhere. */
  const sellingAt = (token: () => Promise<string>): CredentialsFactory => {
    const factory = createCredentials(config);
    const credentials = {
      getToken: token,
      async signRequest(request: { headers: { set(name: string, value: string): void } }) {
        request.headers.set('authorization', `Bearer ${await token()}`);
        return request;
      },
    };
    factory.createCredentials = async () => credentials as unknown as Bought;
    return factory;
  };
  const greeted = async (credentials: CredentialsFactory) => {
    const harness = harnessWithApp('/metadata', credentials);
    const serviceUrl = connector.url;
    const own = { ...teams, serviceUrl };
    expect((await harness.post(own, from(tokenOf(claimsOf({ serviceurl: serviceUrl }))))).status).toBe(200);
    const conversation = conversationOf({ shopId: 'msteams', externalId: 'a:1' });
    const send = () => harness.channel.send({ conversation, part: { type: 'text', text: 'Hello' }, ref: 'r' });
    return { harness, send };
  };

  it('go out with the answer', async () => {
    const { send } = await greeted(sellingAt(async () => 'bought'));
    expect(await send()).toMatchObject({ kind: 'accepted' });
    expect(connector.posts.at(-1)?.authorization).toBe('Bearer bought');
  });

  it('when there is none, the answer waits, nothing is posted, and nothing of the error is told', async () => {
    const posted = connector.posts.length;
    const { send, harness } = await greeted(
      sellingAt(async () => {
        throw new Error('AADSTS7000215: invalid client secret sesame');
      }),
    );
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'refused', next: 'retry', code: 'NO_TOKEN' });
    expect(connector.posts).toHaveLength(posted);
    const told = await harness.channel.diagnose?.();
    expect(told).toMatchObject([{ level: 'fail' }]);
    expect(JSON.stringify([outcome, told])).not.toContain('sesame');
  });

  it('are tried by doctor', async () => {
    const { harness } = await greeted(sellingAt(async () => 'bought'));
    expect(await harness.channel.diagnose?.()).toMatchObject([{ level: 'ok' }]);
    expect(await createHarness().channel.diagnose?.()).toMatchObject([{ level: 'ok' }]);
    const slow = await greeted(sellingAt(() => new Promise(() => {})));
    const waiting = slow.harness.channel.diagnose?.();
    await slow.harness.clock.advance(10_000);
    expect(await waiting).toMatchObject([{ level: 'fail' }]);
  });
});

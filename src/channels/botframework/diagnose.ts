import type { Clock } from '../../common/clock.ts';
import type { Diagnosis } from '../../contracts/channel.ts';
import type { CredentialsFactory } from './authentication.ts';

const WHAT = 'Bot Framework';
const TOKEN_WITHIN_MS = 10_000;
/** Of the public cloud (botframework-connector 4.23.3, authenticationConstants). */
const LOGIN = 'https://login.microsoftonline.com/botframework.com';
const SCOPE = 'https://api.botframework.com';

/** Tries the app's password by buying a token with it; what Microsoft answers to a wrong one is not repeated, it may hold ids. */
export async function diagnose(deps: {
  appId: string | null;
  credentials: CredentialsFactory;
  clock: Clock;
}): Promise<Diagnosis[]> {
  if (deps.appId === null) {
    const detail =
      '/api/messages serves callers on this machine only; for Teams, Direct Line and Web Chat set MICROSOFT_APP_ID';
    return [{ what: WHAT, level: 'ok', detail }];
  }
  const bought = await withinTime(deps.clock, buy(deps.credentials, deps.appId));
  if (bought === 'bought') return [{ what: WHAT, level: 'ok', detail: 'the app id and its password give a token' }];
  const detail =
    bought === 'late'
      ? `login.microsoftonline.com gave no token within ${TOKEN_WITHIN_MS / 1_000} s: answers could not be sent`
      : 'no token for the app id, answers could not be sent: check MICROSOFT_APP_PASSWORD, MICROSOFT_APP_TENANT_ID and that login.microsoftonline.com can be reached';
  return [{ what: WHAT, level: 'fail', detail }];
}

async function buy(factory: CredentialsFactory, appId: string): Promise<'bought' | 'refused'> {
  try {
    const credentials = await factory.createCredentials(appId, SCOPE, LOGIN, true);
    if (!('getToken' in credentials) || typeof credentials.getToken !== 'function') return 'refused';
    const token: unknown = await credentials.getToken();
    return typeof token === 'string' && token !== '' ? 'bought' : 'refused';
  } catch {
    return 'refused';
  }
}

function withinTime<T>(clock: Clock, answer: Promise<T>): Promise<T | 'late'> {
  return new Promise((resolve) => {
    const deadline = clock.schedule(TOKEN_WITHIN_MS, () => resolve('late'));
    void answer.then((value) => {
      deadline.cancel();
      resolve(value);
    });
  });
}

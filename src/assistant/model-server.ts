import OpenAI from 'openai';
import type { Diagnosis } from '../contracts/channel.ts';

export interface ModelServerConfig {
  apiKey: string;
  /** Any OpenAI-compatible server, `https://api.openai.com/v1`. */
  baseUrl: string;
  model: string;
}

const TIMEOUT_MS = 5_000;

/** For `doctor`: does the server answer, does it take the key, does it know the model? Costs nothing: one list call, no tokens. */
export async function diagnoseModelServer(config: ModelServerConfig): Promise<Diagnosis[]> {
  const client = new OpenAI({ apiKey: config.apiKey, baseURL: config.baseUrl, timeout: TIMEOUT_MS, maxRetries: 0 });
  try {
    const models = await client.models.list();
    const known = models.data.some((model) => model.id === config.model);
    return [
      known
        ? { what: 'model', level: 'ok', detail: `${config.model} is there` }
        : { what: 'model', level: 'warn', detail: `the server does not list ${config.model}: mend OPENAI_MODEL` },
    ];
  } catch (thrown) {
    if (thrown instanceof OpenAI.AuthenticationError)
      return [{ what: 'key', level: 'fail', detail: 'the server refuses OPENAI_API_KEY' }];
    if (thrown instanceof OpenAI.APIConnectionError)
      return [{ what: 'server', level: 'fail', detail: 'cannot be reached: mend OPENAI_BASE_URL' }];
    const status = thrown instanceof OpenAI.APIError ? ` (HTTP ${thrown.status})` : '';
    return [{ what: 'server', level: 'warn', detail: `answers, but cannot list its models${status}` }];
  }
}

import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { diagnoseModelServer } from '../../../src/assistant/model-server.ts';

let server: Server | undefined;
const serve = (status: number, body: unknown) =>
  new Promise<string>((resolve) => {
    server = createServer((request, response) => {
      const allowed = request.headers.authorization === 'Bearer right';
      response.writeHead(allowed ? status : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(allowed ? body : { error: { message: 'no' } }));
    }).listen(0, '127.0.0.1', () => {
      const address = server?.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`);
    });
  });
afterEach(() => {
  server?.close();
});

const LIST = { object: 'list', data: [{ id: 'm-1', object: 'model', created: 1, owned_by: 'x' }] };
const levelOf = async (apiKey: string, baseUrl: string, model: string) => {
  const [found] = await diagnoseModelServer({ apiKey, baseUrl, model });
  return `${found?.what} ${found?.level}`;
};

describe('the check of the model server', () => {
  it('knows a listed model from one that is not', async () => {
    const url = await serve(200, LIST);
    expect(await levelOf('right', url, 'm-1')).toBe('model ok');
    expect(await levelOf('right', url, 'm-2')).toBe('model warn');
  });

  it('names the key, the address, or neither', async () => {
    const url = await serve(404, { error: { message: 'no list here' } });
    expect(await levelOf('wrong', url, 'm-1')).toBe('key fail');
    expect(await levelOf('right', url, 'm-1')).toBe('server warn');
    expect(await levelOf('right', 'http://127.0.0.1:9/v1', 'm-1')).toBe('server fail');
  });
});

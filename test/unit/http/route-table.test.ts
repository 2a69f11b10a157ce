import { describe, expect, it } from 'vitest';
import type { HttpRoute } from '../../../src/contracts/http.ts';
import { createRouteTable } from '../../../src/http/route-table.ts';

const route = (method: HttpRoute['method'], path: string): HttpRoute => ({
  method,
  path,
  handle: () => ({ status: 200 }),
});

const table = createRouteTable([
  route('GET', '/console/*'),
  route('POST', '/console/login'),
  route('GET', '/console/:page'),
  route('GET', '/console/help'),
  route('POST', '/webhooks/udesk/:secret'),
  route('GET', '/media/:id'),
  route('DELETE', '/media/:id'),
  route('GET', '/a/:b/c/:d'),
]);

const found = (method: string, path: string): [string, Record<string, string>] | string => {
  const match = table.match(method, path);
  if (match.kind === 'found') return [match.route.path, { ...match.params }];
  return match.kind === 'wrong-method' ? match.allow : 'unknown';
};

describe('createRouteTable', () => {
  it.each([
    ['GET', '/console/help', ['/console/help', {}]],
    ['HEAD', '/console/help', ['/console/help', {}]],
    ['GET', '/console/orders', ['/console/:page', { page: 'orders' }]],
    ['GET', '/console/a/b', ['/console/*', {}]],
    ['GET', '/console/', ['/console/*', {}]],
    ['GET', '/console/login', ['/console/:page', { page: 'login' }]],
    ['POST', '/console/login', ['/console/login', {}]],
    ['GET', '/a/1/c/x%20y%2Fz', ['/a/:b/c/:d', { b: '1', d: 'x y/z' }]],
    ['POST', '/console/help', 'GET, HEAD'],
    ['GET', '/webhooks/udesk/x', 'POST'],
    ['PUT', '/media/7', 'DELETE, GET, HEAD'],
    ['GET', '/console', 'unknown'],
    ['POST', '/webhooks/udesk/', 'unknown'],
    ['POST', '/webhooks/udesk/%ff', 'unknown'],
    ['POST', '/webhooks/udesk/a/b', 'unknown'],
    ['POST', '//webhooks/udesk/a', 'unknown'],
    ['GET', '*', 'unknown'],
    ['GET', '/__proto__', 'unknown'],
  ])('%s %s', (method, path, expected) => {
    expect(found(method, path)).toEqual(expected);
  });

  it.each(['console', '/a//b', '/*/a', '/:a/:a', '/:', '/a*'])('refuses the path %s', (path) => {
    expect(() => createRouteTable([route('GET', path)])).toThrow(/malformed/);
  });

  it('refuses two routes that are one', () => {
    expect(() => createRouteTable([route('GET', '/a/:b'), route('GET', '/a/:c')])).toThrow(/two routes/);
  });
});

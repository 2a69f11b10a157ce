import { InvariantError } from '../common/errors.ts';
import type { HttpRoute } from '../contracts/http.ts';

export type RouteMatch =
  | { kind: 'found'; route: HttpRoute; params: Record<string, string> }
  | { kind: 'wrong-method'; allow: string }
  | { kind: 'unknown' };

export interface RouteTable {
  /** `path` as it stands in the request line, undecoded. `HEAD` finds the `GET` route. */
  match(method: string, path: string): RouteMatch;
}

interface Pattern {
  route: HttpRoute;
  segments: string[];
  below: boolean;
}

const UNKNOWN: RouteMatch = { kind: 'unknown' };
const NO_PARAMS: Record<string, string> = Object.freeze({});

/**
 * Literal segments win over `:params`, these over a trailing `/*` (`/console/*` matches `/console/` and everything below, not `/console`).
 * A param never matches an empty segment or one whose percent-encoding is broken. Throws when two routes are one, or a path is malformed.
 */
export function createRouteTable(routes: readonly HttpRoute[]): RouteTable {
  const literal = new Map<string, Map<string, { kind: 'found'; route: HttpRoute; params: Record<string, string> }>>();
  const patterns: Pattern[] = [];
  const shapes = new Set<string>();
  for (const route of routes) {
    const pattern = compile(route);
    const shape = `${route.method} ${route.path.replace(/:[^/]+/g, ':')}`;
    if (shapes.has(shape)) throw new InvariantError(`two routes for ${shape}`);
    shapes.add(shape);
    if (pattern.below || route.path.includes('/:')) {
      patterns.push(pattern);
    } else {
      const methods = literal.get(route.path) ?? new Map();
      methods.set(route.method, { kind: 'found', route, params: NO_PARAMS });
      literal.set(route.path, methods);
    }
  }
  patterns.sort(bySpecificity);

  return {
    match(method, path) {
      const wanted = method === 'HEAD' ? 'GET' : method;
      const methods = literal.get(path);
      const direct = methods?.get(wanted);
      if (direct !== undefined) return direct;
      const allow = new Set<string>(methods?.keys());
      const segments = path.split('/');
      for (const pattern of patterns) {
        const params = paramsOf(pattern, segments);
        if (params === undefined) continue;
        if (pattern.route.method === wanted) return { kind: 'found', route: pattern.route, params };
        allow.add(pattern.route.method);
      }
      if (allow.size === 0) return UNKNOWN;
      if (allow.has('GET')) allow.add('HEAD');
      return { kind: 'wrong-method', allow: [...allow].sort().join(', ') };
    },
  };
}

function compile(route: HttpRoute): Pattern {
  const { path } = route;
  const below = path.endsWith('/*');
  const segments = (below ? path.slice(0, -2) : path).split('/');
  const names = segments.filter((segment) => segment.startsWith(':'));
  const sound =
    path.startsWith('/') &&
    !path.includes('//') &&
    !segments.some((segment) => segment.includes('*')) &&
    names.every((name) => /^:\w+$/.test(name)) &&
    new Set(names).size === names.length;
  if (!sound) throw new InvariantError(`route path ${path} is malformed`);
  return { route, segments, below };
}

function paramsOf(pattern: Pattern, segments: string[]): Record<string, string> | undefined {
  const wanted = pattern.segments;
  if (pattern.below ? segments.length <= wanted.length : segments.length !== wanted.length) return undefined;
  let params: Record<string, string> | undefined;
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i] ?? '';
    const have = segments[i] ?? '';
    if (want.charCodeAt(0) !== 58) {
      if (want !== have) return undefined;
      continue;
    }
    const value = decode(have);
    if (value === undefined || value === '') return undefined;
    params ??= {};
    params[want.slice(1)] = value;
  }
  return params ?? NO_PARAMS;
}

function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Literal before param, param before the end of a wildcard, segment by segment. */
function bySpecificity(a: Pattern, b: Pattern): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a.segments[i]) - rank(b.segments[i]);
    if (difference !== 0) return difference;
  }
  return Number(a.below) - Number(b.below);
}

const rank = (segment: string | undefined): number => (segment === undefined ? 2 : segment.startsWith(':') ? 1 : 0);

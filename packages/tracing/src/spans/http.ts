import { METHODS } from 'node:http';

const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** A method as attributes have it: one that is not known could be anything (`http.request.method`, HTTP spans 1.44.0, stable). */
export function methodFacts(method: string): [string, string] | [string, string, string, string] {
  return KNOWN.has(method)
    ? ['http.request.method', method]
    : ['http.request.method', '_OTHER', 'http.request.method_original', method.slice(0, MAX_ORIGINAL)];
}

/** A method as names of spans have it. */
export function methodName(method: string): string {
  return KNOWN.has(method) ? method : 'HTTP';
}

const MAX_ORIGINAL = 64;

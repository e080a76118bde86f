/** The methods that the conventions know (RFC 9110, RFC 5789, and QUERY). */
const KNOWN: ReadonlySet<string> = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE'.split(' '));

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

/** A text of a stranger: what waits for its export is to be many spans, not one long one. */
export function shortText(text: string): string {
  return text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT);
}

/** A host without the brackets that an IPv6 address has in a URL (`server.address`). */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

const MAX_ORIGINAL = 64;
const MAX_TEXT = 2048;

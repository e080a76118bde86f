/*
 * What clients send that no client should, a line each, and what comes of it. `/@` stands for a target that is
 * the case's own. `open`: the connection goes on, and the request that is sent on it next gets its own answer.
 * "(Node)" in a name: the proxy leaves it to Node's parser, whose choice this records.
 */
export type Payload = readonly [
  name: string,
  bytes: string,
  /** Of the responses, in order; 1xx left out. */
  statuses: readonly number[],
  end: 'open' | 'close',
  /** What the backend saw of it: `GET /target body`. */
  seen: readonly string[],
];

/** A request that is hidden in another; nobody may ever take it for one. */
export const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
/** A second request of the same client. */
export const NEXT = 'GET /@/2 HTTP/1.1\r\nHost: h\r\n\r\n';

/** GET with these header lines. */
export const get = (headerLines = '', version = '1.1') => `GET /@ HTTP/${version}\r\nHost: h\r\n${headerLines}\r\n`;
/** POST with these header lines and these bytes behind its head. */
export const post = (headerLines: string, body = '') => `POST /@ HTTP/1.1\r\nHost: h\r\n${headerLines}\r\n\r\n${body}`;
/** POST whose body is chunked. */
export const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
/** A chunked body that is in order. */
export const CHUNKS = '3\r\nabc\r\n0\r\n\r\n';
/** GET with these Host fields. */
export const host = (...values: string[]) =>
  `GET /@ HTTP/1.1\r\n${values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`;

/** Refused, and nothing behind it is believed. */
export const refused = (name: string, bytes: string, status = 400): Payload => [name, bytes, [status], 'close', []];
/** Refused for what it says; where it ends is certain. */
export const declined = (name: string, bytes: string, status = 400): Payload => [name, bytes, [status], 'open', []];
/** Goes through, and is seen as this. */
export const taken = (name: string, bytes: string, seen = 'GET /@'): Payload => [name, bytes, [200], 'open', [seen]];
/** As {@link taken}, in a way that ends the connection. */
export const takenLast = (name: string, bytes: string, seen = 'GET /@'): Payload => [
  name,
  bytes,
  [200],
  'close',
  [seen],
];

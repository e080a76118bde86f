import { CHUNKS, chunked, get, type Payload, post, refused } from './payload.js';

/** Each of these bytes ends a line, or a text, for somebody. */
const CONTROLS: readonly [string, string][] = [
  ['NUL', '\0'],
  ['SOH', '\x01'],
  ['VT', '\x0b'],
  ['FF', '\x0c'],
  ['ESC', '\x1b'],
  ['DEL', '\x7f'],
  ['CR', '\r'],
  ['LF', '\n'],
];
const PLACES: readonly [string, (byte: string) => string][] = [
  ['the method', (byte) => `G${byte}T /@ HTTP/1.1\r\nHost: h\r\n\r\n`],
  ['the target', (byte) => `GET /@${byte}b HTTP/1.1\r\nHost: h\r\n\r\n`],
  ['the query', (byte) => `GET /@?a${byte}b HTTP/1.1\r\nHost: h\r\n\r\n`],
  ['the version', (byte) => `GET /@ HTTP/1${byte}.1\r\nHost: h\r\n\r\n`],
  ['a name', (byte) => get(`X${byte}Y: a\r\n`)],
  ['a value', (byte) => get(`X: a${byte}b\r\n`)],
  ['Host', (byte) => `GET /@ HTTP/1.1\r\nHost: h${byte}i\r\n\r\n`],
  ['the length', (byte) => post(`Content-Length: 1${byte}1`, 'a')],
  ['the coding', (byte) => post(`Transfer-Encoding: chun${byte}ked`, CHUNKS)],
  ['a chunk size', (byte) => chunked(`1${byte}1\r\nabc\r\n0\r\n\r\n`)],
  ['an extension', (byte) => chunked(`3;a${byte}b\r\nabc\r\n0\r\n\r\n`)],
  ['a trailer name', (byte) => chunked(`0\r\nX${byte}Y: a\r\n\r\n`)],
  ['a trailer value', (byte) => chunked(`0\r\nX: a${byte}b\r\n\r\n`)],
];
/** Control characters, in every place of a request. */
export const controls: readonly Payload[] = PLACES.flatMap(([place, bytes]) =>
  CONTROLS.map(([name, byte]) => refused(`${name} in ${place}`, bytes(byte))),
);

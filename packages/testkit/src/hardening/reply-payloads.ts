import type { Socket } from 'node:net';

/*
 * What backends answer that no backend should, a line each, and what the client gets. "(Node)" and "(undici)" in a
 * name: it is left to their parsers, whose choice this records.
 */
export type ReplyPayload = readonly [
  name: string,
  /** Bytes, one character each; or what is done with the connection. */
  answer: string | ((socket: Socket) => void),
  status: number,
  /** Body of the response; of a refusal the code of the problem. */
  body: string,
];

const ok = (headerLines = '', body = 'ok') =>
  `HTTP/1.1 200 OK\r\n${headerLines}Content-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (body: string, headerLines = '') =>
  `HTTP/1.1 200 OK\r\n${headerLines}Transfer-Encoding: chunked\r\n\r\n${body}`;
const ended = (bytes: string) => (socket: Socket) => {
  socket.end(Buffer.from(bytes, 'latin1'));
};
/** Writes it again and again, for as long as somebody takes it. */
const endless = (start: string, bytes: string) => (socket: Socket) => {
  const more = () => {
    if (socket.writable) socket.write(bytes, more);
  };
  socket.write(start);
  more();
};
const unusable = (name: string, answer: ReplyPayload[1]): ReplyPayload => [name, answer, 502, 'backend_unreachable'];
const usable = (name: string, answer: ReplyPayload[1], status = 200, body = 'ok'): ReplyPayload => [
  name,
  answer,
  status,
  body,
];

const statusLines: ReplyPayload[] = [
  unusable('no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'),
  unusable('NULs', '\0\0\0\0\0\0'),
  unusable('HTTP/0.9', ended('just a text')),
  unusable('no version', ended('200 OK\r\n\r\nok')),
  unusable('a status of two digits', ended('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n')),
  unusable('a status of four digits', ended('HTTP/1.1 1000 OK\r\nContent-Length: 0\r\n\r\n')),
  unusable('000', ended('HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n')),
  unusable('099', ended('HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n')),
  unusable('101 unasked', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nxx'),
  unusable('LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  unusable('CR in the reason', 'HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok'),
  unusable('nothing', (socket) => socket.end()),
  unusable('a reset', (socket) => socket.resetAndDestroy()),
  usable('999', 'HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok', 999),
  usable('NUL in the reason: it is left out', 'HTTP/1.1 200 O\0K\r\nContent-Length: 2\r\n\r\nok'),
  usable('HTTP/1.0', ended('HTTP/1.0 200 OK\r\n\r\nok')),
  usable('HTTP/2.0 is read as HTTP/1.1 (undici)', ended('HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  usable('5,000 empty lines before it', '\r\n'.repeat(5_000) + ok()),
];

const heads: ReplyPayload[] = [
  ...['\0', '\x01', '\x0b', '\x7f', '\r', '\n', '\r\n '].flatMap((byte) => [
    unusable(`${JSON.stringify(byte)} in a value`, ended(ok(`X: a${byte}Set-Cookie: evil=1\r\n`))),
    unusable(`${JSON.stringify(byte)} in a name`, ended(ok(`X${byte}Y: a\r\n`))),
  ]),
  unusable('a space before the colon', ended(ok('X : a\r\n'))),
  unusable('no name', ended(ok(': a\r\n'))),
  unusable('an endless head', endless('HTTP/1.1 200 OK\r\n', `X: ${'y'.repeat(1000)}\r\n`)),
  unusable('an endless line', endless('HTTP/1.1 200 OK\r\nX: ', 'y'.repeat(1000))),
  ['an endless reason (undici)', endless('HTTP/1.1 200 ', 'y'.repeat(1000)), 504, 'backend_timeout'],
  ['half a head, and then nothing', 'HTTP/1.1 200 OK\r\nContent-', 504, 'backend_timeout'],
  usable('500 times 103', 'HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n'.repeat(500) + ok()),
  usable('500 times 100', 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n'.repeat(500) + ok()),
  ['103 without end', endless('', 'HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n'.repeat(10)), 504, 'backend_timeout'],
  ['100 without end', endless('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10)), 504, 'backend_timeout'],
  usable('Connection that names the length away', ok('Connection: Content-Length, X\r\nX: y\r\n')),
  usable('an upgrade that is offered', ok('Connection: Upgrade\r\nUpgrade: h2c\r\n')),
  usable('keep-alive for ever', ok('Keep-Alive: timeout=99999999999999999999\r\n')),
];

const bodies: ReplyPayload[] = [
  unusable('both lengths', ended(chunked('2\r\nok\r\n0\r\n\r\n', 'Content-Length: 2\r\n'))),
  unusable('two lengths that differ', ended(ok('Content-Length: 3\r\n'))),
  unusable('two lengths that agree', ended(ok('Content-Length: 2\r\n'))),
  unusable('a list of lengths', ended('HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok')),
  unusable('a length below 0', ended('HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok')),
  unusable('less than the length', ended('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok')),
  unusable('gzip, chunked', ended('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n')),
  unusable('gzip until the end', ended('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok')),
  unusable('a chunk size that is none', ended(chunked('zz\r\nok\r\n0\r\n\r\n'))),
  unusable('a chunk size of 17 digits', ended(chunked('FFFFFFFFFFFFFFFFF\r\nok\r\n0\r\n\r\n'))),
  unusable('LF behind a chunk', ended(chunked('2\r\nok\n0\r\n\r\n'))),
  unusable('no last chunk', ended(chunked('2\r\nok\r\n'))),
  unusable('NUL in a trailer', ended(chunked('2\r\nok\r\n0\r\nX: a\0\r\n\r\n'))),
  usable('a body until the end', ended('HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok')),
  usable('trailers that may not be', chunked('2\r\nok\r\n0\r\nSet-Cookie: evil=1\r\nHost: evil\r\n\r\n')),
];

const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
const behind: ReplyPayload[] = [
  usable('another answer', ok() + evil),
  usable('another answer, a moment later', (socket) =>
    socket.write(ok(), () => setImmediate(() => socket.write(evil))),
  ),
  usable('bytes', `${ok()}evil`),
  usable('more than the length', ok().replace('Content-Length: 2', 'Content-Length: 1'), 200, 'o'),
  usable('a continuation', `${ok()}HTTP/1.1 100 Continue\r\n\r\n`),
  usable('half an answer', `${ok()}HTTP/1.1 200 OK\r\nContent-Le`),
  usable('the body of 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil', 304, ''),
  usable('the body of 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil', 204, ''),
  usable('an answer behind 204', `HTTP/1.1 204 No Content\r\n\r\n${evil}`, 204, ''),
  usable('an answer behind chunks', chunked('2\r\nok\r\n0\r\n\r\n') + evil),
];

export const REPLY_PAYLOADS: Readonly<Record<string, readonly ReplyPayload[]>> = {
  'a status line': statusLines,
  'a head': heads,
  'a body': bodies,
  'more than the answer': behind,
};

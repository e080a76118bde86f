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

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
const NEXT = 'GET /@/2 HTTP/1.1\r\nHost: h\r\n\r\n';

const get = (headerLines = '', version = '1.1') => `GET /@ HTTP/${version}\r\nHost: h\r\n${headerLines}\r\n`;
const post = (headerLines: string, body = '') => `POST /@ HTTP/1.1\r\nHost: h\r\n${headerLines}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
const CHUNKS = '3\r\nabc\r\n0\r\n\r\n';

/** Refused, and nothing behind it is believed. */
const refused = (name: string, bytes: string, status = 400): Payload => [name, bytes, [status], 'close', []];
/** Refused for what it says; where it ends is certain. */
const declined = (name: string, bytes: string, status = 400): Payload => [name, bytes, [status], 'open', []];
const taken = (name: string, bytes: string, seen = 'GET /@'): Payload => [name, bytes, [200], 'open', [seen]];
/** As {@link taken}, in a way that ends the connection. */
const takenLast = (name: string, bytes: string, seen = 'GET /@'): Payload => [name, bytes, [200], 'close', [seen]];

const lengths: Payload[] = [
  refused('CL.TE', post('Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG')),
  refused(
    'CL.TE with a request behind',
    post('Content-Length: 40\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
  ),
  refused('TE.CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4', `26\r\n${SMUGGLED}\r\n0\r\n\r\n`)),
  refused('TE.TE: xchunked beside a length', post('Transfer-Encoding: xchunked\r\nContent-Length: 3', 'abc')),
  refused('identity beside a length', post('Content-Length: 3\r\nTransfer-Encoding: identity', 'abc')),
  refused('two lengths that differ', post('Content-Length: 3\r\nContent-Length: 4', 'abcd')),
  refused('two lengths that agree', post('Content-Length: 3\r\nContent-Length: 3', 'abc')),
  refused('two lengths, one empty', post('Content-Length:\r\nContent-Length: 3', 'abc')),
  refused('a list of lengths', post('Content-Length: 3, 3', 'abc')),
  refused('an empty length', post('Content-Length:', SMUGGLED)),
  refused('a length with a sign: +', post('Content-Length: +3', 'abc')),
  refused('a length with a sign: -', post('Content-Length: -3', 'abc')),
  refused('a length with a space within', post('Content-Length: 3 3', 'abc')),
  refused('a length with a tab behind', post('Content-Length: 3\t', 'abc')),
  refused('a length with a vertical tab', post('Content-Length: \x0b3', 'abc')),
  refused('a length in hexadecimal', post('Content-Length: 0x3', 'abc')),
  refused('a length with a point', post('Content-Length: 3.0', 'abc')),
  refused('a length in words', post('Content-Length: three', 'abc')),
  refused('a length in latin1', post('Content-Length: \xb3', 'abc')),
  refused('a length above 64 bits', post('Content-Length: 18446744073709551619', 'abc')),
  refused('a length with a space before the colon', post('Content-Length : 3', 'abc')),
  refused('a folded length', post('Content-Length:\r\n 3', 'abc')),
  taken('a length with zeros before', post('Content-Length: 0003', 'abc'), 'POST /@ abc'),
  taken('a length with spaces around', post('Content-Length:   3  ', 'abc'), 'POST /@ abc'),
  taken('a length by another name is none', get('Content_Length: 30\r\n')),
  taken(
    'GET with a body that looks like a request',
    get(`Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED,
    `GET /@ ${SMUGGLED}`,
  ),
  [
    'a length of 0, and bytes behind: a second request',
    post('Content-Length: 0', NEXT),
    [200, 200],
    'open',
    ['POST /@', 'GET /@/2'],
  ],
  ['no length, and bytes behind: a second request', post('X: y', NEXT), [200, 200], 'open', ['POST /@', 'GET /@/2']],
  [
    'a length that is too short: the rest is garbage',
    post('Content-Length: 2', 'ab(c)\r\n\r\n'),
    [200, 400],
    'close',
    ['POST /@ ab'],
  ],
];

const codings: Payload[] = [
  taken('TRANSFER-encoding: CHUNKED', post('TRANSFER-encoding: CHUNKED', CHUNKS), 'POST /@ abc'),
  taken('chunked with GET', get('Transfer-Encoding: chunked\r\n') + CHUNKS, 'GET /@ abc'),
  refused('chunked with a tab behind (Node)', post('Transfer-Encoding: chunked\t', CHUNKS)),
  refused('chunked behind a vertical tab', post('Transfer-Encoding: \x0bchunked', CHUNKS)),
  refused('xchunked', post('Transfer-Encoding: xchunked', CHUNKS), 501),
  refused('chunkedx', post('Transfer-Encoding: chunkedx', CHUNKS), 501),
  refused('"chunked"', post('Transfer-Encoding: "chunked"', CHUNKS), 501),
  refused('chunked with a parameter', post('Transfer-Encoding: chunked;q=1', CHUNKS), 501),
  refused('identity', post('Transfer-Encoding: identity', SMUGGLED), 501),
  refused('gzip, chunked', post('Transfer-Encoding: gzip, chunked', CHUNKS), 501),
  refused('chunked, identity', post('Transfer-Encoding: chunked, identity', CHUNKS)),
  refused('identity, chunked', post('Transfer-Encoding: identity, chunked', `0\r\n\r\n${SMUGGLED}`), 501),
  refused('chunked, chunked', post('Transfer-Encoding: chunked, chunked', CHUNKS)),
  refused('chunked and a comma', post('Transfer-Encoding: chunked,', CHUNKS)),
  refused('a comma and chunked', post('Transfer-Encoding: ,chunked', CHUNKS), 501),
  refused('two lines of chunked', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKS)),
  refused(
    'a line of chunked, one of identity',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', CHUNKS),
  ),
  refused(
    'a line of identity, one of chunked',
    post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', CHUNKS),
    501,
  ),
  refused(
    'a line of chunked, one of nothing',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding:', `0\r\n\r\n${SMUGGLED}`),
  ),
  refused(
    'a line of nothing, one of chunked',
    post('Transfer-Encoding:\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
  ),
  refused('nothing', post('Transfer-Encoding:', SMUGGLED)),
  refused('a space before the colon', post('Transfer-Encoding : chunked', CHUNKS)),
  refused('folded', post('Transfer-Encoding:\r\n chunked', CHUNKS)),
  refused('in HTTP/1.0', `POST /@ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`),
  refused(
    'in HTTP/1.0 that is kept alive',
    `POST /@ HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  ['by another name is none', post('Transfer_Encoding: chunked', NEXT), [200, 200], 'open', ['POST /@', 'GET /@/2']],
];

const chunks: Payload[] = [
  taken('an extension', chunked('3;a=b\r\nabc\r\n0;last\r\n\r\n'), 'POST /@ abc'),
  taken('an extension in quotes', chunked('3;a="b\\"c"\r\nabc\r\n0\r\n\r\n'), 'POST /@ abc'),
  taken('zeros before the size', chunked('0000003\r\nabc\r\n0\r\n\r\n'), 'POST /@ abc'),
  taken('trailers', chunked('3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n'), 'POST /@ abc'),
  taken('a body that looks like an end', chunked('9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n'), 'POST /@ \r\n0\r\n\r\n\r\n'),
  refused('an extension behind a space (Node)', chunked('3 ;a\r\nabc\r\n0\r\n\r\n')),
  refused('an extension that holds a line end in quotes', chunked('3;a="\r\n"\r\nabc\r\n0\r\n\r\n')),
  refused('an extension of 70,000 bytes', chunked(`3;${'a'.repeat(70_000)}\r\nabc\r\n0\r\n\r\n`)),
  ...['', ' 3', '3 ', '0x3', '-3', '+3', '3_0', 'g', '\xb3'].map((size) =>
    refused(`a size of ${JSON.stringify(size)}`, chunked(`${size}\r\nabc\r\n0\r\n\r\n`)),
  ),
  refused('a size of 2^64 + 3', chunked('10000000000000003\r\nabc\r\n0\r\n\r\n')),
  refused('a size of 17 digits', chunked('FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n')),
  refused('LF alone', chunked('3\nabc\n0\n\n')),
  refused('LF behind the size', chunked('3\nabc\r\n0\r\n\r\n')),
  refused('CR behind the size', chunked('3\rabc\r\n0\r\n\r\n')),
  refused('LF behind the data', chunked('3\r\nabc\n0\r\n\r\n')),
  refused('LF in an extension', chunked('3;a\nb\r\nabc\r\n0\r\n\r\n')),
  refused('LF behind an extension', chunked('3;a\nabc\r\n0\r\n\r\n')),
  refused('LF behind the last size', chunked('3\r\nabc\r\n0\n\n')),
  refused('LF for the last line end', chunked('3\r\nabc\r\n0\r\n\n')),
  refused('more data than the size', chunked('3\r\nabcd\r\n0\r\n\r\n')),
  refused('other bytes for a line end', chunked('3\r\nabcXX0\r\n\r\n')),
  refused('no line end behind the data', chunked(`3\r\nabc0\r\n\r\n${SMUGGLED}`)),
  refused('a length for a trailer', chunked(`0\r\nContent-Length: 5\r\n\r\n${SMUGGLED}`)),
  refused('a coding for a trailer', chunked(`0\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`)),
  refused('a trailer that is folded', chunked('0\r\nX: 1\r\n 2\r\n\r\n')),
  refused('a trailer without a name', chunked('0\r\n: 1\r\n\r\n')),
  refused('a trailer without a colon', chunked(`0\r\n${SMUGGLED}`)),
];

const headers: Payload[] = [
  refused('a folded line', get('X: a\r\n b\r\n')),
  refused('a line folded by a tab', get('X: a\r\n\tb\r\n')),
  refused('an empty line folded', get('X:\r\n b\r\n')),
  refused('a folded line of blanks', get('X: a\r\n \r\n')),
  refused('a space before the first line', 'GET /@ HTTP/1.1\r\n Host: h\r\n\r\n'),
  refused('a space before the colon', get('X : a\r\n')),
  refused('a tab before the colon', get('X\t: a\r\n')),
  refused('no colon', get('X\r\n')),
  refused('no name', get(': a\r\n')),
  refused('a name in latin1', get('X\xe9: a\r\n')),
  ...['(', ')', '/', '<', '@', '[', '\\', '{', '"', ',', ';', '='].map((byte) =>
    refused(`a name with ${byte}`, get(`X${byte}: a\r\n`)),
  ),
  refused('LF alone', 'GET /@ HTTP/1.1\nHost: h\n\n'),
  refused('LF behind one line', 'GET /@ HTTP/1.1\r\nHost: h\nX: a\r\n\r\n'),
  refused('LF for the last line end', 'GET /@ HTTP/1.1\r\nHost: h\r\n\n'),
  refused('CR alone within a line', get('X: a\rY: b\r\n')),
  refused('two CRs', 'GET /@ HTTP/1.1\r\nHost: h\r\r\n\r\n'),
  refused('more than max_header_size in one line', get(`X: ${'x'.repeat(20_000)}\r\n`), 431),
  refused(
    'more than max_header_size in 10,000 lines (Node counts names and values)',
    get('X: y\r\n'.repeat(10_000)),
    431,
  ),
  refused('a target beyond max_header_size', `GET /@${'x'.repeat(20_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431),
  refused('a trailer beyond max_header_size', chunked(`0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), 431),
  taken('1,000 lines beside Host', get('X:y\r\n'.repeat(1_000))),
  refused('1,001 lines beside Host', get('X:y\r\n'.repeat(1_001)), 431),
  refused('2,000 lines in few bytes', get('X:y\r\n'.repeat(2_000)), 431),
  taken('names that reach for a prototype', get('__proto__: x\r\nconstructor: y\r\nhasOwnProperty: z\r\n')),
  taken('an empty value, and one in latin1', get('X:\r\nY: \xe9\xff\r\n')),
  taken('Connection that names Host and the length away', get('Connection: Host, Content-Length, X\r\nX: y\r\n')),
];

const lines: Payload[] = [
  refused('tabs for spaces', 'GET\t/@\tHTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('a space before it', ' GET /@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('a space behind it', 'GET /@ HTTP/1.1 \r\nHost: h\r\n\r\n'),
  refused('a space in the target', 'GET /@ b HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('no target', 'GET  HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('no method', '/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('no version', 'GET /@\r\nHost: h\r\n\r\n'),
  refused('no version, and nothing else', 'GET /@\r\n\r\n'),
  ...['0.9', '2.0'].map((version) => refused(`HTTP/${version}`, get('', version))),
  ...['1.2', '1.10', '01.1', '3', '1', '1.1.1', '1,1', '-1.1', ''].map((version) =>
    refused(`HTTP/${version}`, get('', version)),
  ),
  refused('http/1.1', 'GET /@ http/1.1\r\nHost: h\r\n\r\n'),
  refused('HTTPS/1.1', 'GET /@ HTTPS/1.1\r\nHost: h\r\n\r\n'),
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00'),
  refused('words', 'hello, is anybody there?\r\n\r\n'),
  refused('a method of 65 characters', `${'M'.repeat(65)} /@ HTTP/1.1\r\nHost: h\r\n\r\n`),
  refused('a method that is no token', 'G(T /@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  taken('two spaces (Node)', 'GET  /@  HTTP/1.1\r\nHost: h\r\n\r\n'),
  taken('empty lines before it', `\r\n\r\n${get()}`),
  taken('LF before it (Node)', `\n${get()}`),
  takenLast('RTSP/1.0 is read as HTTP/1.0 (Node)', 'GET /@ RTSP/1.0\r\nHost: h\r\n\r\n'),
  takenLast('HTTP/1.0', 'GET /@ HTTP/1.0\r\n\r\n'),
  takenLast('HTTP/1.0 with bytes behind: they are not read', `GET /@ HTTP/1.0\r\n\r\n${SMUGGLED}`),
  [
    'HTTP/1.0 that is kept alive',
    'GET /@ HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /@/2 HTTP/1.0\r\n\r\n',
    [200, 200],
    'close',
    ['GET /@', 'GET /@/2'],
  ],
];

const targets: Payload[] = [
  taken(
    'absolute form with another host: it goes to the backend all the same',
    'GET http://other:81/@ HTTP/1.1\r\nHost: h\r\n\r\n',
  ),
  taken('absolute form of https', 'GET https://other/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  taken('a target that begins like a host', 'GET //evil/@ HTTP/1.1\r\nHost: h\r\n\r\n', 'GET //evil/@'),
  taken('a fragment is passed on as it came', 'GET /@#f HTTP/1.1\r\nHost: h\r\n\r\n', 'GET /@#f'),
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: h\r\nX: /@\r\n\r\n', [200], 'open', ['OPTIONS *']],
  declined('GET *', 'GET * HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('* and more', 'OPTIONS *x HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('absolute form of another scheme', 'GET ftp://other/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('a file', 'GET file:///etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('absolute form with a user', 'GET http://u:p@other/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('absolute form without a host', 'GET http:///@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('absolute form with a port that is none', 'GET http://other:99999999/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  declined('absolute form without Host', 'GET http://other/@ HTTP/1.1\r\n\r\n'),
  refused('absolute form with a host that is none', 'GET http://o<>/@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('authority form', 'GET other:80 HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('no slash', 'GET @ HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('a query alone', 'GET ?a HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('a backslash', 'GET \\@ HTTP/1.1\r\nHost: h\r\n\r\n'),
  refused('latin1', 'GET /@\xe9 HTTP/1.1\r\nHost: h\r\n\r\n'),
];

const host = (...values: string[]) => `GET /@ HTTP/1.1\r\n${values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`;
const hosts: Payload[] = [
  declined('none', host()),
  declined('two that differ', host('h', 'i')),
  declined('two that agree', host('h', 'h')),
  declined('one and an empty one', host('h', '')),
  ...[
    'u@h',
    'u:p@h',
    'h:x',
    'h:123456',
    'a b',
    'a, b',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    '[::1',
    '<h>',
    '\xe9',
    'http://h',
  ].map((value) => declined(value, host(value))),
  ...['', 'h:', 'h:80', '[::1]:80', 'a_b', '127.0.0.1'].map((value) => taken(value || 'an empty one', host(value))),
  takenLast('none in HTTP/1.0', 'GET /@ HTTP/1.0\r\n\r\n'),
];

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
const controls: Payload[] = PLACES.flatMap(([place, bytes]) =>
  CONTROLS.map(([name, byte]) => refused(`${name} in ${place}`, bytes(byte))),
);

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n';
const features: Payload[] = [
  refused('CONNECT', 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n', 501),
  refused('CONNECT with a path, and a request behind', `CONNECT /@ HTTP/1.1\r\nHost: h\r\n\r\n${SMUGGLED}`, 501),
  [
    'CONNECT behind a request',
    `${get()}CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n${SMUGGLED}`,
    [200, 501],
    'close',
    ['GET /@'],
  ],
  declined('a protocol upgrade', get('Connection: Upgrade\r\nUpgrade: websocket\r\n'), 501),
  declined('an upgrade that Connection does not name', get('Upgrade: websocket\r\n'), 501),
  taken('an offer of h2c is ignored', get(OFFER)),
  takenLast('an offer of h2c with a request behind: that one is not taken', get(OFFER) + SMUGGLED),
  takenLast(
    'an offer of h2c with a body and a request behind',
    post(`${OFFER}Content-Length: 3`, `abc${SMUGGLED}`),
    'POST /@ abc',
  ),
  taken('TRACE goes to the backend as it is', 'TRACE /@ HTTP/1.1\r\nHost: h\r\n\r\n', 'TRACE /@'),
  declined('an expectation that nobody knows', post('Expect: tea\r\nContent-Length: 3', 'abc'), 417),
  declined('one with a request for a body', post(`Expect: tea\r\nContent-Length: ${SMUGGLED.length}`, SMUGGLED), 417),
  taken('100-continue, and the body at once', post('Expect: 100-continue\r\nContent-Length: 3', 'abc'), 'POST /@ abc'),
  taken(
    '100-continue among others (Node)',
    post('Expect: tea, 100-Continue\r\nContent-Length: 3', 'abc'),
    'POST /@ abc',
  ),
  taken('a method of its own', 'X-PURGE /@ HTTP/1.1\r\nHost: h\r\n\r\n', 'X-PURGE /@'),
  refused(
    'a method of its own with both lengths',
    'FOO /@ HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
  ),
  declined('a topic twice', get('X-Kafka-Topic: a\r\nX-Kafka-Topic: b\r\n')),
];

const numbered = (i: number) => `GET /@/${i} HTTP/1.1\r\nHost: h\r\n\r\n`;
const ten = Array.from({ length: 10 }, (_, i) => i);
const pipelined: Payload[] = [
  ['two', get() + NEXT, [200, 200], 'open', ['GET /@', 'GET /@/2']],
  ['ten', ten.map(numbered).join(''), ten.map(() => 200), 'open', ten.map((i) => `GET /@/${i}`)],
  ['behind an upload', post('Content-Length: 3', `abc${NEXT}`), [200, 200], 'open', ['POST /@ abc', 'GET /@/2']],
  ['behind a chunked upload', chunked(CHUNKS + NEXT), [200, 200], 'open', ['POST /@ abc', 'GET /@/2']],
  ['garbage behind one', `${get()}\x01\x02\x03\r\n\r\n`, [200, 400], 'close', ['GET /@']],
  ['a bad line behind one', `${get()}GET /@/2 HTTP/1.1\r\nHost : h\r\n\r\n`, [200, 400], 'close', ['GET /@']],
  [
    'CL.TE behind one',
    `${get()}${post('Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG')}`,
    [200, 400],
    'close',
    ['GET /@'],
  ],
  ['a method of its own behind one', `${get()}FOO /@/2 HTTP/1.1\r\nHost: h\r\n\r\n`, [200, 501], 'close', ['GET /@']],
  [
    'a doubtful coding between two',
    `${get()}${post('Transfer-Encoding: identity, chunked', '0\r\n\r\n')}${SMUGGLED}`,
    [200, 501],
    'close',
    ['GET /@'],
  ],
  [
    'one that is declined between two',
    `${get()}${host('a b')}${NEXT}`,
    [200, 400, 200],
    'open',
    ['GET /@', 'GET /@/2'],
  ],
  takenLast('behind the last one', `${get('Connection: close\r\n')}${SMUGGLED}`),
];

/**
 * What one version of Node takes (once) and another refuses, before version 9 of its parser (llhttp) or
 * since: of these only the invariants are held.
 */
export const BY_VERSION_OF_NODE: ReadonlySet<string> = new Set([
  'a length with a tab behind',
  'an extension in quotes',
  'LF for the last line end',
  'other bytes for a line end',
  'a length for a trailer',
  'a trailer without a name',
  'CR in a chunk size',
]);

export const PAYLOADS: Readonly<Record<string, readonly Payload[]>> = {
  'the length of a body': lengths,
  'the coding of a body': codings,
  chunks,
  'header lines': headers,
  'the request line': lines,
  'the request-target': targets,
  Host: hosts,
  'control characters': controls,
  features,
  pipelining: pipelined,
};

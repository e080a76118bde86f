import fc from 'fast-check';

/*
 * Requests that were right, and then something happened to them.
 */

/** Texts that mean something to a parser. */
const PIECES = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', '\t', ':', ';', ',', '"', '\x0b', '\x7f', '\xa0', '\xff', '0', 'a'],
  ...[
    'Content-Length: 3\r\n',
    'Content-Length: 0\r\n',
    'content-length:5\r\n',
    'Content-Length: 99999999999999999999\r\n',
  ],
  ...['Transfer-Encoding: chunked\r\n', 'transfer-encoding: Chunked\r\n', 'Transfer-Encoding: identity\r\n'],
  ...[
    'Transfer-Encoding:\r\n',
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
    'Connection: Upgrade\r\nUpgrade: h2c\r\n',
  ],
  ...['Host: i\r\n', 'Expect: 100-continue\r\n', 'Expect: tea\r\n', 'X : y\r\n', ' folded\r\n', 'Trailer: X\r\n'],
  ...[
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    '3;x=y\r\nabc\r\n',
    'FFFFFFFFFFFFFFFF\r\n',
    '-1\r\n',
    'GET /inner HTTP/1.1\r\nHost: h\r\n\r\n',
  ],
  ...[
    'HTTP/1.0',
    'HTTP/1.1',
    'HTTP/2.0',
    'HTTP/0.9',
    'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
    'http://o/',
    '*',
    '//',
    '?',
    '#',
  ],
];

type Change = {
  readonly at: number;
  readonly kind: 'put' | 'cut' | 'replace' | 'double' | 'flip';
  readonly piece: string;
  readonly length: number;
};

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 100_000 }),
  kind: fc.constantFrom('put', 'cut', 'replace', 'double', 'flip'),
  piece: fc.constantFrom(...PIECES),
  length: fc.integer({ min: 1, max: 12 }),
});

const inner = (own: string) => `GET ${own}/inner HTTP/1.1\r\nHost: h\r\n\r\n`;

/** Whole requests for a target. */
const request = fc.constantFrom<(own: string) => string>(
  (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n`,
  (own) => `POST ${own} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello`,
  (own) => `POST ${own} HTTP/1.1\r\nHost: h\r\nContent-Length: ${inner(own).length}\r\nX: y\r\n\r\n${inner(own)}`,
  (own) => `PUT ${own} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n`,
  (own) =>
    `PUT ${own} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${inner(own).length.toString(16)}\r\n${inner(own)}\r\n0\r\nX-T: 1\r\n\r\n`,
  (own) => `GET ${own} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  (own) => `OPTIONS http://h${own} HTTP/1.1\r\nHost: h\r\n\r\n`,
  (own) => `X-PURGE ${own} HTTP/1.1\r\nHost: h\r\n\r\n`,
  (own) =>
    `DELETE ${own} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n`,
);

/** What one client sends: requests, changed in a few places, and where it is cut into packets. */
export interface Sent {
  readonly bytes: string;
  readonly packets: readonly string[];
}

/** Makes what a client sends of the target that is its own. */
export const sent: fc.Arbitrary<(own: string) => Sent> = fc
  .record({
    requests: fc.array(request, { minLength: 1, maxLength: 4 }),
    changes: fc.array(change, { maxLength: 4 }),
    cuts: fc.array(fc.nat({ max: 100_000 }), { maxLength: 3 }),
  })
  .map(({ requests, changes, cuts }) => (own) => {
    const bytes = changes.reduce(applied, requests.map((whole) => whole(own)).join(''));
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    const packets = at.slice(1).map((end, i) => bytes.slice(at[i], end));
    return { bytes, packets: packets.filter((packet) => packet !== '') };
  });

function applied(text: string, { at, kind, piece, length }: Change): string {
  const position = at % (text.length + 1);
  const [before, after] = [text.slice(0, position), text.slice(position)];
  switch (kind) {
    case 'put':
      return before + piece + after;
    case 'cut':
      return before + after.slice(length);
    case 'replace':
      return before + piece + after.slice(piece.length);
    case 'double':
      return before + after.slice(0, length * 8) + after;
    case 'flip':
      return before + String.fromCharCode((after.charCodeAt(0) || 0) ^ (1 << (length % 8))) + after.slice(1);
  }
}

import { CHUNKS, chunked, get, host, NEXT, type Payload, post, SMUGGLED, takenLast } from './payload.js';

const numbered = (i: number) => `GET /@/${i} HTTP/1.1\r\nHost: h\r\n\r\n`;
const ten = Array.from({ length: 10 }, (_, i) => i);
/** Requests behind one another. */
export const pipelined: readonly Payload[] = [
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

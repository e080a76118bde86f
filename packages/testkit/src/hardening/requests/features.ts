import { declined, get, type Payload, post, refused, SMUGGLED, taken, takenLast } from './payload.js';

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n';
/** What HTTP offers beyond a plain request. */
export const features: readonly Payload[] = [
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

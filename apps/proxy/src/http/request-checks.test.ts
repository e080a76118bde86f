import { afterEach, describe, expect, it } from 'vitest';
import { startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const OK = /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/;

describe('what is refused', () => {
  it.each([
    [
      'a body over the limit by its length',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n',
      413,
      'body_too_large',
    ],
    [
      'a chunked body over the limit',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n',
      413,
      'body_too_large',
    ],
    [
      'a head over the limit',
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a protocol upgrade',
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      501,
      'not_supported',
    ],
    [
      'a transfer coding besides chunked',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      501,
      'not_supported',
    ],
    ['CONNECT', 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n', 501, 'not_supported'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'bad_request'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n', 400, 'bad_request'],
    ['an illegal topic', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: a/b\r\n\r\n', 400, 'bad_request'],
    ['two topics', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: a\r\nx-kafka-topic: b\r\n\r\n', 400, 'bad_request'],
    ['a timeout that is no number', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: soon\r\n\r\n', 400, 'bad_request'],
    [
      'an internal topic',
      'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: __consumer_offsets\r\n\r\n',
      403,
      'topic_not_allowed',
    ],
    [
      'a response topic',
      'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: common-responses\r\n\r\n',
      403,
      'topic_not_allowed',
    ],
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      400,
      'bad_request',
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n', 400, 'bad_request'],
    [
      'a chunk size that is none',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'bad_request',
    ],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n', 400, 'bad_request'],
  ])('%s: %#', async (_what, bytes, status, code) => {
    test = await startTestIngress({ max_body_size: 10 });
    const client = await test.dial();
    client.send(bytes);
    const answer = await client.until(/"code":"\w+"/);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
    expect(test.arrived).toEqual([]);
    client.close();
  });

  it('is no offer of HTTP/2: that is ignored, as RFC 9110 allows', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    await client.until(OK);
    expect(test.arrived[0]?.headers).toEqual(['Host', 'h']);
    client.close();
  });
});

import { createViaMarks } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { request, topic } from '../testing/samples.js';
import { backendRequests } from './backend-request.js';

/** Header list of the outgoing request as lines. */
function lines(envelope: Parameters<typeof request>[0], topicChange: Parameters<typeof topic>[0] = {}): string[] {
  const { headers } = backendRequests(topic(topicChange))(request(envelope));
  return headers.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${headers[i + 1]}`] : []));
}

describe('backendRequests', () => {
  it('keeps order, case and repeats of the client’s headers, and puts its own behind them', () => {
    expect(
      lines({
        method: 'PUT',
        client: '10.0.0.7',
        headers: ['aCCept', 'a', 'Host', 'client.example', 'Cookie', '1', 'cookie', '2', 'X-Latin', 'caf\xe9'],
      }),
    ).toEqual([
      'aCCept: a',
      'Cookie: 1',
      'cookie: 2',
      'X-Latin: caf\xe9',
      'X-Forwarded-For: 10.0.0.7',
      'X-Forwarded-Host: client.example',
      'X-Forwarded-Proto: http',
      'X-Request-ID: nonce123-1',
      'X-Original-Method: PUT',
    ]);
  });

  it('strips hop-by-hop headers, what Connection names, Expect, framing and X-Kafka-*', () => {
    const headers = ['Connection', 'close, x-hop', 'X-Hop', '1', 'Keep-Alive', '5', 'TE', 'gzip'];
    headers.push('Expect', '100-continue', 'Transfer-Encoding', 'chunked', 'Content-Length', '3', 'Upgrade', 'h2c');
    headers.push('X-Kafka-Topic', 't', 'x-kafka-key', 'k', 'X-Original-Method', 'FORGED', 'X-Kept', 'yes');
    const sent = lines({ headers });
    expect(sent.filter((line) => !/^X-(Forwarded|Request-ID)/.test(line))).toEqual([
      'X-Kept: yes',
      'X-Original-Method: GET',
    ]);
  });

  it('tells an empty body from none by its Content-Length, since Kafka’s client makes them one', () => {
    const body = (headers: string[]) => backendRequests(topic())(request({ headers, body: null })).body;
    expect(body(['content-Length', '0'])).toEqual(Buffer.alloc(0));
    expect(body([])).toBeNull();
  });

  it('appends the client to the last X-Forwarded-For line, and keeps what came of host and proto', () => {
    const headers = ['Host', 'inner', 'x-forwarded-for', '1.1.1.1', 'X-Forwarded-For', '2.2.2.2'];
    headers.push('X-Forwarded-Host', 'outer', 'X-Forwarded-Proto', 'https');
    const sent = lines({ headers, client: '3.3.3.3' });
    expect(sent.slice(0, 4)).toEqual([
      'x-forwarded-for: 1.1.1.1',
      'X-Forwarded-For: 2.2.2.2, 3.3.3.3',
      'X-Forwarded-Host: outer',
      'X-Forwarded-Proto: https',
    ]);
    expect(lines({ headers: [], client: null }).some((line) => line.startsWith('X-Forwarded-For'))).toBe(false);
  });

  it.each([
    ['a sane one is kept', 'abc-1', ['x-request-id: abc-1']],
    ['a long one is replaced', 'x'.repeat(129), ['X-Request-ID: nonce123-1']],
    ['one with spaces is replaced', 'a b', ['X-Request-ID: nonce123-1']],
    ['an empty one is replaced', '', ['X-Request-ID: nonce123-1']],
  ])('X-Request-ID: %s', (_title, given, expected) => {
    const sent = lines({ headers: ['x-request-id', given] });
    expect(sent.filter((line) => /^x-request-id/i.test(line))).toEqual(expected);
  });

  it('passes the trace context on, as a header where the client had none', () => {
    const trace = { traceparent: '00-a-b-01', tracestate: 'k=v' };
    expect(lines({ trace })).toEqual(expect.arrayContaining(['traceparent: 00-a-b-01', 'tracestate: k=v']));
    const own = lines({ trace, headers: ['Traceparent', '00-c-d-00'] });
    expect(own.filter((line) => /^traceparent/i.test(line))).toEqual(['Traceparent: 00-c-d-00']);
  });

  it('sets the topic’s own headers last, in place of the client’s', () => {
    const headers = { Authorization: 'Bearer ours', 'X-Forwarded-Proto': 'https', Connection: 'close' };
    const sent = lines({ headers: ['authorization', 'theirs', 'X-Forwarded-Proto', 'ftp'] }, { headers });
    expect(sent.slice(-2)).toEqual(['Authorization: Bearer ours', 'X-Forwarded-Proto: https']);
    expect(sent.filter((line) => /^(authorization|x-forwarded-proto|connection)/i.test(line))).toHaveLength(2);
  });

  it.each([
    ['the backend’s own', {}, null],
    ['the client’s where it is preserved', { preserve_host: true }, 'client.example'],
    ['the topic’s where it sets one', { preserve_host: true, headers: { host: 'set.example' } }, 'set.example'],
  ])('Host is %s', (_title, change, host) => {
    const made = backendRequests(topic(change))(request({ headers: ['Host', 'client.example'] }));
    expect(made.host).toBe(host);
    expect(made.headers.some((text) => text.toLowerCase() === 'host')).toBe(false);
  });

  it.each([
    ['http://b', '/a?b=%20c', '/a?b=%20c'],
    ['http://b/', '//evil.example/x', '//evil.example/x'],
    ['http://b/base', '/a', '/base/a'],
    ['http://b/base/', '/?', '/base/?'],
    ['http://b/base', '*', '*'],
  ])('%s and %s make %s', (backend_url, target, expected) => {
    expect(backendRequests(topic({ backend_url }))(request({ target })).target).toBe(expected);
  });

  it.each([
    ['GET', [], true],
    ['POST', [], false],
    ['POST', ['Idempotency-Key', 'k'], true],
  ])('%s with %j may be repeated: %s', (method, headers, repeatable) => {
    expect(backendRequests(topic())(request({ method, headers })).repeatable).toBe(repeatable);
  });
});

describe('Via', () => {
  const marks = createViaMarks('kafka-processor', 'edge');
  const via = (headers: string[], change: Parameters<typeof topic>[0] = {}) => {
    const sent = backendRequests(topic(change), marks)(request({ headers })).headers;
    return sent.filter((_, i) => i % 2 === 1 && sent[i - 1]?.toLowerCase() === 'via');
  };

  it('is added behind those that came, and by it the request is known again', () => {
    const [first, ours = ''] = via(['Via', '1.0 fred']);
    expect([first, ours]).toEqual(['1.0 fred', expect.stringMatching(/^KHP\/2 kafka-processor-edge-[0-9a-f]{8}$/)]);
    expect(marks?.passedBefore(['Via', `1.0 fred, ${ours}, 1.1 x`], topic().request_topic)).toBe(true);
  });

  it('gives way to that of the topic’s own headers', () => {
    expect(via(['Via', '1.0 fred'], { headers: { Via: '1.1 hidden' } })).toEqual(['1.1 hidden']);
  });
});

describe('trailers of a request', () => {
  it('carry no name that the topic or this hop sets, nor what harms behind a body', () => {
    const toBackend = backendRequests({
      request_topic: 'requests',
      backend_url: 'http://b',
      preserve_host: false,
      headers: { 'X-Tenant': 'ours', Authorization: 'secret' },
    });
    const trailers = [
      'x-tenant',
      'theirs',
      'X-Checksum',
      '1',
      'X-Forwarded-For',
      '::1',
      'x-request-id',
      'a',
      'Host',
      'h',
    ];
    expect(toBackend({ ...request(), trailers }).trailers).toEqual(['X-Checksum', '1']);
    expect(toBackend(request()).passable(['authorization', 'x', 'Content-Length', '3'])).toBeNull();
  });
});

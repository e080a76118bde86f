import { describe, expect, it } from 'vitest';
import type { AccessEntry } from './entry.js';
import { ACCESS_FORMATS } from './formats.js';
import { parseLine } from './text.js';

function entry(change: Partial<AccessEntry> = {}): AccessEntry {
  return {
    atMs: Date.UTC(2026, 10, 28, 17, 4, 9, 250),
    client: '10.0.0.7',
    principal: null,
    line: { method: 'GET', target: '/orders/42?token=secret', version: '1.1' },
    status: 200,
    bytes: 12,
    tookMs: 43.84,
    topic: 'orders',
    requestId: 'wBa9fPOA-Qm3xT0aVbR7c',
    correlationId: undefined,
    code: undefined,
    queueMs: 12,
    backendMs: 31,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    referer: 'https://shop.example/cart?session=s1',
    userAgent: 'curl/8.5.0',
    ...change,
  };
}

describe('a line of the Common Log Format', () => {
  it('names the principal where Apache names the user, without blanks and quotes', () => {
    expect(ACCESS_FORMATS.clf(entry({ principal: 'CN=shop "1",O=Acme Inc@mtls' }), true)).toMatch(
      /^10\.0\.0\.7 - CN=shop\\x20\\"1\\",O=Acme\\x20Inc@mtls \[/,
    );
  });

  it('is as Apache writes it', () => {
    expect(ACCESS_FORMATS.clf(entry(), true)).toBe(
      '10.0.0.7 - - [28/Nov/2026:17:04:09 +0000] "GET /orders/42?token=secret HTTP/1.1" 200 12\n',
    );
  });

  it('has Referer and User-Agent where it is combined, each - where there is none', () => {
    expect(ACCESS_FORMATS.combined(entry(), true)).toMatch(
      /" 200 12 "https:\/\/shop\.example\/cart\?session=s1" "curl\/8\.5\.0"\n$/,
    );
    const bare = entry({ referer: undefined, userAgent: undefined, bytes: 0, client: null, line: null });
    expect(ACCESS_FORMATS.combined(bare, true)).toBe('- - - [28/Nov/2026:17:04:09 +0000] "-" 200 - "-" "-"\n');
  });

  it('has no query unless that is wanted, of Referer neither, and never a user', () => {
    const line = ACCESS_FORMATS.combined(entry(), false);
    expect(line).toContain('"GET /orders/42 HTTP/1.1" 200 12 "https://shop.example/cart" "curl/8.5.0"');
    const absolute = { method: 'GET', target: 'http://me:word@h/x?y', version: '1.1' };
    expect(ACCESS_FORMATS.clf(entry({ line: absolute }), true)).toContain('"GET http://h/x?y HTTP/1.1"');
  });

  it.each([
    ['a quote and a backslash', '/"a\\b', '/\\"a\\\\b'],
    ['the end of a line', '/a\r\n10.0.0.1 - - []', '/a\\r\\n10.0.0.1 - - []'],
    ['what a terminal acts on', '/\x1b[2J\x9b\x7f\x00\t', '/\\x1b[2J\\x9b\\x7f\\x00\\t'],
    ['bytes that are no ASCII', '/caf\xe9', '/caf\\xe9'],
  ])('makes %s harmless', (_what, target, written) => {
    const line = { method: 'GET', target, version: '1.1' };
    const text = ACCESS_FORMATS.combined(entry({ line, userAgent: target, referer: target }), true);
    expect(text).toContain(`"GET ${written} HTTP/1.1" 200 12 "${written}" "${written}"`);
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('is no longer than one wants to read', () => {
    const long = 'x'.repeat(65_000);
    const line = { method: 'GET', target: `/${long}`, version: '1.1' };
    expect(ACCESS_FORMATS.combined(entry({ line, userAgent: long, referer: long }), true).length).toBeLessThan(6_500);
    const raw = ACCESS_FORMATS.json(entry({ line: { raw: long } }), true);
    expect(raw.length).toBeLessThan(5_000);
  });
});

describe('a line of JSON', () => {
  it('has the names of OpenTelemetry, and no header', () => {
    const line = ACCESS_FORMATS.json(entry(), true);
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: '2026-11-28T17:04:09.250Z',
      name: 'kafka-proxy',
      msg: 'access',
      'client.address': '10.0.0.7',
      'http.request.method': 'GET',
      'url.path': '/orders/42',
      'url.query': 'token=secret',
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
      'http.response.body.size': 12,
      duration_ms: 43.8,
      queue_ms: 12,
      backend_ms: 31,
      'messaging.destination.name': 'orders',
      request_id: 'wBa9fPOA-Qm3xT0aVbR7c',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });

  it('leaves out what is not known, and the query unless that is wanted', () => {
    const line = ACCESS_FORMATS.json(entry({ queueMs: null, code: 'timeout', topic: undefined, traceId: null }), false);
    const fields = JSON.parse(line);
    expect(fields).toMatchObject({ 'error.type': 'timeout', 'url.path': '/orders/42' });
    for (const name of ['queue_ms', 'messaging.destination.name', 'trace_id', 'url.query']) {
      expect(fields).not.toHaveProperty(name);
    }
    expect(line).not.toContain('secret');
  });

  it('has a request line that is none as a text, whatever bytes that has', () => {
    const line = ACCESS_FORMATS.json(entry({ line: parseLine('\x16\x03\x01 \x1b[2J?secret') }), false);
    expect(JSON.parse(line)).toMatchObject({ request_line: '\\x16\\x03\\x01 \\x1b[2J' });
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
  });
});

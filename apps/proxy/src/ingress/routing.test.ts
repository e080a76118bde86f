import { type BridgeError, proxyConfig } from '@kafka-http-proxy/protocol';
import { topicMatcher } from '@kafka-http-proxy/service';
import { describe, expect, it } from 'vitest';
import { configuredCompressions } from '../configured.js';
import { type Addressed, createRouter } from './routing.js';

function router(settings: Record<string, unknown> = {}) {
  const config = proxyConfig.parse(settings);
  return createRouter({ config, matcher: topicMatcher });
}
const request = (fields: Partial<Addressed> = {}): Addressed => ({
  method: 'GET',
  target: '/',
  headers: [],
  directives: {},
  ...fields,
});

describe('the destination of a request', () => {
  it('is 1.0.1’s where nothing is said', () => {
    expect(router()(request())).toEqual({
      requestTopic: 'common-requests',
      responseTopic: 'common-responses',
      timeoutMs: 30_000,
      named: false,
      key: null,
    });
  });

  it('is what the X-Kafka-* fields say, with the timeout capped', () => {
    const directives = { topic: 'orders-requests', replyTopic: 'orders-responses', timeout: '1000', key: 'k' };
    expect(router({ max_timeout: 60 })(request({ directives }))).toEqual({
      requestTopic: 'orders-requests',
      responseTopic: 'orders-responses',
      timeoutMs: 60_000,
      named: true,
      byHeader: true,
      key: Buffer.from('k'),
    });
    expect(router()(request({ directives: { timeout: '0.25' } })).timeoutMs).toBe(250);
    // What is left of a request before goes over all, and never lengthens.
    const left = (timeLeft: string, timeout?: string) =>
      router()(request({ directives: { timeLeft, ...(timeout === undefined ? {} : { timeout }) } })).timeoutMs;
    expect([left('2.5'), left('2.5', '1'), left('1000')]).toEqual([2500, 1000, 30_000]);
    expect(() => left('soon')).toThrow('X-Kafka-Time-Left must be a number of seconds above 0.');
  });

  it('is the route with the longest prefix, at a segment boundary, for its methods', () => {
    const route = router({
      routes: [
        { path: '/orders', request_topic: 'orders' },
        {
          path: '/orders/eu',
          methods: ['POST'],
          request_topic: 'orders-eu',
          response_topic: 'eu-responses',
          timeout: 5,
        },
      ],
    });
    const topicOf = (method: string, target: string) => route(request({ method, target })).requestTopic;
    expect(topicOf('GET', '/orders')).toBe('orders');
    expect(topicOf('GET', '/orders?x')).toBe('orders');
    expect(() => topicOf('GET', '/orders2')).toThrow(/No route/);
    expect(topicOf('POST', '/orders/eu/1')).toBe('orders-eu');
    expect(topicOf('GET', '/orders/eu/1')).toBe('orders');
    expect(route(request({ method: 'POST', target: '/orders/eu' }))).toMatchObject({
      responseTopic: 'eu-responses',
      timeoutMs: 5000,
    });
  });

  it.each([
    ['header:X-Tenant', 't1'],
    ['query:id', '7'],
    ['path:2', 'b'],
    ['path:9', null],
    ['query:none', null],
    ['query:name', 'к'],
  ])('has its key from %s', (key, expected) => {
    const route = router({ routes: [{ path: '/', request_topic: 't', key }] });
    const { key: found } = route(request({ target: '/a/b?id=7&name=%D0%BA', headers: ['x-tenant', 't1'] }));
    expect(found?.toString() ?? null).toBe(expected);
  });

  it.each([
    ['__consumer_offsets', /internal/],
    ['common-responses', /response topic/],
    ['failed-requests', /dead-letter/],
    ['secret', /allowed_topics/],
  ])('is never %s', (topic, why) => {
    const route = router({
      dead_letter_topic: 'failed-requests',
      allowed_topics: ['open', '__consumer_offsets', 'common-responses', 'failed-requests'],
    });
    expect(() => route(request({ directives: { topic } }))).toThrow(why);
  });

  it('has a reply topic that is no request topic and not the request’s own', () => {
    expect(() => router()(request({ directives: { replyTopic: 'common-requests' } }))).toThrow(/is a request topic/);
    expect(() => router()(request({ directives: { topic: 'a', replyTopic: 'a' } }))).toThrow(/both/);
  });

  it('compresses what is not compressed already, where that is wanted', () => {
    const route = router({
      compression: 'lz4',
      default_request_topic: 'd',
      routes: [{ path: '/raw', request_topic: 't', compression: 'none' }],
    });
    const compressionOf = (fields: Partial<Addressed>) => route(request(fields)).compression;
    expect(compressionOf({ headers: ['Content-Type', 'application/json'] })).toBe('lz4');
    expect(compressionOf({ headers: ['Content-Encoding', 'gzip'] })).toBeUndefined();
    expect(compressionOf({ headers: ['Content-Type', 'image/png'] })).toBeUndefined();
    expect(compressionOf({ target: '/raw' })).toBeUndefined();
    const config = proxyConfig.parse({
      routes: ['zstd', 'none', 'zstd'].map((compression) => ({ path: '/', request_topic: 't', compression })),
    });
    expect(configuredCompressions(config)).toEqual(['zstd']);
  });

  it('is no other topic than the configured ones where none may be named', () => {
    const route = router({ max_dynamic_topics: 0 });
    expect(() => route(request({ directives: { topic: 'c' } }))).toThrow(/max_dynamic_topics/);
    expect(route(request({ directives: { topic: 'common-requests' } })).named).toBe(false);
  });

  it('is no topic that the tiers keep for themselves, to write or to read', () => {
    const route = router({ dead_letter_topic: 'failed' });
    for (const topic of ['khp-control', 'failed', 'failed-marks']) {
      expect(() => route(request({ directives: { topic } }))).toThrow(topic);
      expect(() => route(request({ directives: { replyTopic: topic } }))).toThrow(topic);
    }
  });

  it('is a topic that begins with _ only where a glob says so', () => {
    expect(() => router()(request({ directives: { topic: '_schemas' } }))).toThrow(/not in allowed_topics/);
    expect(() => router()(request({ directives: { replyTopic: '_schemas' } }))).toThrow(/allowed_response_topics/);
    const open = router({ allowed_topics: ['*', '_ours*', '!_ours-not'] });
    expect(open(request({ directives: { topic: '_ours-1' } }))).toMatchObject({ requestTopic: '_ours-1', named: true });
    expect(() => open(request({ directives: { topic: '_ours-not' } }))).toThrow(/not in allowed_topics/);
    expect(() => open(request({ directives: { topic: '__consumer_offsets' } }))).toThrow(/internal/);
  });

  it('is no topic for what no route matches, unless one is configured for that', () => {
    const routes = [{ path: '/orders', request_topic: 'orders' }];
    const elsewhere = request({ target: '/ordesr' });
    const codeOf = (settings: object) => {
      try {
        return router({ ...settings })(elsewhere).requestTopic;
      } catch (error) {
        return (error as BridgeError).code;
      }
    };
    expect(codeOf({ routes })).toBe('no_route');
    expect(codeOf({ default_request_topic: 'none' })).toBe('no_route');
    expect(codeOf({ routes, default_request_topic: 'rest' })).toBe('rest');
    expect(codeOf({})).toBe('common-requests');
    const directives = { topic: 'named' };
    expect(router({ routes })({ ...elsewhere, directives }).requestTopic).toBe('named');
  });
});

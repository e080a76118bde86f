import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { key, keyFacts } from './keys/key.js';
import { processorConfig } from './processor.js';
import { proxyConfig } from './proxy.js';

const topic = (fields: object = {}) => ({ request_topic: 'orders', backend_url: 'http://orders', ...fields });
const issues = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('key', () => {
  it('attaches facts that keyFacts reads, and changes nothing else', () => {
    const schema = key(z.number().default(1), { about: 'A number.', env: 'A', as: 'number' });
    expect(keyFacts(schema)).toMatchObject({ about: 'A number.', env: 'A', as: 'number' });
    expect(schema.parse(undefined)).toBe(1);
    expect(keyFacts(z.number())).toBeUndefined();
  });
});

describe('proxyConfig', () => {
  it('needs nothing', () => {
    expect(proxyConfig.parse({})).toMatchObject({ port: 8080, default_timeout: 30, wire: 'v2' });
  });

  it('takes a partition or all for reply_partition', () => {
    const of = (value: unknown) => proxyConfig.safeParse({ reply_partition: value }).success;
    expect([0, 7, 'all', -1, 1.5, '7'].map(of)).toEqual([true, true, true, false, false, false]);
  });

  it('takes the three sources of a record key', () => {
    const of = (value: string) =>
      proxyConfig.safeParse({ routes: [{ path: '/', request_topic: 'a', key: value }] }).success;
    const good = ['header:X-Id', 'query:id', 'path:1', 'path:99'];
    const bad = ['header:', 'header:a b', 'query:', 'path:0', 'path:100', 'id'];
    expect([...good, ...bad].filter(of)).toEqual(good);
  });

  it('takes no topic that Kafka would not take', () => {
    const of = (name: string) => proxyConfig.safeParse({ default_request_topic: name }).success;
    expect(['a.b_c-D9', '', '.', '..', 'a b', 'é', 'a'.repeat(249), 'a'.repeat(250)].filter(of)).toEqual([
      'a.b_c-D9',
      'a'.repeat(249),
    ]);
  });

  it('says one thing of one bad number', () => {
    expect(issues(proxyConfig, { default_timeout: -1, shutdown_grace: -1 })).toEqual([
      'default_timeout: a time in seconds, above 0',
      'shutdown_grace: a time in seconds, 0 or more',
    ]);
  });

  it('takes no time that a timer can’t wait', () => {
    expect(issues(proxyConfig, { default_timeout: 2_147_484 })).toEqual([
      'default_timeout: a time in seconds, at most 2147483',
    ]);
  });

  it('takes distinguished names as RFC 4514 writes them', () => {
    const of = (name: string) =>
      proxyConfig.safeParse({ trusted_proxies: ['::1'], auth: { mtls: { scopes: { [name]: ['read'] } } } }).success;
    const good = ['CN=shop,O=Acme', 'CN=a shop,O=Acme\\, Inc'];
    expect([...good, 'CN=shop, O=Acme', ''].filter(of)).toEqual(good);
  });

  it('takes no field for a key or a claim that means something by itself, nor one for two', () => {
    const of = (header: string, claim: string) =>
      issues(proxyConfig, {
        auth: {
          api_keys: { file: 'f', header },
          jwt: { issuer: 'i', audience: 'a', jwks: 'f', claims: { sub: claim } },
        },
      }).length;
    expect(of('X-API-Key', 'X-Auth-Subject')).toBe(0);
    expect(of('Host', 'X-Auth-Subject')).toBe(1);
    expect(of('X-API-Key', 'Content_Length')).toBe(1);
    expect(of('X-API-Key', 'X-Forwarded-For')).toBe(1);
    expect(of('X-User', 'x_user')).toBe(1);
  });

  it('takes no 0 for partitions of topics created', () => {
    const of = (value: number) => proxyConfig.safeParse({ kafka: { topic_partitions: value } }).success;
    expect([-1, 1, 10, 0, -2].map(of)).toEqual([true, true, true, false, false]);
  });
});

describe('processorConfig', () => {
  it('names response topic and group after the request topic, as 1.0.1 did', () => {
    expect(processorConfig.parse({ topics: [topic()] }).topics[0]).toMatchObject({
      response_topic: 'orders-responses',
      consumer_group: 'processor-orders',
      max_retries: 3,
      circuit_breaker: { threshold: 0.5 },
    });
  });

  it('takes only the origin and path of a backend', () => {
    const of = (url: string) => processorConfig.safeParse({ topics: [topic({ backend_url: url })] }).success;
    const good = ['http://a', 'https://a:8443/base', 'http://[::1]:80/'];
    const bad = ['a:80', 'ftp://a', 'http://u:p@a', 'http://:p@a', 'http://a?b', 'http://a#b', '/a', ''];
    expect([...good, ...bad].filter(of)).toEqual(good);
  });

  it('takes false for no circuit breaker', () => {
    expect(processorConfig.parse({ topics: [topic({ circuit_breaker: false })] }).topics[0]?.circuit_breaker).toBe(
      false,
    );
  });

  it('fails fast where nothing else is said, and wants a circuit breaker to wait for', () => {
    const of = (change: object) => issues(processorConfig, { topics: [topic(change)] });
    expect(processorConfig.parse({ topics: [topic()] }).topics[0]?.on_unhealthy).toBe('fail_fast');
    expect(of({ on_unhealthy: 'pause' })).toEqual([]);
    expect(of({ on_unhealthy: 'pause', circuit_breaker: { half_open_after: 1 } })).toEqual([]);
    expect(of({ on_unhealthy: 'fail_fast', circuit_breaker: false })).toEqual([]);
    expect(of({ on_unhealthy: 'pause', circuit_breaker: false })).toEqual([
      'topics.0.on_unhealthy: fail_fast where circuit_breaker is false',
    ]);
    expect(of({ on_unhealthy: 'wait' })).toEqual(['topics.0.on_unhealthy: fail_fast or pause']);
  });

  it('wants topics that differ', () => {
    expect(
      issues(processorConfig, {
        topics: [topic(), topic({ response_topic: 'orders' }), topic({ request_topic: 'dead' })],
        dead_letter_topic: 'dead',
      }),
    ).toEqual([
      'topics.1.request_topic: a topic other than that of topics[0]',
      'topics.1.request_topic: a topic other than response_topic',
      'topics.2.request_topic: a topic other than dead_letter_topic',
    ]);
  });

  it('wants no requests or replies in a topic that is used for something else', () => {
    const topics = [
      topic(),
      topic({ request_topic: 'khp-control' }),
      topic({ request_topic: 'a', response_topic: 'dead' }),
      topic({ request_topic: 'b', response_topic: 'dead-marks' }),
      topic({ request_topic: 'c', response_topic: 'orders' }),
      topic({ request_topic: 'd', response_topic: 'khp-control' }),
    ];
    expect(issues(processorConfig, { topics, dead_letter_topic: 'dead' })).toEqual([
      'topics.1.request_topic: a topic other than control_topic',
      'topics.2.response_topic: a topic other than dead_letter_topic',
      'topics.3.response_topic: a topic other than dead_letter_topic and -marks, where its marks go',
      'topics.4.response_topic: a topic other than topics[0].request_topic',
      'topics.5.response_topic: a topic other than control_topic',
    ]);
    expect(issues(processorConfig, { topics: [topic()], dead_letter_topic: 'khp-control' })).toEqual([
      'dead_letter_topic: a topic other than control_topic',
    ]);
  });

  it('says so beside what else is wrong', () => {
    expect(issues(processorConfig, { topics: [topic({ timeout: 'soon' }), topic(), 3, null] })).toContain(
      'topics.1.request_topic: a topic other than that of topics[0]',
    );
    expect(issues(processorConfig, { topics: 'orders' })).toEqual(['topics: a list of topics']);
    expect(issues(processorConfig, null)).toHaveLength(1);
  });

  it('wants one topic at least', () => {
    expect(issues(processorConfig, { topics: [] })).toEqual(['topics: at least one topic']);
  });
});

describe('limits and origins', () => {
  const issues = (settings: object) =>
    proxyConfig.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
  const limit = (rest: object) => issues({ rate_limit: { by: 'client', requests: 1, ...rest } });

  it.each([
    [{}, 0],
    [{ by: 'header:X-Tenant', window: 60, burst: 5 }, 0],
    [{ by: 'header:' }, 1],
    [{ by: 'ip' }, 1],
    [{ requests: 0 }, 1],
    [{ window: 0.5 }, 1],
    [{ burst: 0 }, 1],
  ])('a limit of %j has %i mistakes', (rest, count) => expect(limit(rest)).toHaveLength(count));

  it.each([
    '*',
    'https://shop.example',
    'http://localhost:3000',
    'capacitor://localhost',
    'https://[2001:db8::1]:8443',
  ])('the origin %s is one that browsers send', (origin) =>
    expect(issues({ cors: { origins: [origin] } })).toEqual([]),
  );

  it.each(['https://shop.example/', 'https://Shop.example', 'https://shop.example:443', 'shop.example', 'null', ''])(
    'the origin %s would never match',
    (origin) => expect(issues({ cors: { origins: [origin] } }).join()).toMatch(/an origin as browsers send it/),
  );

  it('* stands alone, and without credentials', () => {
    expect(issues({ cors: { origins: ['*', 'https://shop.example'] } })).toHaveLength(1);
    expect(issues({ cors: { origins: ['*'], credentials: true } })).toHaveLength(1);
    expect(
      issues({ routes: [{ path: '/', request_topic: 'a', cors: { origins: ['*'], credentials: true } }] }),
    ).toHaveLength(1);
  });
});

/** Keys that hold others. */
const SECTIONS = new Set(['kafka', 'tracing', 'tls', 'auth']);

describe('every key of both', () => {
  it('has a sentence about it', () => {
    for (const schema of [proxyConfig, processorConfig]) {
      for (const [name, child] of Object.entries(schema.shape)) {
        if (SECTIONS.has(name)) continue;
        expect(keyFacts(child)?.about, name).toMatch(/[.]$/);
      }
    }
  });

  it('has its upper-case name for a variable, but where 1.0.1 had another', () => {
    const others = { port: 'PROXY_PORT', topics: 'KAFKA_TOPICS' };
    for (const schema of [proxyConfig, processorConfig]) {
      for (const [name, child] of Object.entries(schema.shape)) {
        if (SECTIONS.has(name)) continue;
        expect(keyFacts(child)?.env, name).toBe((others as Record<string, string>)[name] ?? name.toUpperCase());
      }
    }
  });
});

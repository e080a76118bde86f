import { BridgeError } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { client, published, set, test } from '../testing/dialled-bridge.js';
import { replyOf } from '../testing/ingress.js';

const SHOP = 'https://shop.example';
const request = (more = '', line = 'GET /') => `${line} HTTP/1.1\r\nHost: h\r\nOrigin: ${SHOP}\r\n${more}\r\n`;
const latest = () => test.published.at(-1)?.correlationId ?? 'none';
const settle = (fields: Parameters<typeof replyOf>[0] = {}) =>
  test.settlement.settle(replyOf({ correlationId: latest(), ...fields }));
const HEAD = /\r\n\r\n/;
const WHOLE = /(?:\}|ok)$/;
/** The values of a field in a head. */
const all = (head: string, name: string) =>
  [...head.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value]) => value);

describe('the limit of a client', () => {
  const LIMIT = { rate_limit: { by: 'client', requests: 2, window: 3600 } };

  it('is told with a reply, with one that streams, and with a problem', async () => {
    await set({ rate_limit: { ...LIMIT.rate_limit, requests: 3 } });
    client.send(request());
    await published();
    settle();
    const whole = await client.until(WHOLE);
    expect(all(whole, 'RateLimit-Policy')).toEqual(['"default";q=3;w=3600']);
    expect(all(whole, 'RateLimit')).toEqual(['"default";r=2;t=1200']);
    client.send(request());
    await published(2);
    test.settles[1]?.(new BridgeError('kafka_unavailable', 'Kafka is away.'));
    expect(all(await client.until(WHOLE), 'RateLimit')[0]).toMatch(/^"default";r=1;t=(?:2399|2400)$/);
    client.send(request());
    await published(3);
    test.head({ body: Buffer.from('begun') });
    expect(all(await client.until(HEAD), 'RateLimit')[0]).toMatch(/^"default";r=0;t=(?:1199|1200)$/);
  });

  it('ends with 429 before the body is read or asked for, and nothing goes to Kafka', async () => {
    await set(LIMIT);
    for (const count of [1, 2]) {
      client.send(request());
      await published(count);
      settle();
      await client.until(WHOLE);
    }
    client.send(request('Expect: 100-continue\r\nContent-Length: 5\r\n', 'POST /orders'));
    const refused = await client.until(WHOLE);
    expect(refused).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(all(refused, 'Retry-After').join()).toMatch(/^(?:1799|1800)$/);
    expect(all(refused, 'RateLimit').join()).toMatch(/^"default";r=0;t=(?:1799|1800)$/);
    expect(JSON.parse(refused.slice(refused.indexOf('{')))).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['default'],
      code: 'rate_limited',
      correlation_id: 'refused-id',
    });
    expect(test.published).toHaveLength(2);
    expect(test.plane.limited).toEqual(['default']);
    expect(test.plane.endings.at(-1)).toMatchObject({ status: 429 });
  });

  it('is that of the backend where its reply tells of one', async () => {
    await set(LIMIT);
    client.send(request());
    await published();
    settle({ headers: ['ratelimit', '"default";r=7'] });
    const head = await client.until(WHOLE);
    expect([all(head, 'RateLimit'), all(head, 'RateLimit-Policy')]).toEqual([['"default";r=7'], []]);
  });

  it('is another from a change of the configuration on', async () => {
    await set();
    client.send(request());
    await published();
    settle();
    expect(await client.until(WHOLE)).not.toMatch(/ratelimit/i);
    test.plane.ingress.change(
      { ...test.config, rate_limit: { by: 'client', requests: 9, window: 1 } },
      () => undefined,
    );
    client.send(request());
    await published(2);
    settle();
    expect(all(await client.until(WHOLE), 'RateLimit-Policy')).toEqual(['"default";q=9;w=1']);
  });
});

describe('what browsers are told', () => {
  const CORS = { cors: { origins: [SHOP] } };
  const readable = (head: string) => all(head, 'Access-Control-Allow-Origin');

  it('is with problems of the proxy, before and behind the exchange, and of the processor', async () => {
    await set(CORS);
    client.send(request('X-Kafka-Timeout: soon\r\n'));
    expect(readable(await client.until(WHOLE))).toEqual([SHOP]);
    client.send(request());
    await published();
    test.settles[0]?.(new BridgeError('kafka_unavailable', 'Kafka is away.'));
    expect(readable(await client.until(WHOLE))).toEqual([SHOP]);
    client.send(request());
    await published(2);
    settle({ status: 503, error: 'backend_unhealthy', headers: ['Content-Type', 'application/problem+json'] });
    const failed = await client.until(WHOLE);
    expect(readable(failed)).toEqual([SHOP]);
    expect(all(failed, 'Access-Control-Expose-Headers')).toEqual(['Retry-After, RateLimit, RateLimit-Policy']);
    client.send(request());
    await published(3);
    settle({ headers: ['Transfer-Encoding', 'x', 'Bad Name', 'x'] });
    expect(readable(await client.until(WHOLE))).toEqual([SHOP]);
  });

  it('is nothing of ours with a reply of the backend, whatever that says', async () => {
    await set(CORS);
    client.send(request());
    await published();
    settle({ status: 503 });
    expect(await client.until(WHOLE)).not.toMatch(/access-control|vary/i);
    client.send(request());
    await published(2);
    settle({ headers: ['Access-Control-Allow-Origin', 'https://theirs.example'] });
    expect(readable(await client.until(WHOLE))).toEqual(['https://theirs.example']);
    client.send(request());
    await published(3);
    test.head({ body: Buffer.from('begun') });
    expect(await client.until(HEAD)).not.toMatch(/access-control|vary/i);
  });

  it('is that a preflight is granted which would get a problem, of the proxy or of the processor', async () => {
    await set({ cors: { origins: [SHOP], max_age: 5 } });
    const preflight = request('Access-Control-Request-Method: PUT\r\n', 'OPTIONS /');
    client.send(preflight);
    await published();
    test.settles[0]?.(new BridgeError('kafka_unavailable', 'Kafka is away.'));
    const granted = await client.until(HEAD);
    expect(granted).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect([readable(granted), all(granted, 'Access-Control-Allow-Methods')]).toEqual([[SHOP], ['PUT']]);
    expect(test.plane.endings.at(-1)).toMatchObject({ status: 204, error: { code: 'kafka_unavailable' } });
    client.send(preflight);
    await published(2);
    settle({ status: 502, error: 'backend_unreachable', body: Buffer.from('{}') });
    const other = await client.until(HEAD);
    expect(other).toMatch(/^HTTP\/1\.1 204 No Content\r\n[\s\S]*\r\n\r\n$/);
    expect([readable(other), all(other, 'Access-Control-Max-Age')]).toEqual([[SHOP], ['5']]);
    // What the backend says of it goes through.
    client.send(preflight);
    await published(3);
    settle({ status: 403 });
    expect(await client.until(WHOLE)).toMatch(/^HTTP\/1\.1 403 /);
  });
});

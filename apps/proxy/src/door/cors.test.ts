import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { createBrowsers } from './cors.js';

const SHOP = 'https://shop.example';
const EXPOSED = 'Retry-After, RateLimit, RateLimit-Policy';
const route = (path: string, rest: object = {}) => ({ path, request_topic: 'orders', ...rest });
const browsersOf = (settings: object) => createBrowsers(proxyConfig.parse(settings));
const asked = (headers: string[], target = '/', method = 'GET') => ({ method, target, headers });
/** The fields of a problem, a line each. */
const lines = (settings: object, ...request: Parameters<typeof asked>) => {
  const fields = browsersOf(settings).problem(asked(...request));
  return fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1]}`] : []));
};

describe('a problem', () => {
  it('can be read by pages of the origins that are named, and of no other', () => {
    const settings = { cors: { origins: ['https://other.example', SHOP] } };
    const readable = [
      'Vary: Origin',
      `Access-Control-Allow-Origin: ${SHOP}`,
      `Access-Control-Expose-Headers: ${EXPOSED}`,
    ];
    expect(lines(settings, ['origin', SHOP])).toEqual(readable);
    for (const origin of [`${SHOP}.evil.example`, 'http://shop.example', `${SHOP}:8443`, 'null', '*', '']) {
      expect(lines(settings, ['Origin', origin])).toEqual(['Vary: Origin']);
    }
    expect(lines(settings, [])).toEqual(['Vary: Origin']);
  });

  it('can be read by all pages, whoever asks', () => {
    const all = ['Access-Control-Allow-Origin: *', `Access-Control-Expose-Headers: ${EXPOSED}`];
    expect(lines({ cors: { origins: ['*'] } }, ['Origin', SHOP])).toEqual(all);
    expect(lines({ cors: { origins: ['*'] } }, [])).toEqual(all);
  });

  it('says that pages with credentials may, and which fields', () => {
    expect(lines({ cors: { origins: [SHOP], credentials: true, expose: ['X-Request-ID'] } }, ['Origin', SHOP])).toEqual(
      [
        'Vary: Origin',
        `Access-Control-Allow-Origin: ${SHOP}`,
        'Access-Control-Allow-Credentials: true',
        `Access-Control-Expose-Headers: ${EXPOSED}, X-Request-ID`,
      ],
    );
  });

  it('says nothing where nothing is configured', () => {
    expect(lines({ routes: [route('/a')] }, ['Origin', SHOP], '/a')).toEqual([]);
  });

  it('goes by its route, and by the common word where that has none', () => {
    const settings = {
      cors: { origins: ['*'] },
      routes: [
        route('/a', { cors: { origins: [SHOP] } }),
        route('/a/none', { cors: 'none' }),
        route('/b', { methods: ['POST'], cors: { origins: [SHOP] } }),
      ],
    };
    const first = (...request: Parameters<typeof asked>) => lines(settings, ...request)[0];
    expect(first(['Origin', SHOP], '/a/1?x')).toBe('Vary: Origin');
    expect(first(['Origin', SHOP], 'http://h/a')).toBe('Vary: Origin');
    expect(first(['Origin', SHOP], '/a/none')).toBeUndefined();
    expect(first(['Origin', SHOP], '/b')).toBe('Access-Control-Allow-Origin: *');
    expect(first(['Origin', SHOP], '/b', 'POST')).toBe('Vary: Origin');
    // A preflight is about another request.
    expect(first(['Origin', SHOP, 'Access-Control-Request-Method', 'POST'], '/b', 'OPTIONS')).toBe('Vary: Origin');
    expect(first(['Origin', SHOP], '/elsewhere')).toBe('Access-Control-Allow-Origin: *');
  });

  it('goes by another configuration from a change on', () => {
    const browsers = browsersOf({});
    browsers.change(proxyConfig.parse({ cors: { origins: ['*'] } }));
    expect(browsers.problem(asked([]))).toContain('*');
    browsers.change(proxyConfig.parse({}));
    expect(browsers.problem(asked([]))).toEqual([]);
  });
});

describe('a preflight', () => {
  const ASKS = ['Origin', SHOP, 'Access-Control-Request-Method', 'PUT'];
  const settings = (rest: object = {}) => ({
    routes: [route('/a', { cors: { origins: [SHOP], ...rest } }), route('/b')],
  });

  it.each([
    ['of an origin that may read', ASKS, true],
    ['without a body that says so', [...ASKS, 'Content-Length', '0'], true],
    ['of another origin', ['Origin', 'https://evil.example', ...ASKS.slice(2)], false],
    ['without an origin', ASKS.slice(2), false],
    ['about no method', ASKS.slice(0, 2), false],
    ['with a body', [...ASKS, 'Content-Length', '3'], false],
    ['about what is no method', ['Origin', SHOP, 'Access-Control-Request-Method', 'P UT'], false],
    ['about what are no fields', [...ASKS, 'Access-Control-Request-Headers', 'x-a: \xe9'], false],
    ['with credentials', [...ASKS, 'authorization', 'Bearer x'], false],
    ['that names a topic', [...ASKS, 'X-Kafka-Topic', 'others'], false],
    ['with a body in chunks', [...ASKS, 'Transfer-Encoding', 'chunked'], false],
  ])('%s: %j is one: %j', (_what, headers, is) => {
    expect(browsersOf(settings()).isPreflight(asked(headers, '/a', 'OPTIONS'))).toBe(is);
  });

  it('is OPTIONS, of a route that pages may read', () => {
    const browsers = browsersOf(settings());
    expect(browsers.isPreflight(asked(ASKS, '/a', 'PUT'))).toBe(false);
    expect(browsers.isPreflight(asked(ASKS, '/b', 'OPTIONS'))).toBe(false);
  });

  it('is no way to a route that pages may not read, by asking for another', () => {
    const browsers = browsersOf({
      routes: [route('/', { cors: 'none' }), route('/a', { methods: ['PUT'], cors: { origins: [SHOP] } })],
    });
    expect(browsers.isPreflight(asked(ASKS, '/a', 'OPTIONS'))).toBe(false);
  });

  it('is granted in the place of its problem only where max_age is set', () => {
    const request = asked([...ASKS, 'Access-Control-Request-Headers', 'content-type,x-a'], '/a', 'OPTIONS');
    expect(browsersOf(settings()).grants(request)).toBe(false);
    expect(browsersOf(settings()).problem(request)).toContain('Access-Control-Expose-Headers');
    const granting = browsersOf(settings({ max_age: 600, credentials: true }));
    expect(granting.grants(request)).toBe(true);
    expect(granting.grants({ ...request, method: 'PUT' })).toBe(false);
    const evil = ['Origin', 'https://evil.example', ...ASKS.slice(2)];
    expect(granting.grants({ ...request, headers: evil })).toBe(false);
    expect(granting.problem({ ...request, headers: evil })).toEqual(['Vary', 'Origin']);
    expect(granting.problem(request)).toEqual([
      'Vary',
      'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      'Access-Control-Allow-Origin',
      SHOP,
      'Access-Control-Allow-Credentials',
      'true',
      'Access-Control-Allow-Methods',
      'PUT',
      'Access-Control-Allow-Headers',
      'content-type,x-a',
      'Access-Control-Max-Age',
      '600',
    ]);
  });
});

import { type BridgeError, problem, proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { createLimits, type Limits } from './limits.js';

const LIMIT = { by: 'client', requests: 2, window: 10 };
const route = (path: string, rest: object = {}) => ({ path, request_topic: 'orders', ...rest });
const parse = (settings: object) => proxyConfig.parse(settings);

function setUp(settings: object) {
  const config = parse(settings);
  const clock = { ms: 1000 };
  const limited: string[] = [];
  const limits = createLimits(config, { nowMs: () => clock.ms, limited: (path) => void limited.push(path) });
  return { config, clock, limits, limited };
}

/** RateLimit of what a client gets, or of what it is refused with. */
function ask(limits: Limits, by?: ReturnType<typeof parse>['routes'][number], named?: string): string | null {
  const request = { entry: by, requestTopic: named ?? 'orders', byHeader: named !== undefined };
  try {
    return limits.take(request, null, () => 'a', [])?.join(' ') ?? null;
  } catch (error) {
    const { code, status, fields } = error as BridgeError;
    return [status, code, ...fields].join(' ');
  }
}

describe('limits', () => {
  it('say with each answer what there is, and with a refusal when to come again', () => {
    const { clock, limits, limited } = setUp({ rate_limit: LIMIT });
    const policy = 'RateLimit-Policy "default";q=2;w=10';
    expect(ask(limits)).toBe(`${policy} RateLimit "default";r=1;t=5`);
    expect(ask(limits)).toBe(`${policy} RateLimit "default";r=0;t=5`);
    clock.ms += 1500;
    expect(ask(limits)).toBe(`429 rate_limited Retry-After 4 ${policy} RateLimit "default";r=0;t=4`);
    clock.ms += 4000;
    expect(ask(limits)).toBe(`${policy} RateLimit "default";r=0;t=5`);
    expect(limited).toEqual(['default']);
  });

  it('say whole seconds as such, whatever fractions of a ms the clock tells', () => {
    for (let i = 0; i < 200; i++) {
      const { clock, limits } = setUp({ rate_limit: { by: 'client', requests: 2, window: 2 } });
      // Sums round where they pass a power of two: 1024 ms after the start of the process is the first that matters.
      clock.ms = 24 + i * 5 + 0.1234567;
      expect(ask(limits)).toMatch(/r=1;t=1$/);
      expect(ask(limits)).toMatch(/r=0;t=1$/);
      expect(ask(limits)).toMatch(/Retry-After 1 /);
    }
  });

  it('let a burst through that is more than a window has, and less', () => {
    for (const burst of [7, 1]) {
      const { limits } = setUp({ rate_limit: { ...LIMIT, burst } });
      const answers = Array.from({ length: 10 }, () => ask(limits));
      expect(answers.filter((answer) => answer?.startsWith('429')).length).toBe(10 - burst);
      expect(answers[0]).toContain(`r=${burst - 1};`);
    }
  });

  it('are none where none is configured', () => {
    const { limits, config } = setUp({ routes: [route('/a')] });
    expect([ask(limits), ask(limits, config.routes[0])]).toEqual([null, null]);
  });

  it('of routes without one of their own are one, those with have buckets of their own, or none', () => {
    const { config, limits, limited } = setUp({
      rate_limit: { ...LIMIT, requests: 1 },
      routes: [route('/a'), route('/b', { rate_limit: LIMIT }), route('/c', { rate_limit: 'none' }), route('/d')],
    });
    const [a, b, c, d] = config.routes;
    expect(ask(limits, a)).toMatch(/r=0/);
    expect(ask(limits, d)).toMatch(/^429/);
    expect(ask(limits)).toMatch(/^429/);
    expect([ask(limits, b), ask(limits, b), ask(limits, b)].map((answer) => answer?.slice(0, 3))).toEqual([
      'Rat',
      'Rat',
      '429',
    ]);
    expect([ask(limits, c), ask(limits, c), ask(limits, c)]).toEqual([null, null, null]);
    expect(limited).toEqual(['/d', 'default', '/b']);
  });

  it('of two routes of one path are two', () => {
    const own = { rate_limit: { ...LIMIT, requests: 1 } };
    const settings = {
      routes: [route('/a', { methods: ['GET'], ...own }), route('/a', { methods: ['POST'], ...own })],
    };
    const { config, limits } = setUp(settings);
    expect(ask(limits, config.routes[0])).toMatch(/r=0/);
    const next = parse(settings);
    limits.change(next);
    expect(next.routes.map((one) => ask(limits, one)?.slice(0, 3))).toEqual(['429', 'Rat']);
  });

  it('are not got round by naming the topic', () => {
    const { limits, config } = setUp({
      rate_limit: { ...LIMIT, requests: 5 },
      routes: [
        route('/a', { rate_limit: LIMIT }),
        route('/b', { rate_limit: { ...LIMIT, requests: 1 } }),
        { path: '/c', request_topic: 'others', rate_limit: 'none' },
      ],
    });
    const [, b, c] = config.routes;
    expect(ask(limits, c, 'orders')).toMatch(/q=1;/);
    expect(ask(limits, b)).toMatch(/^429/);
    expect(ask(limits, undefined, 'orders')).toMatch(/^429/);
    expect(ask(limits, c, 'others')).toMatch(/q=5;.*r=4/);
    expect(ask(limits, c)).toBeNull();
  });

  it('that a reload leaves alone keep their buckets, those that it changes begin anew', () => {
    const routes = (requests: number) => [
      route('/a', { rate_limit: LIMIT }),
      route('/b', { rate_limit: { ...LIMIT, requests } }),
    ];
    const { limits, config } = setUp({ rate_limit: { ...LIMIT, requests: 1 }, routes: routes(1) });
    for (const one of [undefined, ...config.routes, config.routes[0]]) expect(ask(limits, one)).toMatch(/^RateLimit/);
    for (const one of [undefined, ...config.routes]) expect(ask(limits, one)).toMatch(/^429/);
    const next = parse({ rate_limit: { ...LIMIT, requests: 1 }, routes: [...routes(3).reverse(), route('/c')] });
    limits.change(next);
    const [b, a, c] = next.routes;
    expect([undefined, a, c].map((one) => ask(limits, one)?.slice(0, 3))).toEqual(['429', '429', '429']);
    expect(ask(limits, b)).toMatch(/r=2/);
    limits.change(parse({}));
    expect(ask(limits)).toBeNull();
    limits.change(next);
    expect(ask(limits)).toMatch(/r=0/);
  });

  it('are told as the problem that clients know a limit by', () => {
    expect(problem('rate_limited', 'Too many.', 'id')).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'The client sends more than it may',
      status: 429,
      detail: 'Too many.',
      code: 'rate_limited',
      'violated-policies': ['default'],
      correlation_id: 'id',
    });
    expect(problem('timeout', 'x')).not.toHaveProperty('violated-policies');
  });
});

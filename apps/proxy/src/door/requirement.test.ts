import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { createRequirements } from './requirement.js';

const jwt = { issuer: 'i', audience: 'a', jwks: 'f' };
const api_keys = { file: 'f' };

function requirementOf(settings: object) {
  const config = proxyConfig.parse(settings);
  const requirements = createRequirements(config);
  return (path: string | null, requestTopic = '', byHeader = false, target = '/') => {
    const entry = config.routes.find((route) => route.path === path) ?? null;
    return requirements({ entry, requestTopic, byHeader, target });
  };
}

describe('what a request has to show', () => {
  it('is nothing where nothing is configured', () => {
    expect(requirementOf({})(null)).toEqual({ methods: null, scopes: [] });
  });

  it('is one of all that is configured, or of what auth.require says', () => {
    expect(requirementOf({ auth: { jwt, api_keys } })(null).methods).toEqual(['jwt', 'api_key']);
    expect(requirementOf({ auth: { jwt, api_keys, require: ['jwt'] } })(null).methods).toEqual(['jwt']);
    expect(requirementOf({ auth: { jwt, require: 'none' } })(null).methods).toBeNull();
  });

  it('is what its route says before that', () => {
    const routes = [
      { path: '/a', request_topic: 'a', auth: 'none' },
      { path: '/b', request_topic: 'b', auth: ['api_key'], scopes: ['w'] },
      { path: '/c', request_topic: 'c' },
    ];
    const of = requirementOf({ auth: { jwt, api_keys, require: ['jwt'] }, routes });
    expect(of('/a')).toEqual({ methods: null, scopes: [] });
    expect(of('/b')).toEqual({ methods: ['api_key'], scopes: ['w'] });
    expect(of('/c')).toEqual({ methods: ['jwt'], scopes: [] });
  });

  it('is all that any route to a topic asks for, of who names that topic', () => {
    const routes = [
      { path: '/a', request_topic: 'open', auth: 'none' },
      { path: '/b', request_topic: 'orders', auth: 'none' },
      { path: '/c', request_topic: 'orders', auth: ['jwt', 'api_key'], scopes: ['r'] },
      { path: '/d', request_topic: 'orders', auth: ['jwt'], scopes: ['w'] },
      { path: '/e', request_topic: 'keys', auth: ['api_key'] },
    ];
    const of = requirementOf({ auth: { jwt, api_keys }, routes });
    expect(of('/a', 'open', true)).toEqual({ methods: null, scopes: [] });
    expect(of('/a', 'orders', true)).toEqual({ methods: ['jwt'], scopes: ['r', 'w'] });
    expect(of(null, 'orders', true)).toEqual({ methods: ['jwt'], scopes: ['r', 'w'] });
    // Of a topic that no route leads to: as without a route.
    expect(of('/a', 'else', true)).toEqual({ methods: ['jwt', 'api_key'], scopes: [] });
    // Nobody shows both at once.
    expect(of('/d', 'keys', true)).toEqual({ methods: [], scopes: ['w'] });
  });

  const routes = [
    { path: '/docs', request_topic: 'orders', auth: 'none' },
    { path: '/orders', request_topic: 'orders', scopes: ['w'] },
    { path: '/alone', request_topic: 'alone', auth: 'none' },
  ];
  const byPath = (path: string | null, target: string, topic = 'orders') =>
    requirementOf({ auth: { jwt }, routes })(path, topic, false, target);

  it.each([
    '/docs/../orders',
    '/docs/..',
    '/docs/./x',
    '/docs/%2e%2E/orders',
    '/docs/..%2forders',
    '/docs/..%5Corders',
    '/docs/..\\orders',
    '/docs/..;x/orders',
    '/docs//orders',
    '/docs/%6frders',
    '/docs/%252e%252e/orders',
    '/docs/%00',
    '/docs/../orders?x',
    '/docs/...',
    '/docs/orders%20',
    '/docs./orders',
    '/docs#/orders',
    '/docs%3f/orders',
    '/docs%0a/orders',
    '/docs/%c0%aforders',
    '/docs%u002forders',
  ])('is all that any route asks for, of a path that may be read as another: %s', (target) => {
    expect(byPath('/docs', target)).toEqual({ methods: ['jwt'], scopes: ['w'] });
    expect(byPath(null, target)).toEqual({ methods: ['jwt'], scopes: ['w'] });
    // Topics may share a backend.
    expect(byPath('/alone', target, 'alone')).toEqual({ methods: ['jwt'], scopes: ['w'] });
  });

  it('is more than anybody can show, by a route that nobody knows', () => {
    const route = { path: '/', request_topic: 'orders' };
    const requirements = createRequirements(proxyConfig.parse({ auth: { jwt }, routes: [route] }));
    const bound = { entry: route, requestTopic: 'orders', byHeader: false, target: '/' };
    expect(requirements(bound)).toEqual({ methods: [], scopes: [] });
  });

  it('is what is asked for without a route as well, where the default topic is that of a route', () => {
    const of = requirementOf({
      auth: { jwt },
      default_request_topic: 'orders',
      routes: [{ path: '/docs', request_topic: 'orders', auth: 'none' }],
    });
    expect(of('/docs', 'orders', false, '/docs/x')).toEqual({ methods: null, scopes: [] });
    expect(of('/docs', 'orders', false, '/docs/../orders')).toEqual({ methods: ['jwt'], scopes: [] });
    expect(of('/docs', 'orders', true, '/docs')).toEqual({ methods: ['jwt'], scopes: [] });
  });

  it.each(['/docs', '/docs/', '/docs/a..b/.c', '/docs/caf%C3%A9%20%22', '/docs/100%25', '/docs?x=/../a//b;'])(
    'is what its route asks for, of a path that has one meaning: %s',
    (target) => {
      expect(byPath('/docs', target)).toEqual({ methods: null, scopes: [] });
    },
  );
});

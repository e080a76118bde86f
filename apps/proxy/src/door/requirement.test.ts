import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { createRequirements } from './requirement.js';

const jwt = { issuer: 'i', audience: 'a', jwks: 'f' };
const api_keys = { file: 'f' };

function requirementOf(settings: object) {
  const config = proxyConfig.parse(settings);
  const requirements = createRequirements(config);
  return (path: string | null, requestTopic = '', byHeader = false) =>
    requirements({ entry: config.routes.find((route) => route.path === path) ?? null, requestTopic, byHeader });
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
});

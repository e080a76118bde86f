import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { proxySummary } from './summary.js';

const summary = (config: object, managementPort = 8080) =>
  proxySummary(proxyConfig.parse(config), { port: 8080, managementPort });

describe('what a terminal is shown of the proxy', () => {
  it('is where it listens, and each route with its topics', () => {
    const routes = [
      { path: '/orders', request_topic: 'orders', response_topic: 'replies' },
      { path: '/a', methods: ['GET', 'PUT'], request_topic: 'a' },
    ];
    expect(summary({ routes, default_request_topic: 'rest', default_response_topic: 'answers' })).toEqual({
      listening: 'http://0.0.0.0:8080, also /health, /ready and /metrics',
      label: 'routes',
      ways: ['/orders    -> orders -> replies', 'GET,PUT /a -> a -> answers', 'else       -> rest -> answers'],
    });
  });

  it('is 404 for the rest, where no topic is set for it', () => {
    const { ways } = summary({ routes: [{ path: '/orders', request_topic: 'orders' }] });
    expect(ways).toEqual(['/orders -> orders -> common-responses', 'else    -> 404']);
  });

  it('is the one way that there is without routes, and the port of its own for management', () => {
    expect(summary({ host: '::1' }, 9090)).toEqual({
      listening: 'http://[::1]:8080; /health, /ready and /metrics on port 9090',
      label: 'routes',
      ways: ['any path -> common-requests -> common-responses'],
    });
  });
});

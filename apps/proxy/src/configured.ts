import type { ProxyConfig, RouteConfig } from '@kafka-http-proxy/protocol';
import type { Compression } from './destination.js';

/** Request topics that the configuration names. */
export function configuredRequestTopics(config: ProxyConfig): Set<string> {
  const fallback = defaultRequestTopic(config);
  return new Set([...(fallback === null ? [] : [fallback]), ...config.routes.map((route) => route.request_topic)]);
}

/** Where requests go that no route matches; null: nowhere. A typing error in a path is not to wait for its timeout. */
export function defaultRequestTopic({
  default_request_topic: named,
  routes,
}: Pick<ProxyConfig, 'default_request_topic' | 'routes'>): string | null {
  if (named !== undefined) return named === 'none' ? null : named;
  return routes.length === 0 ? 'common-requests' : null;
}

/** Response topics that the configuration names: they are read from the start. */
export function configuredResponseTopics(config: ProxyConfig): Set<string> {
  const routed = config.routes.flatMap((route) => route.response_topic ?? []);
  // What goes by the default: unmatched paths, routes without one of their own, topics that a header names.
  const isDefaultUsed =
    defaultRequestTopic(config) !== null || routed.length < config.routes.length || config.allowed_topics.length > 0;
  return new Set([...(isDefaultUsed ? [config.default_response_topic] : []), ...config.warmup_topics, ...routed]);
}

/** Codecs that the configuration names. */
export function configuredCompressions(config: ProxyConfig): Compression[] {
  const named = [config.compression, ...config.routes.map((route) => route.compression ?? 'none')];
  return [...new Set(named.filter((codec) => codec !== 'none'))];
}

/** Finds the route of a request. @param target in origin form */
export type RouteFinder = (method: string, target: string) => RouteConfig | undefined;

/**
 * The route with the longest prefix that matches path and method.
 *
 * @example
 * const find = routeFinder(config.routes);
 * find('GET', '/orders/1?all')?.request_topic;
 */
export function routeFinder(configured: readonly RouteConfig[]): RouteFinder {
  const routes = [...configured].sort((a, b) => b.path.length - a.path.length);
  if (routes.length === 0) return () => undefined;
  return (method, target) => routes.find((route) => matches(route, method, target));
}

/** A prefix matches at a segment boundary: /orders matches /orders, /orders/1 and /orders?x, not /orders2. */
function matches(route: RouteConfig, method: string, target: string): boolean {
  if (route.methods && !route.methods.includes(method)) return false;
  if (!target.startsWith(route.path)) return false;
  const next = target[route.path.length];
  return next === undefined || next === '/' || next === '?' || route.path.endsWith('/');
}

import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import type { Compression } from './destination.js';

/** Request topics that the configuration names. */
export function configuredRequestTopics(config: ProxyConfig): Set<string> {
  const fallback = defaultRequestTopic(config);
  return new Set([...(fallback === null ? [] : [fallback]), ...config.routes.map((route) => route.request_topic)]);
}

/** Where requests go that no route matches; null: nowhere. A typing error in a path is not to wait for its timeout. */
export function defaultRequestTopic({ default_request_topic: named, routes }: ProxyConfig): string | null {
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

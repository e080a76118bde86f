import { BridgeError, type HeaderList, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { topicMatcher } from '@kafka-http-proxy/service';
import { configuredRequestTopics, configuredResponseTopics } from '../configured.js';
import type { Destination } from '../destination.js';
import { readDirectives } from '../ingress/request-head.js';
import { createRouter } from '../ingress/routing.js';

/** What of a request decides which topics it needs. */
export interface Heading {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
}

/** What of a configuration one request needs. */
export interface Narrowed {
  /** All of it, by which the request is treated. */
  readonly whole: ProxyConfig;
  /** What there has to be in Kafka: the topics of this request, as far as they are configured. */
  readonly link: ProxyConfig;
  /** Where it goes; null: the proxy will answer itself. */
  readonly to: Destination | null;
  readonly requestTopics: ReadonlySet<string>;
  readonly responseTopics: ReadonlySet<string>;
}

/**
 * Leaves out of what a proxy does in Kafka what a request does not need: a proxy of one request is not to read, nor to
 * be let read, the topics of all routes. Topics that the request names itself are looked for when it comes.
 *
 * @example
 * const narrowed = narrow(config, { method: 'GET', target: '/orders/1', headers: [] });
 */
export function narrow(whole: ProxyConfig, heading: Heading): Narrowed {
  const to = destinationOf(whole, heading);
  const request = to !== null && configuredRequestTopics(whole).has(to.requestTopic) ? to.requestTopic : 'none';
  const response = to !== null && configuredResponseTopics(whole).has(to.responseTopic) ? to.responseTopic : null;
  const link: ProxyConfig = {
    ...whole,
    routes: [],
    default_request_topic: request,
    default_response_topic: response ?? whole.default_response_topic,
    // With none that a header may name, the default response topic is read for a default request topic alone.
    allowed_topics: [],
    warmup_topics: response === null ? [] : [response],
    compression: to?.compression ?? 'none',
  };
  return {
    whole,
    link,
    to,
    requestTopics: configuredRequestTopics(link),
    responseTopics: configuredResponseTopics(link),
  };
}

function destinationOf(config: ProxyConfig, { method, target, headers }: Heading): Destination | null {
  try {
    const directives = readDirectives(headers);
    return createRouter({ config, matcher: topicMatcher })({ method, target, headers, directives });
  } catch (error) {
    if (error instanceof BridgeError) return null;
    throw error;
  }
}

import {
  BridgeError,
  type HeaderList,
  headerValue,
  isEncoded,
  isInternalTopic,
  isLegalTopic,
  marksTopic,
  type ProxyConfig,
  TIME_LEFT_FIELD,
} from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, configuredResponseTopics, defaultRequestTopic, routeFinder } from '../configured.js';
import type { Compression, Destination } from '../destination.js';
import type { Directives } from './request-head.js';

/** What of a request decides its destination. */
export interface Addressed {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly directives: Directives;
}

/** Finds the destination of a request. @throws {BridgeError} `bad_request`, `no_route`, `topic_not_allowed` */
export type Router = (request: Addressed) => Destination;

/** What routes are made of. */
export interface RouterOptions {
  readonly config: ProxyConfig;
  /** Makes a predicate of a list of topic globs. */
  readonly matcher: (globs: readonly string[]) => (topic: string) => boolean;
}

/**
 * Order of precedence: X-Kafka-* fields, the route with the longest matching prefix, the defaults.
 * Topics of configuration are always allowed; what a header names must pass the rules.
 *
 * @example
 * const route = createRouter({ config, matcher: topicMatcher });
 * const { requestTopic, timeoutMs } = route({ method: 'GET', target: '/orders', headers, directives: {} });
 */
export function createRouter({ config, matcher }: RouterOptions): Router {
  const routeOf = routeFinder(config.routes);
  const allowsRequestTopic = matcher(config.allowed_topics);
  const allowsResponseTopic = matcher(config.allowed_response_topics);
  const defaultTopic = defaultRequestTopic(config);
  const requestTopics = configuredRequestTopics(config);
  const responseTopics = configuredResponseTopics(config);
  // What the control topic and the dead letters are made of is nobody's to write or to read.
  const never = new Map<string, string>([[config.control_topic, 'is the control topic']]);
  if (config.dead_letter_topic !== undefined) {
    never.set(config.dead_letter_topic, 'is the dead-letter topic');
    never.set(marksTopic(config.dead_letter_topic), 'holds the marks of the dead-letter topic');
  }

  /** What is refused of any topic that a header names. */
  const check = (header: string, topic: string, allowed: boolean, key: string) => {
    checkName(header, topic);
    const why = never.get(topic);
    if (why !== undefined) refuse(topic, why);
    if (!allowed) refuse(topic, `is not in ${key}`);
    if (config.max_dynamic_topics === 0) refuse(topic, 'is not configured, and max_dynamic_topics is 0');
  };
  /** True where the topic is not a configured one. */
  const checkRequestTopic = (topic: string): boolean => {
    if (requestTopics.has(topic)) return false;
    if (responseTopics.has(topic)) refuse(topic, 'is a response topic');
    check('X-Kafka-Topic', topic, allowsRequestTopic(topic), 'allowed_topics');
    return true;
  };
  const checkResponseTopic = (topic: string): boolean => {
    if (responseTopics.has(topic)) return false;
    if (requestTopics.has(topic)) refuse(topic, 'is a request topic');
    check('X-Kafka-Reply-Topic', topic, allowsResponseTopic(topic), 'allowed_response_topics');
    return true;
  };

  return ({ method, target, headers, directives }) => {
    const route = routeOf(method, target);
    const requestTopic = directives.topic ?? route?.request_topic ?? defaultTopic;
    if (requestTopic === null)
      throw new BridgeError('no_route', 'No route matches the path and method of the request.');
    const responseTopic = directives.replyTopic ?? route?.response_topic ?? config.default_response_topic;
    const namesRequest = directives.topic !== undefined && checkRequestTopic(requestTopic);
    const namesReply = directives.replyTopic !== undefined && checkResponseTopic(responseTopic);
    if (requestTopic === responseTopic) refuse(requestTopic, 'cannot be both the request and the response topic');
    const timeoutSeconds =
      readSeconds('X-Kafka-Timeout', directives.timeout, config.max_timeout) ??
      route?.timeout ??
      config.default_timeout;
    // What is left of the request that this one is part of goes over all: nobody waits longer.
    const leftSeconds = readSeconds(TIME_LEFT_FIELD, directives.timeLeft, timeoutSeconds) ?? timeoutSeconds;
    return {
      requestTopic,
      responseTopic,
      timeoutMs: Math.ceil(leftSeconds * 1000),
      named: namesRequest || namesReply,
      route: route?.path,
      entry: route,
      ...(directives.topic !== undefined && { byHeader: true }),
      key: directives.key === undefined ? recordKey(route?.key, target, headers) : asReceived(directives.key),
      ...compressionOf(route?.compression ?? config.compression, headers),
    };
  };
}

function compressionOf(configured: Compression | 'none', headers: HeaderList): Pick<Destination, 'compression'> {
  return configured === 'none' || isEncoded(headers) ? {} : { compression: configured };
}

function checkName(header: string, topic: string): void {
  if (!isLegalTopic(topic)) {
    throw new BridgeError(
      'bad_request',
      `${header} must be a topic name: 1 to 249 of the characters a-z A-Z 0-9 . _ -`,
    );
  }
  if (isInternalTopic(topic)) refuse(topic, 'is internal to Kafka');
}

function refuse(topic: string, why: string): never {
  throw new BridgeError('topic_not_allowed', `Topic ${topic} ${why}.`);
}

function readSeconds(field: string, text: string | undefined, maxSeconds: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0) throw new BridgeError('bad_request', `${field} must be a number of seconds above 0.`);
  return Math.min(value, maxSeconds);
}

function recordKey(source: string | undefined, target: string, headers: HeaderList): Buffer | null {
  if (source === undefined) return null;
  const colon = source.indexOf(':');
  const kind = source.slice(0, colon);
  const name = source.slice(colon + 1);
  if (kind === 'header') return asReceived(headerValue(headers, name.toLowerCase()));
  const queryAt = target.indexOf('?');
  if (kind === 'query') {
    const value = queryAt < 0 ? null : new URLSearchParams(target.slice(queryAt)).get(name);
    return value === null ? null : Buffer.from(value);
  }
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  return asReceived(path.split('/')[Number(name)]);
}

/** The bytes of a text off the wire, where each character is one; nothing has no key. */
function asReceived(text: string | undefined): Buffer | null {
  return text ? Buffer.from(text, 'latin1') : null;
}

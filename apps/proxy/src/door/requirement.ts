import { isDeepStrictEqual } from 'node:util';
import { type AuthMethod, defaultRequirement, type ProxyConfig, type RouteConfig } from '@kafka-http-proxy/protocol';
import { defaultRequestTopic } from '../configured.js';

/** What a request has to show to go its way. */
export interface Requirement {
  /** One of these; null: nothing. An empty list lets nobody pass. */
  readonly methods: readonly AuthMethod[] | null;
  /** All of these. */
  readonly scopes: readonly string[];
}

/** A request on its way to a topic. */
export interface Bound {
  /** The route that it goes by; null: none. */
  readonly entry: RouteConfig | null;
  readonly requestTopic: string;
  /** True where it named that topic itself. */
  readonly byHeader: boolean;
  /** Its request-target. */
  readonly target: string;
}

/** What requests have to show. */
export type Requirements = (bound: Bound) => Requirement;

/**
 * By the route that a request goes by. Who names the topic himself also has to show what every route to that topic asks
 * for, or, where none leads there, what is asked for without a route: else X-Kafka-Topic would be a way round them. Who
 * comes by a path that a backend may take for another one, `/open/../orders`, has to show what all of them ask for.
 *
 * @example
 * const requirementOf = createRequirements(config);
 * requirementOf({ entry: route, requestTopic: 'orders', byHeader: false, target }).methods; // ['jwt']
 */
export function createRequirements(
  config: Pick<ProxyConfig, 'auth' | 'routes' | 'default_request_topic'>,
): Requirements {
  const usual: Requirement = { methods: notNone(defaultRequirement(config)), scopes: [] };
  const ofRoute = new Map<RouteConfig | null, Requirement>([[null, usual]]);
  for (const route of config.routes) {
    const methods = route.auth === undefined ? usual.methods : notNone(route.auth);
    ofRoute.set(route, { methods, scopes: route.scopes ?? [] });
  }
  const isSame = [...ofRoute.values()].every((one) => isDeepStrictEqual(one, usual));
  // A route of another configuration: nobody knows what it asks for, where something is asked for at all.
  const unknown = isSame && usual.methods === null ? usual : NOBODY;
  const plain = (entry: RouteConfig | null): Requirement => ofRoute.get(entry) ?? unknown;
  const toTopic = new Map<string, Requirement>();
  // Where no route matches there is a way, too.
  const defaultTopic = defaultRequestTopic(config);
  if (defaultTopic !== null) toTopic.set(defaultTopic, usual);
  for (const route of config.routes) {
    const before = toTopic.get(route.request_topic);
    toTopic.set(route.request_topic, before === undefined ? plain(route) : both(before, plain(route)));
  }
  // Topics may share a backend.
  const ofAll = [...toTopic.values()].reduce(both, NOTHING);
  return ({ entry, requestTopic, byHeader, target }) => {
    const ofPath = plain(entry);
    if (isSame) return ofPath;
    if (readsAsAnother(target)) return both(ofPath, ofAll);
    return byHeader ? both(ofPath, toTopic.get(requestTopic) ?? usual) : ofPath;
  };
}

const NOTHING: Requirement = { methods: null, scopes: [] };
const NOBODY: Requirement = { methods: [], scopes: [] };

/**
 * True for a path that is read in more ways than one (RFC 3986 §6.2): dot segments, empty ones, parameters, backslashes,
 * fragments, what ends in a dot or a blank, and escapes of characters that need none, of separators, of controls, of
 * escapes, and of bytes that no UTF-8 has.
 */
export function readsAsAnother(target: string): boolean {
  const queryAt = target.indexOf('?');
  return AMBIGUOUS.test(queryAt < 0 ? target : target.slice(0, queryAt));
}
const AMBIGUOUS =
  /\/\/|[^/](?:\.|%20)(?:\/|$)|\/\.{1,2}(?:\/|$)|[\\;#]|%(?:[01u]|25[0-9a-f]{2}|2[3def]|3[0-9bf]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9aef]|c[01])/i;

function notNone(methods: 'none' | readonly AuthMethod[]): readonly AuthMethod[] | null {
  return methods === 'none' || methods.length === 0 ? null : methods;
}

function both(one: Requirement, other: Requirement): Requirement {
  if (one === other) return one;
  const scopes = [...new Set([...one.scopes, ...other.scopes])];
  if (one.methods === null || other.methods === null) return { methods: one.methods ?? other.methods, scopes };
  return { methods: one.methods.filter((method) => other.methods?.includes(method)), scopes };
}

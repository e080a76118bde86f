import { isDeepStrictEqual } from 'node:util';
import {
  BridgeError,
  type HeaderList,
  type ProxyConfig,
  type RateLimitConfig,
  type RouteConfig,
  TokenRate,
} from '@kafka-http-proxy/protocol';
import { keyOf } from './bucket-key.js';
import { createBuckets, type Taken } from './buckets.js';
import { limitFields, policyOf, wholeSeconds } from './limit-fields.js';

/** How much each client may ask. */
export interface Limits {
  /**
   * Takes a token for a request.
   *
   * @param principal null: none was proved
   * @param clientAddress asked where it is needed; null: the connection is gone already
   * @param headers without what the client can't be believed
   * @returns fields of its answer, as a flat list; null where it has no limit
   * @throws {BridgeError} `rate_limited`, with such fields, where there is no token
   */
  take(
    request: Limited,
    principal: string | null,
    clientAddress: () => string | null,
    headers: HeaderList,
  ): readonly string[] | null;
  /** True where requests are counted by who sends them, so that this has to be known first. */
  byPrincipal(request: Limited): boolean;
  /** Goes by another configuration; buckets of limits that stay the same stay as they are. */
  change(config: LimitsConfig): void;
}

/** What of a request decides which limit it has. */
export interface Limited {
  /** The route that it goes by; left out: none. */
  readonly entry?: RouteConfig | undefined;
  readonly requestTopic: string;
  /** True where it named that topic itself. */
  readonly byHeader?: boolean;
}

/** What of the configuration limits are made of. */
export type LimitsConfig = Pick<ProxyConfig, 'rate_limit' | 'routes'>;

/** What limits need beside the configuration. */
export interface LimitsOptions {
  /** Ms of a clock that never goes back. */
  readonly nowMs: () => number;
  /** A request was refused. @param route its path in the configuration; `default`: it went by no route */
  readonly limited: (route: string) => void;
  /** Most buckets over all limits. Left out: 100,000, about 20 MB. */
  readonly most?: number;
}

const MOST_BUCKETS = 100_000;

/** One limit, as it is taken from. */
interface Policy {
  readonly limit: RateLimitConfig;
  readonly rate: TokenRate;
  /** Value of RateLimit-Policy. */
  readonly shown: string;
  /** What its keys begin with. */
  readonly prefix: string;
}

/**
 * Limits of this process alone: with three replicas a client may ask three times as much.
 *
 * What has no limit of its own shares one set of buckets, that of the top-level `rate_limit`, whatever routes it goes by.
 * Who names the topic himself goes by the limit of the routes to that topic, and never by none where there is a common
 * one: X-Kafka-Topic is no way round them.
 *
 * @example
 * const limits = createLimits(config, { nowMs: () => performance.now(), limited: metrics.rateLimited });
 * const fields = limits.take(destination, null, () => '192.0.2.7', headers);
 */
export function createLimits(first: LimitsConfig, { nowMs, limited, most = MOST_BUCKETS }: LimitsOptions): Limits {
  // One for all limits: how many routes there are says nothing of how much memory they may take.
  let buckets = createBuckets(most);
  let common: Policy | null = null;
  /** Of routes that have a word of their own. */
  let own = new Map<RouteConfig, Policy | null>();
  /** The strictest of those that lead to a topic. */
  let toTopic = new Map<string, Policy>();
  let made = 0;

  const policy = (limit: RateLimitConfig, previous: Policy | null | undefined): Policy => {
    if (previous && isDeepStrictEqual(previous.limit, limit)) return previous;
    const { requests, window, burst = requests } = limit;
    return { limit, rate: new TokenRate(requests / window, burst), shown: policyOf(limit), prefix: `${made++} ` };
  };
  const change = (config: LimitsConfig): void => {
    const before = own;
    own = new Map();
    toTopic = new Map();
    common = config.rate_limit === undefined ? null : policy(config.rate_limit, common);
    for (const route of config.routes) {
      const { rate_limit: limit } = route;
      if (limit === 'none') own.set(route, null);
      else if (limit !== undefined) {
        const found = policy(limit, policyOfSame(before, route));
        own.set(route, found);
        const other = toTopic.get(route.request_topic);
        if (other === undefined || perSecond(found) < perSecond(other)) toTopic.set(route.request_topic, found);
      }
    }
    if (common === null && own.size === 0) buckets = createBuckets(most);
  };
  change(first);

  const policyFor = ({ entry, requestTopic, byHeader }: Limited): Policy | null => {
    if (own.size === 0) return common;
    const found = entry === undefined ? undefined : own.get(entry);
    if (byHeader) return toTopic.get(requestTopic) ?? found ?? common;
    return found === undefined ? common : found;
  };
  return {
    take(request, principal, clientAddress, headers) {
      const by = policyFor(request);
      if (by === null) return null;
      const taken = buckets.take(by.prefix + keyOf(by.limit.by, principal, clientAddress, headers), by.rate, nowMs());
      if (taken.ok) return limitFields(by.shown, taken);
      limited(request.entry?.path ?? 'default');
      throw refusal(by, taken);
    },
    byPrincipal: (request) => policyFor(request)?.limit.by === 'principal',
    change,
  };
}

/** The policy that a route had before a reload, which makes all of them anew. */
function policyOfSame(before: ReadonlyMap<RouteConfig, Policy | null>, { path, methods }: RouteConfig): Policy | null {
  for (const [route, policy] of before) {
    if (route.path === path && isDeepStrictEqual(route.methods, methods)) return policy;
  }
  return null;
}

function perSecond({ limit: { requests, window } }: Policy): number {
  return requests / window;
}

function refusal({ limit, shown }: Policy, taken: Taken): BridgeError {
  const { requests, window } = limit;
  const detail = `No more than ${requests} requests in ${window} s are taken of one client.`;
  const retryAfter = ['Retry-After', String(wholeSeconds(taken.waitMs))];
  return new BridgeError('rate_limited', detail, { fields: [...retryAfter, ...limitFields(shown, taken)] });
}

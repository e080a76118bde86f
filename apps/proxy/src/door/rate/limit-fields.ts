import type { RateLimitConfig } from '@kafka-http-proxy/protocol';
import type { Taken } from './buckets.js';

/*
 * The fields by which clients learn of limits: draft-ietf-httpapi-ratelimit-headers-11. A request goes by one policy,
 * whose name is `default`.
 */

/**
 * The value of RateLimit-Policy.
 *
 * @example
 * policyOf({ by: 'client', requests: 100, window: 1 }); // '"default";q=100;w=1'
 */
export function policyOf({ requests, window }: RateLimitConfig): string {
  return `"default";q=${requests};w=${window}`;
}

/**
 * RateLimit-Policy and RateLimit. Their `t` is how many seconds it takes, rounded up, until there is another request
 * where none is left, and else until there are as many as after a rest.
 *
 * @param policy as of {@link policyOf}
 */
export function limitFields(policy: string, { left, waitMs, fullInMs }: Taken): string[] {
  const seconds = wholeSeconds(left > 0 ? fullInMs : waitMs);
  return ['RateLimit-Policy', policy, 'RateLimit', `"default";r=${left};t=${seconds}`];
}

/** Rounded up, but for what is less than a clock tells: a difference of two times may be a hair over a whole second. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000 - 1e-6);
}

import { z } from 'zod';
import { key } from '../keys/key.js';

const BY = 'principal, client or header:<name>';
/** Integers of structured fields have 15 digits (RFC 9651 §3.3.1); these leave room for sums. */
const AMOUNT = 'a whole number, 1 to 1000000000';
const amount = z.int(AMOUNT).min(1, AMOUNT).max(1_000_000_000, AMOUNT);
const WINDOW = 'a whole number of seconds, 1 to 31536000';

/** How much one of them may ask. */
const limit = z.strictObject(
  {
    by: key(z.string(BY).regex(/^(?:principal|client|header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/, BY), {
      about:
        'Whose requests are counted together: those of a principal, a client address (of IPv6 its /64), or a value of a header. Who has no principal or no such header is counted by address.',
    }),
    requests: key(amount, { about: 'Requests in a window, on average.' }),
    window: key(z.int(WINDOW).min(1, WINDOW).max(31_536_000, WINDOW).default(1), {
      about: 'Length of the window, whole seconds.',
    }),
    burst: key(amount.optional(), {
      about: 'Requests that may come at once, after a rest; as many as in a window when left out.',
    }),
  },
  'a section of by, requests, window and burst',
);

/** `rate_limit:` of the proxy. Left out: no limit. */
export const rateLimit = limit.optional();

/** `rate_limit:` of a route; none: no limit, whatever holds elsewhere. */
export const routeRateLimit = z
  .union([z.literal('none'), limit], 'none, or a section of by, requests, window and burst')
  .optional();

/** How many requests one may send. */
export type RateLimitConfig = z.infer<typeof limit>;

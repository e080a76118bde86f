import { z } from 'zod';
import { positiveCount, someSeconds } from '../keys/common.js';
import { key } from '../keys/key.js';

const BY = 'principal, client or header:<name>';

/** How much one of them may ask. */
const limit = z.strictObject(
  {
    by: key(z.string(BY).regex(/^(?:principal|client|header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/, BY), {
      about:
        'Whose requests are counted together: those of a principal, a client address, or a value of a header. Who has no principal or no such header is counted by address.',
    }),
    requests: key(positiveCount, { about: 'Requests in a window.' }),
    window: key(someSeconds.default(1), { about: 'Length of the window, seconds.' }),
    burst: key(positiveCount.optional(), {
      about: 'Requests that may come at once; as many as in a window when left out.',
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

import { z } from 'zod';
import { someSeconds } from './keys/common.js';
import { key } from './keys/key.js';

const SHARE = 'a share above 0 and below 1';
const REQUEST_RATE = 'a number of requests per second, 0 or more';

/** When requests are held off from a backend that fails; false: never. */
export const circuitBreaker = z.union(
  [
    z.literal(false),
    z.strictObject({
      threshold: key(z.number(SHARE).gt(0, SHARE).lt(1, SHARE).default(0.5), {
        about: 'Share of failures that opens the breaker.',
      }),
      window: key(someSeconds.default(30), { about: 'Seconds over which the share is taken.' }),
      min_rps: key(z.number(REQUEST_RATE).min(0, REQUEST_RATE).default(5), {
        about: 'Requests per second below which it stays closed.',
      }),
      half_open_after: key(someSeconds.default(5), { about: 'Seconds until a trial request is let through.' }),
    }),
  ],
  'false, or a section of threshold, window, min_rps and half_open_after',
);

import { z } from 'zod';
import { isToken } from '../../header-list.js';
import { key } from '../keys/key.js';

const ORIGIN = 'an origin as browsers send it (https://shop.example, without a path), or *';
const ORIGINS = 'a list of origins, or of * alone';
const origin = z.string(ORIGIN).refine(isOrigin, ORIGIN);
const MAX_AGE = 'a whole number of seconds, 0 to 86400';
const fieldName = z.string('a header name').refine(isToken, 'a header name');

const section = z
  .strictObject(
    {
      origins: key(
        z
          .array(origin, ORIGINS)
          .min(1, ORIGINS)
          .refine((list) => list.length === 1 || !list.includes('*'), ORIGINS),
        { about: 'Origins whose pages may read the problems of the proxy itself; * alone: all.' },
      ),
      credentials: key(z.boolean('true or false').default(false), {
        about: 'Whether pages may read them that send cookies or the like.',
      }),
      expose: key(z.array(fieldName, 'a list of header names').default([]), {
        about: 'Header fields that pages may read beside Retry-After, RateLimit and RateLimit-Policy.',
      }),
      max_age: key(z.int(MAX_AGE).min(0, MAX_AGE).max(86_400, MAX_AGE).optional(), {
        about:
          'Grant a preflight that ends in a problem, for so many seconds: the page can then read the problem of its request. Left out: the preflight gets the problem, and the page a network error.',
      }),
    },
    'a section of origins, credentials, expose and max_age',
  )
  .refine(({ origins, credentials }) => !credentials || !origins.includes('*'), {
    path: ['origins'],
    message: 'origins by name where credentials is true: browsers take no * then',
  });

/** `cors:` of the proxy: of the problems that it answers with itself. Left out: none. */
export const cors = section.optional();

/** `cors:` of a route; none: none, whatever holds elsewhere. */
export const routeCors = z
  .union([z.literal('none'), section], 'none, or a section of origins, credentials, expose and max_age')
  .optional();

/** Which pages may read the problems of the proxy. */
export type CorsConfig = z.infer<typeof section>;

/**
 * What a browser sends (RFC 6454 §6.2) is compared as text, so nothing else would ever match. `null` is none: any page
 * can make itself one.
 */
function isOrigin(text: string): boolean {
  if (text === '*') return true;
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,]+$/.test(text)) return false;
  // Of other schemes (an app's own) the parser knows no origin.
  return !/^https?:/.test(text) || (URL.canParse(text) && new URL(text).origin === text);
}

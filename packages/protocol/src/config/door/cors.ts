import { z } from 'zod';
import { isToken } from '../../header-list.js';
import { key } from '../keys/key.js';

const ORIGIN = 'an origin such as https://shop.example, or *';
const origin = z.string(ORIGIN).regex(/^(?:\*|https?:\/\/[^/?#@\s]+|null)$/, ORIGIN);
const fieldName = z.string('a header name').refine(isToken, 'a header name');

const section = z
  .strictObject(
    {
      origins: key(z.array(origin, `a list: ${ORIGIN}`).min(1, `one or more: ${ORIGIN}`), {
        about: 'Origins whose pages may read the problems of the proxy itself; * for all.',
      }),
      credentials: key(z.boolean('true or false').default(false), {
        about: 'Whether pages may read them that send cookies or the like.',
      }),
      expose: key(z.array(fieldName, 'a list of header names').default([]), {
        about: 'Header fields that pages may read beside those of problems.',
      }),
    },
    'a section of origins, credentials and expose',
  )
  .refine(({ origins, credentials }) => !credentials || !origins.includes('*'), {
    path: ['origins'],
    message: 'origins by name where credentials is true: browsers take no * then',
  });

/** `cors:` of the proxy: of the problems that it answers with itself. Left out: none. */
export const cors = section.optional();

/** `cors:` of a route; none: none, whatever holds elsewhere. */
export const routeCors = z
  .union([z.literal('none'), section], 'none, or a section of origins, credentials and expose')
  .optional();

/** Which pages may read the problems of the proxy. */
export type CorsConfig = z.infer<typeof section>;

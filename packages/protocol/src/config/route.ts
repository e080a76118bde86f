import { z } from 'zod';
import { isToken } from '../header-list.js';
import { authRequirement, scopes } from './door/auth.js';
import { routeCors } from './door/cors.js';
import { routeRateLimit } from './door/rate-limit.js';
import { compression, someSeconds, topicName } from './keys/common.js';
import { key } from './keys/key.js';

/** Where a route takes the record key from: a header, a query parameter or a path segment (counted from 1). */
const RECORD_KEY = 'header:<name>, query:<name> or path:<segment>';
const recordKey = z
  .string(RECORD_KEY)
  .regex(/^(?:header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|query:.+|path:[1-9]\d?)$/, RECORD_KEY);

const methods = z
  .array(z.string('an HTTP method').refine(isToken, 'an HTTP method'), 'a list of HTTP methods')
  .min(1, 'one HTTP method or more');

/** Requests that match the path prefix and the methods go by this entry; the longest prefix wins. */
export const routeConfig = z.strictObject({
  path: key(z.string('a path prefix that starts with /').startsWith('/', 'a path prefix that starts with /'), {
    about: 'Path prefix, compared as received; /orders matches /orders and /orders/1, not /orders2.',
  }),
  methods: key(methods.optional(), {
    about: 'Methods that match; all when left out.',
  }),
  request_topic: key(topicName, { about: 'Topic that the request is published to.' }),
  response_topic: key(topicName.optional(), {
    about: 'Topic that the reply is read from; default_response_topic when left out.',
  }),
  timeout: key(someSeconds.optional(), { about: 'Seconds to wait for the reply; default_timeout when left out.' }),
  key: key(recordKey.optional(), {
    about: 'Record key: header:<name>, query:<name> or path:<segment>. X-Kafka-Key goes before it.',
  }),
  compression: key(compression.optional(), {
    about: 'Compression of request bodies: none, lz4 or zstd; the common compression when left out.',
  }),
  auth: key(authRequirement.optional(), {
    about: 'What requests have to show: none, or one of a list of jwt, api_key and mtls; auth.require when left out.',
  }),
  scopes: key(scopes.optional(), { about: 'Scopes that they need, all of them.' }),
  rate_limit: key(routeRateLimit, {
    about: 'How many requests one may send by this route; none: no limit. The common rate_limit when left out.',
  }),
  cors: key(routeCors, {
    about: 'Which pages may read the proxy’s own problems here; none: none. The common cors when left out.',
  }),
});
/** One route, with every default. */
export type RouteConfig = z.infer<typeof routeConfig>;

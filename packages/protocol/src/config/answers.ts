import { z } from 'zod';
import { key } from './keys/key.js';

const boolean = z.boolean('true or false');

/** Keys of the proxy about what answers say beside what backends make them of. */
export const answerKeys = {
  request_id_header: key(boolean.default(true), {
    about: 'Answer with the X-Request-ID that the backend gets, where the reply has none of its own.',
    env: 'REQUEST_ID_HEADER',
    live: true,
    as: 'boolean',
  }),
  server_timing: key(boolean.default(false), {
    about: 'Answer with Server-Timing: ms in Kafka, in the queue, at the backend, and in all. Any client sees it.',
    env: 'SERVER_TIMING',
    live: true,
    as: 'boolean',
  }),
};

const SHARE = 'a share of 0 to 1';

/** Keys of the proxy about the line that it writes of each answer. */
export const accessLogKeys = {
  access_log: key(z.enum(['off', 'json', 'clf', 'combined'], 'off, json, clf or combined').default('off'), {
    about:
      'A line on standard output of each request: as JSON, in the Common Log Format, or combined, with Referer and User-Agent.',
    env: 'ACCESS_LOG',
    live: true,
  }),
  access_log_sample: key(z.number(SHARE).min(0, SHARE).max(1, SHARE).default(1), {
    about: 'Share of the requests answered below 400 that get a line; those that failed always do.',
    env: 'ACCESS_LOG_SAMPLE',
    live: true,
    as: 'number',
  }),
  access_log_query: key(boolean.default(false), {
    about: 'Write the query of targets and of Referer too, with whatever secrets clients put there.',
    env: 'ACCESS_LOG_QUERY',
    live: true,
    as: 'boolean',
  }),
};

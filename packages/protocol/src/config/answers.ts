import { z } from 'zod';
import { key } from './key.js';

const boolean = z.boolean('true or false');

/** Keys of the proxy about what answers say beside what backends make them of. */
export const answerKeys = {
  request_id_header: key(boolean.default(true), {
    about: 'Answer with the X-Request-ID that the backend gets, where the reply has none of its own.',
    env: 'REQUEST_ID_HEADER',
    as: 'boolean',
  }),
  server_timing: key(boolean.default(false), {
    about: 'Answer with Server-Timing: ms in the queue, at the backend, and in all. Any client sees it.',
    env: 'SERVER_TIMING',
    as: 'boolean',
  }),
};

import { z } from 'zod';
import { key } from './keys/key.js';

const boolean = z.boolean('true or false');

/** What of traces is not said by the standard OTEL_* variables: those switch them on. */
export const tracingKeys = z
  .strictObject(
    {
      trust_incoming: key(boolean.default(true), {
        about:
          'Go on with the trace of a client’s traceparent, and by its sampled flag. false: it is only linked, so that nobody outside can have requests recorded.',
        env: 'TRACING_TRUST_INCOMING',
        live: true,
        as: 'boolean',
      }),
      url_query: key(boolean.default(false), {
        about: 'Write the query of targets into spans too, with whatever secrets clients put there.',
        env: 'TRACING_URL_QUERY',
        live: true,
        as: 'boolean',
      }),
    },
    'a section of trust_incoming and url_query',
  )
  .prefault({});

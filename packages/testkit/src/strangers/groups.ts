import { ANSWER_CHECKS } from './attacks/answers.js';
import { BREAKER_CHECKS, SHORT_ATTEMPT, SHORT_TIMES } from './attacks/breaker.js';
import { LETTER_CHECKS } from './attacks/letters.js';
import { MEMORY_HTTP_CHECKS } from './attacks/memory-http.js';
import { BATCH_CHECKS, MEMORY_RECORD_CHECKS } from './attacks/memory-records.js';
import { PLACE_CHECKS } from './attacks/places.js';
import { openSlowReaders, SLOW_READER_CHECKS, type SlowReaders } from './attacks/slow-readers.js';
import type { Group } from './stage/check.js';
import { openAround, openShared, type Shared } from './stage/shared.js';
import { openTenants, type Tenants } from './stage/tenants.js';

const TENANTS: Group<Tenants> = { open: openTenants, checks: [...ANSWER_CHECKS, ...LETTER_CHECKS] };
const SHARED: Group<Shared> = {
  open: openShared,
  checks: [...PLACE_CHECKS, ...MEMORY_HTTP_CHECKS, ...MEMORY_RECORD_CHECKS],
};
const SHORT: Group<Shared> = {
  open: ({ kafka }) => openAround({ kafka, container: null, env: SHORT_TIMES, topicKeys: { timeout: SHORT_ATTEMPT } }),
  checks: BREAKER_CHECKS,
};
/** 400 MB of a batch are read whole by Kafka's client before we see the record: more than the container has. */
const ROOMY: Group<Shared> = { open: ({ kafka }) => openAround({ kafka, container: null }), checks: BATCH_CHECKS };

/** By themselves: what is measured is the memory of fresh processes. */
const SLOW: Group<SlowReaders> = { open: openSlowReaders, checks: SLOW_READER_CHECKS };

/** All checks, by the processes that they share. */
export const GROUPS: readonly Group[] = [TENANTS, SHARED, SHORT, ROOMY, SLOW];

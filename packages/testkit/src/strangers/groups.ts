import { ANSWER_CHECKS } from './answers.js';
import { BREAKER_CHECKS, SHORT_ATTEMPT, SHORT_TIMES } from './breaker.js';
import type { Group } from './check.js';
import { LETTER_CHECKS } from './letters.js';
import { MEMORY_HTTP_CHECKS } from './memory-http.js';
import { BATCH_CHECKS, MEMORY_RECORD_CHECKS } from './memory-records.js';
import { PLACE_CHECKS } from './places.js';
import { openAround, openShared, type Shared } from './shared.js';
import { openSlowReaders, SLOW_READER_CHECKS, type SlowReaders } from './slow-readers.js';
import { openTenants, type Tenants } from './tenants.js';

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

import type { MemoryBudget } from '@kafka-http-proxy/streams';

/** A budget that has room for all. */
export const NO_LIMIT: Pick<MemoryBudget, 'reserve' | 'release'> = { reserve: () => true, release: () => undefined };

import type { BenchContext } from '../../harness/bench-context.js';
import type { Worker } from '../../harness/worker.js';
import type { ClosedLoad, LoadResult } from '../../load/load-result.js';
import { runWrk } from '../../load/wrk.js';

/** Drives a closed loop to its end. */
export type Drive = (load: ClosedLoad) => Promise<LoadResult>;

/** By wrk, or by a client in Node where that is not installed. */
export function closedLoop(context: BenchContext, wrk: boolean): Drive {
  if (wrk) return runWrk;
  let client: Promise<Worker<'closed-client'>> | undefined;
  return async (load) => {
    client ??= context.worker('closed-client', {});
    return await (await client).call('run', load);
  };
}

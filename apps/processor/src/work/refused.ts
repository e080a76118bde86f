import { queuedBytes } from '@kafka-http-proxy/protocol';
import type { Release, Work, WorkEnd } from '../dispatch/work.js';
import type { Assignment } from '../partitions/assignment.js';
import type { Failed } from '../publish/outcome.js';
import type { Taken } from '../publish/taken.js';
import { type TellTools, tell } from './tell.js';

/** A record that no backend is to see: only its failure is published. */
export class Refused implements Work {
  readonly key = null;
  readonly repeatable = false;
  readonly correlationId: string | null;
  readonly bytes: number;
  readonly owner: Assignment;
  readonly deadlineMs: number;

  constructor(
    private readonly taken: Taken,
    private readonly failure: Failed,
    private readonly tools: TellTools,
  ) {
    this.correlationId = taken.correlationId;
    this.bytes = queuedBytes(taken.record.value, taken.record.headers, 0);
    this.owner = taken.assignment;
    this.deadlineMs = taken.deadlineMs;
  }

  async run(release: Release): Promise<WorkEnd> {
    const { taken } = this;
    const takenMs = this.tools.clock.now();
    taken.topic.metrics.taken(takenMs - taken.record.timestampMs);
    await tell({ taken, takenMs, asker: taken.asker }, this.failure, 0, release, this.tools);
    return 'done';
  }
}

import { STATUS_OF_CODE, shownId } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Outcome } from '../publish/outcome.js';
import type { Publish } from '../publish/publisher.js';
import type { Run } from '../publish/taken.js';
import { endProcess } from '../spans/process-span.js';
import { type Sampled, sampledOf } from '../spans/traced-run.js';
import { publishHandled } from './handled.js';

/** What the end of a record needs. */
export interface TellTools {
  readonly clock: Clock;
  readonly publish: Publish;
  /** What answers hold until Kafka has them is counted there. */
  readonly budget: Pick<MemoryBudget, 'force' | 'release'>;
}

/**
 * Says what came of a turn. What the turn holds is given back before: the backend has done its part.
 *
 * @param backendMs time spent in attempts at the backend
 */
export async function tell(
  run: Run,
  outcome: Outcome,
  backendMs: number,
  release: () => void,
  { publish, budget }: TellTools,
): Promise<void> {
  release();
  publishHandled(() => ({
    correlationId: shownId(run.taken.correlationId ?? ''),
    queueMs: Math.max(run.takenMs - run.taken.record.timestampMs, 0),
    backendMs,
    attempts: outcome.attempts,
    status: statusOf(outcome),
  }));
  const held = outcome.kind === 'answer' ? (outcome.body?.length ?? 0) : 0;
  budget.force('reply', held);
  await publish(run, outcome);
  budget.release('reply', held);
  const sampled = sampledOf(run.traced);
  if (sampled !== null) endSpan(run, sampled, outcome);
}

function endSpan({ taken }: Run, sampled: Sampled, outcome: Outcome): void {
  const { record, topic, assignment } = taken;
  const correlationId = taken.correlationId ?? '';
  const group = topic.config.consumer_group;
  // Of a partition that is not ours any more, somebody else carries it out.
  const error = assignment.released ? 'processor_lost' : outcome.kind === 'failed' ? outcome.code : null;
  const end = { record, correlationId, group, error } as const;
  if (outcome.kind === 'stream') void outcome.stream.ended.then(() => endProcess(sampled, end));
  else endProcess(sampled, end);
}

function statusOf(outcome: Outcome): number {
  if (outcome.kind === 'answer') return outcome.head.status;
  return outcome.kind === 'stream' ? outcome.stream.head.status : STATUS_OF_CODE[outcome.code];
}

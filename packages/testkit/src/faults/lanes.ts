import { type RealKafka, startKafka } from '../kafka/real-kafka.js';
import type { Cleanup } from '../machine/cleanup.js';
import type { Progress } from '../machine/progress.js';
import type { Fault } from './fault.js';
import type { FaultResult } from './run-fault.js';

/** One run on a cluster. */
export interface Run extends Pick<Fault, 'name' | 'brokers' | 'short'> {
  /** Nothing else runs beside it: it measures what the machine can do, or takes most of it. */
  readonly alone: boolean;
  run(kafka: RealKafka): Promise<FaultResult>;
}

/** Who is told of what goes on. */
export interface Desk {
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  tell(run: Run, result: FaultResult): void;
}

/**
 * Runs faults in lanes. Each lane has a Kafka of its own, so that one may break its broker beside others; most of a
 * fault is waiting. Then those that want the machine for themselves run, one after the other.
 */
export async function runAll(runs: readonly Run[], atOnce: number, desk: Desk): Promise<void> {
  const beside = runs.filter(({ alone }) => !alone);
  const lanes = Array.from({ length: Math.min(atOnce, beside.length) }, () => runLane(beside, desk));
  const ended = await Promise.allSettled(lanes);
  for (const lane of ended) if (lane.status === 'rejected') throw lane.reason;
  await runLane(
    runs.filter(({ alone }) => alone),
    desk,
  );
}

/** Takes runs off the list until it is empty; starts Kafka, and another one where a run needs more brokers. */
async function runLane(runs: Run[], { progress, cleanup, tell }: Desk): Promise<void> {
  let kafka: RealKafka | null = null;
  let brokers = 0;
  for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
    if (kafka === null || brokers !== run.brokers) {
      progress.say('starting Kafka');
      await kafka?.stop();
      kafka = await startKafka({
        forSpeed: true,
        brokers: run.brokers,
        serverProperties: replicated(run.brokers),
        relayed: run.brokers === 1,
        autoCreateTopics: false,
      });
      const started = kafka;
      cleanup.add(() => started.stop());
      brokers = run.brokers;
    }
    progress.say(run.name);
    tell(run, await run.run(kafka));
  }
  await kafka?.stop();
}

function replicated(brokers: number): Record<string, number> {
  if (brokers === 1) return {};
  return { 'default.replication.factor': 3, 'min.insync.replicas': 2, 'offsets.topic.replication.factor': 3 };
}

import { createTopics, deleteTopics, freshName } from '../../harness/topics.js';
import { type Entry, measured, type Section } from '../../report/outcome.js';
import { type BenchRun, onceSeconds } from '../measuring/bench-run.js';

/** Two hops of Kafka without HTTP: what no bridge can be faster than. */
export async function measurePing({ context, options }: BenchRun): Promise<Section> {
  const broker = await context.broker();
  const name = freshName();
  const [there, back] = [`${name}-there`, `${name}-back`];
  await createTopics(broker, [there, back]);
  const echo = await context.worker('echo', { broker, there, back });
  const ping = await context.worker('ping', { broker, there, back });
  context.progress.say('ping: warming up');
  await ping.call('run', 256, options.warmUpSeconds);
  const entries: Entry[] = [];
  for (const inFlight of [1, 64, 256]) {
    context.progress.say(`ping: ${inFlight} in flight`);
    const { perSecond, p50Ms, p99Ms } = await ping.call('run', inFlight, onceSeconds(options));
    entries.push(
      measured(`${inFlight} in flight: round trips`, perSecond, '/s'),
      measured(`${inFlight} in flight: p50`, p50Ms, 'ms'),
      measured(`${inFlight} in flight: p99`, p99Ms, 'ms'),
    );
  }
  await Promise.all([ping.stop(), echo.stop()]);
  await deleteTopics(broker, [there, back]);
  return { title: 'ping: two hops of Kafka, no HTTP', entries };
}

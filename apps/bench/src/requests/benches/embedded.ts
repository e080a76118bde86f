import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import type { BenchContext } from '../../harness/bench-context.js';
import { checked, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost, failedOf, figureOf } from '../measuring/compare.js';
import { measureRounds } from '../measuring/measure.js';
import { PARTITIONS, SMALL, warmUp } from '../measuring/pair.js';
import { openBridge } from '../measuring/subject.js';

/** Latency on the broker that the first run of a newcomer has. */
export async function measureEmbedded(run: BenchRun): Promise<Section> {
  const { options, backend } = run;
  const context = await onEmbeddedBroker(run.context);
  const bridge = await openBridge(context, { backend, partitions: PARTITIONS, env: options.env });
  const embedded = { ...run, context };
  const { seconds } = options;
  const load = { ...SMALL, connections: 1, seconds };
  await warmUp(embedded, { bridge });
  const alone = await measureRounds(embedded, { bridge }, load, { rounds: options.rounds, doing: 'embedded' });
  const many = await measureRounds(
    embedded,
    { bridge },
    { ...load, connections: 64 },
    { rounds: options.rounds, doing: 'embedded, 64 connections' },
  );
  const complaints = bridge.complaints();
  await bridge.close();
  const failed = failedOf(alone) + failedOf(many);
  return {
    title: 'embedded broker',
    entries: [
      figureOf('1 connection: p50', alone.bridge, ({ p50Ms }) => p50Ms, 'ms', atMost(6)),
      figureOf('1 connection: p99', alone.bridge, ({ p99Ms }) => p99Ms, 'ms'),
      figureOf('64 connections: throughput', many.bridge, ({ perSecond }) => perSecond, '/s'),
      figureOf('64 connections: p50', many.bridge, ({ p50Ms }) => p50Ms, 'ms'),
      checked('all answered', failed === 0, `${failed} failed`),
    ],
    complaints,
  };
}

/** The same context, on an embedded broker in a process of its own. */
async function onEmbeddedBroker(context: BenchContext): Promise<BenchContext> {
  const worker = await context.worker('embedded-broker', {});
  const broker: BrokerUnderTest = { kind: 'embedded', ...(await worker.call('address')) };
  return {
    ...context,
    broker: async () => broker,
    withBroker: (others) => new Map([...others, ['broker', worker.pid]]),
  };
}

import { type ServiceProcess, startBridge } from '@kafka-http-proxy/testkit';
import { deleteTopics } from '../../harness/topics.js';
import { checked, type Entry, measured, type Section } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import { type BenchRun, onceSeconds } from '../measuring/bench-run.js';
import { atMost } from '../measuring/compare.js';
import { SMALL } from '../measuring/pair.js';

const CONNECTIONS = 64;

/** Proxies, and partitions of the response topic that they share; the last has fewer than there are proxies. */
const CASES = [
  { proxies: 1, partitions: 4, target: atMost(1.1) },
  { proxies: 2, partitions: 4, target: atMost(1.1) },
  { proxies: 4, partitions: 4, target: atMost(1.1) },
  { proxies: 4, partitions: 1, target: null },
];

/** What each proxy reads of a response topic that it shares with others, relative to the replies that are its own. */
export async function measureProxies(run: BenchRun): Promise<Section> {
  const entries: Entry[] = [];
  for (const one of CASES) entries.push(...(await measureCase(run, one)));
  return { title: `proxies: on one response topic, ${CONNECTIONS} connections in all`, entries };
}

async function measureCase(run: BenchRun, { proxies: count, partitions, target }: (typeof CASES)[number]) {
  const { context, options, backend, drive } = run;
  const at = `${count} on ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}:`;
  context.progress.say(`proxies: starting ${count}`);
  const broker = await context.broker();
  const env = { ...options.env, KAFKA_TOPIC_PARTITIONS: String(partitions) };
  const bridge = await startBridge({ broker, backendUrl: backend, both: env, proxy: { INSTANCE_ID: 'proxy-0' } });
  context.cleanup.add(() => bridge.close());
  for (let i = 1; i < count; i++) await bridge.startProxy({ INSTANCE_ID: `proxy-${i}` });

  const load = async (seconds: number) => {
    context.progress.say(`proxies: ${count} of them, ${partitions} partitions`);
    return await Promise.all(
      bridge.proxies.map(({ port }) =>
        drive({ ...SMALL, url: `http://127.0.0.1:${port}/small`, connections: CONNECTIONS / count, seconds }),
      ),
    );
  };
  await load(Math.ceil(options.warmUpSeconds / 2));
  const before = await Promise.all(bridge.proxies.map(repliesOf));
  const results = await load(onceSeconds(options));
  const after = await Promise.all(bridge.proxies.map(repliesOf));
  const read = after.map(({ own, others }, i) => {
    const ownNow = own - (before[i]?.own ?? 0);
    return (ownNow + others - (before[i]?.others ?? 0)) / ownNow;
  });
  await bridge.close();
  await deleteTopics(broker, [bridge.requestTopic, bridge.responseTopic, bridge.deadLetterTopic, bridge.controlTopic]);
  const failed = results.reduce((sum, one) => sum + one.failed, 0);
  return [
    measured(
      `${at} throughput`,
      results.reduce((sum, one) => sum + one.perSecond, 0),
      '/s',
    ),
    measured(`${at} p99`, median(results.map(({ p99Ms }) => p99Ms)), 'ms'),
    measured(`${at} read / own replies`, Math.max(...read), 'ratio', { runs: read, target }),
    checked(`${at} all answered`, failed === 0, `${failed} failed`),
  ];
}

/** Records of the response topic that a proxy has read so far, by its own counters; all have one size here. */
async function repliesOf(proxy: ServiceProcess): Promise<{ readonly own: number; readonly others: number }> {
  const names = ['proxy_foreign_replies_total', 'proxy_late_replies_total', 'proxy_malformed_replies_total'];
  const others = await Promise.all(names.map((name) => proxy.metric(name)));
  const own = await proxy.metric('proxy_kafka_latency_seconds_count');
  return { own, others: others.reduce((sum, count) => sum + count, 0) };
}

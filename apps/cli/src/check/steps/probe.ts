import {
  createCanary,
  createProducer,
  KafkaSendError,
  type OutgoingRecord,
  type RecordProducer,
  type WrittenAt,
} from '@kafka-http-proxy/kafka';
import { type CheckStep, describeTopicLine, type Finding, grantLine, topicConfigLine } from '@kafka-http-proxy/operate';
import type { ProcessorConfig, ProxyConfig } from '@kafka-http-proxy/protocol';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { topicUses } from '../../connection/topic-uses.js';
import { type Access, scopeOf } from '../given/access.js';

const TIMEOUT_MS = 10_000;
/** What a record needs above value and headers: what the producers reckon with, bytes. */
const OVERHEAD_BYTES = 40_000;
/** Name of the header that makes a canary large. Its value stays that of a canary, by which readers know it. */
const PADDING = 'khp-probe';

/** Records to the topics that this way both writes and reads, and back. */
export function probeSteps(access: Access): CheckStep[] {
  const { tiers } = access.connection;
  const topics = [
    ...new Set(tiers.flatMap((one) => (one.tier === 'proxy' ? repliesOf(one.config) : controlOf(one.config)))),
  ];
  const requests = topicUses(tiers).filter(({ role }) => role === 'requests');
  const step = (
    id: string,
    needs: string[],
    judge: (producer: RecordProducer, topic: string) => Promise<Finding>,
  ): CheckStep => ({
    id,
    ...scopeOf(access),
    needs,
    look: async () => await withProducer(access, topics, judge),
  });
  return [
    step(
      'probe.round-trip',
      ['kafka.login', 'access.groups'],
      async (producer, topic) => await judgeTrip(access, producer, topic),
    ),
    step(
      'probe.size',
      ['kafka.login', 'access.groups', 'probe.round-trip'],
      async (producer, topic) => await judgeSize(access, producer, topic),
    ),
    {
      id: 'probe.requests',
      ...scopeOf(access),
      needs: ['kafka.login'],
      look: () =>
        requests.map(
          ({ name }): Finding => ({
            state: 'skip',
            what: `${name}: the client cannot ask for its size limit; send one with "kafka-http-proxy request --data-binary @big"`,
          }),
        ),
    },
  ];
}

/** A proxy reads and writes its response topics. */
function repliesOf(config: ProxyConfig): string[] {
  return topicUses([{ tier: 'proxy', source: '', config }])
    .filter(({ role }) => role === 'replies')
    .map(({ name }) => name);
}

/** A processor reads and writes the control topic. */
function controlOf({ control_topic: control, max_streams: streams }: ProcessorConfig): string[] {
  return streams > 0 ? [control] : [];
}

async function withProducer(
  access: Access,
  topics: readonly string[],
  judge: (producer: RecordProducer, topic: string) => Promise<Finding>,
): Promise<Finding[]> {
  const { topics: known } = await (await access.inspector()).cluster();
  const there = topics.filter((topic) => known.has(topic));
  const absent = topics
    .filter((topic) => !known.has(topic))
    .map((topic): Finding => ({ state: 'skip', what: `${topic} is not there` }));
  if (there.length === 0) return absent;
  const signal = timeoutSignal(TIMEOUT_MS);
  const producer = await createProducer(access.connection.settings, {
    messageTimeoutMs: TIMEOUT_MS,
    createsTopics: false,
    signal,
  });
  try {
    const findings: Finding[] = [];
    for (const topic of there) findings.push(await judge(producer, topic));
    return [...findings, ...absent];
  } finally {
    await producer.close(1000);
  }
}

async function judgeTrip(access: Access, producer: RecordProducer, topic: string): Promise<Finding> {
  const { id, record } = createCanary({ topic, partition: 0 });
  try {
    // The first one pays for what clients have to learn of a topic.
    await send(producer, createCanary({ topic, partition: 0 }).record);
    const startedAt = performance.now();
    const at = await send(producer, record);
    const found = await (await access.inspector()).recordAt({ topic, ...at });
    const ms = Math.ceil(performance.now() - startedAt);
    const isOurs =
      found?.headers.some((header) => Object.values(header).some((value) => String(value) === id)) === true;
    const fix = describeTopicLine(access.target, topic);
    if (!isOurs) return { state: 'FAIL', what: `${topic}: what was written did not come back`, fix, blocks: false };
    return {
      state: 'ok',
      what: `${topic}: written and read back in ${ms} ms`,
      figures: { [`trip ${topic}`]: { value: ms, unit: 'ms' } },
    };
  } catch (error) {
    return refusal(access, topic, error);
  }
}

async function judgeSize(access: Access, producer: RecordProducer, topic: string): Promise<Finding> {
  const { maxRecordBytes } = access.connection.settings;
  const { record } = createCanary({ topic, partition: 0 });
  const used = (record.value?.length ?? 0) + Buffer.byteLength(JSON.stringify(record.headers)) + PADDING.length;
  const padding = { [PADDING]: Buffer.alloc(Math.max(0, maxRecordBytes - used), 'x') };
  try {
    await send(producer, { ...record, headers: [...record.headers, padding] });
    return { state: 'ok', what: `${topic} takes a record of max_record_bytes, ${maxRecordBytes}` };
  } catch (error) {
    return refusal(access, topic, error);
  }
}

function refusal({ target, principal, connection }: Access, topic: string, error: unknown): Finding {
  if (!(error instanceof KafkaSendError)) throw error;
  const { maxRecordBytes } = connection.settings;
  if (error.failure === 'too_large') {
    const fix = topicConfigLine(target, topic, 'max.message.bytes', String(maxRecordBytes + OVERHEAD_BYTES));
    return {
      state: 'FAIL',
      what: `${topic} refuses a record of max_record_bytes, ${maxRecordBytes}`,
      fix,
      blocks: false,
    };
  }
  const what = `${topic}: not written. ${error.message}`;
  if (error.failure !== 'not_authorized')
    return { state: 'FAIL', what, fix: describeTopicLine(target, topic), blocks: false };
  const fix = grantLine(target, { resource: 'topic', name: topic, operations: ['Write'] }, principal);
  return { state: 'FAIL', what, fix, blocks: false };
}

function send(producer: RecordProducer, record: OutgoingRecord): Promise<WrittenAt> {
  return new Promise((resolve, reject) => {
    producer.send(record, (error, at) =>
      error || at === undefined ? reject(error ?? new Error('no offset')) : resolve(at),
    );
  });
}

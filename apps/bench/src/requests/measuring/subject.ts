import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import type { BenchContext } from '../../harness/bench-context.js';
import { openTarget } from '../../harness/target.js';
import { createTopics, deleteTopics, freshName } from '../../harness/topics.js';

/** Something between the client and the backend that is measured. */
export interface Subject {
  readonly origin: string;
  /** Its processes: proxy and processor. */
  readonly pids: ReadonlyMap<string, number>;
  /** Warnings and errors that it logged. */
  complaints(): string[];
  close(): Promise<void>;
}

export interface SubjectOptions {
  readonly backend: string;
  /** Of the request topic and the response topic. */
  readonly partitions: number;
  /** Variables of both tiers of the bridge. */
  readonly env: Readonly<Record<string, string>>;
  /** Further keys of the bridge's topic. */
  readonly topicKeys?: Readonly<Record<string, unknown>> | undefined;
  /** Where profiles go, and the beginning of their names. */
  readonly profile?: string | undefined;
  /** PEM file of who issued the certificates, where its ports speak TLS. */
  readonly ca?: string | undefined;
}

/** Proxy and processor, as they are: with their defaults. */
export async function openBridge(context: BenchContext, options: SubjectOptions): Promise<Subject> {
  const target = await openTarget(context, { ...options, direct: false });
  return {
    origin: target.origin,
    pids: new Map([...target.services].map(([name, { child }]) => [name, child.pid ?? -1])),
    complaints: () => target.complaints(),
    close: () => target.close(),
  };
}

/** The pair that only forwards, on topics of its own. */
export async function openFloor(context: BenchContext, options: SubjectOptions): Promise<Subject> {
  const broker: BrokerUnderTest = await context.broker();
  const name = freshName();
  const topics = { requestTopic: `${name}-requests`, responseTopic: `${name}-responses` };
  context.progress.say('starting the floor');
  await createTopics(broker, Object.values(topics), options.partitions);
  const processor = await context.worker('forwarding-processor', { broker, ...topics, backend: options.backend });
  const proxy = await context.worker('forwarding-proxy', { broker, ...topics });
  const origin = await proxy.call('origin');
  // Its group is joined when the first answer comes.
  await fetch(`${origin}/small`).then((response) => response.arrayBuffer());
  return {
    origin,
    pids: new Map([
      ['proxy', proxy.pid],
      ['processor', processor.pid],
    ]),
    complaints: () => [],
    async close() {
      await Promise.all([proxy.stop(), processor.stop()]);
      await deleteTopics(broker, Object.values(topics));
    },
  };
}

import type { TopicState } from '@kafka-http-proxy/protocol';
import type { ConfigStatus } from '@kafka-http-proxy/service';
import type { Topic } from '../attempts/topic.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { PauseReason } from '../dispatch/work.js';
import type { KafkaLink } from '../kafka/link.js';
import type { Assignments } from '../partitions/assignment.js';
import type { HealthProbes } from './health-probes.js';

export interface StatusSources {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly link: Pick<KafkaLink, 'consumers'>;
  readonly assignments: Assignments;
  readonly dispatcher: Dispatcher;
  readonly probes: Pick<HealthProbes, 'up'>;
  readonly running: () => boolean;
  readonly configStatus: () => ConfigStatus;
}

/** What GET /ready answers. */
export interface Readiness {
  readonly ready: boolean;
  /** Why no request is taken: a sentence each. */
  readonly reasons: string[];
  /** What is wrong though requests are taken: a sentence each. */
  readonly notes: string[];
}

/** Whether requests are taken, and what somebody should know. @param running false once a stop has begun */
export function readiness({ link, dispatcher, topics, refusals }: ReadinessSources, running: boolean): Readiness {
  const reasons = running ? link.troubles() : ['shutting down'];
  const notes = [...link.notes(), ...pauseNotes(topics.keys(), dispatcher), ...refusals.notes()];
  return { ready: reasons.length === 0, reasons, notes };
}

interface ReadinessSources {
  readonly link: Pick<KafkaLink, 'troubles' | 'notes'>;
  readonly dispatcher: Pick<Dispatcher, 'pausedBy'>;
  readonly topics: ReadonlyMap<string, unknown>;
  readonly refusals: { notes(): string[] };
}

/** What GET /status answers: 1.0.1's fields, and of each topic what an operator asks next. */
export function status({
  topics,
  link,
  assignments,
  dispatcher,
  probes,
  running,
  configStatus,
}: StatusSources): object {
  const protocols = new Map(link.consumers().map((consumer) => [consumer.group, consumer.protocol()]));
  return {
    running: running(),
    ...configStatus(),
    configured_topics: topics.size,
    active_consumers: activeConsumers(link),
    topics: Object.fromEntries(
      [...topics].map(([name, { config, breaker }]) => [
        name,
        {
          backend_url: config.backend_url,
          response_topic: config.response_topic,
          consumer_group: config.consumer_group,
          group_protocol: protocols.get(config.consumer_group) ?? null,
          backend_up: probes.up(name),
          breaker: breaker.state(),
          partitions: assignments.partitionsOf(name),
          lag: lagOf(link, name),
          in_flight: dispatcher.open(name),
          paused: dispatcher.pausedBy(name).length > 0,
          paused_by: dispatcher.pausedBy(name),
        },
      ]),
    ),
  };
}

/** Records of a topic that were not read yet, as the last statistics had it. */
export function lagOf(link: Pick<KafkaLink, 'consumers'>, topic: string): number {
  const lags = link.consumers().flatMap((consumer) => consumer.lag());
  return lags.reduce((sum, one) => (one.topic === topic ? sum + Math.max(0, one.lag) : sum), 0);
}

/** The answer to a proxy that asks about a request topic; null for one that is not ours. */
export function topicStates(
  { topics, assignments, dispatcher }: Pick<StatusSources, 'topics' | 'assignments' | 'dispatcher'>,
  lag: (topic: string) => number,
): (topic: string) => TopicState | null {
  return (topic) => {
    const known = topics.get(topic);
    if (known === undefined) return null;
    return {
      reads: true,
      partitions: assignments.partitionsOf(topic).length,
      open: dispatcher.open(topic),
      lag: lag(topic),
      unhealthy: known.breaker.state() !== 'closed',
    };
  };
}

/** Of each paused topic why: a sentence for /ready, which stays 200, since the others are served. */
function pauseNotes(topics: Iterable<string>, dispatcher: Pick<Dispatcher, 'pausedBy'>): string[] {
  return [...topics].flatMap((topic) => {
    const reasons = dispatcher.pausedBy(topic).map((reason) => WHY_PAUSED[reason]);
    return reasons.length === 0 ? [] : [`topic ${topic} is paused: ${reasons.join(', and ')}`];
  });
}

const WHY_PAUSED: Readonly<Record<PauseReason, string>> = {
  pressure: 'too many of its requests are unfinished',
  unhealthy: 'its backend fails often (on_unhealthy: pause)',
};

/** Consumers that have their assignment and read. */
export function activeConsumers(link: Pick<KafkaLink, 'consumers'>): number {
  return link.consumers().filter((consumer) => consumer.healthy()).length;
}

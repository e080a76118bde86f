import { shellWord } from './shell-word.js';

/* Repairs as lines for a shell, by the tools that Kafka comes with. https://kafka.apache.org/documentation/#basic_ops */

/** Where Kafka's tools are sent to. */
export interface ToolTarget {
  readonly bootstrapServers: string;
  /** File that says how an administrator logs in; null where nobody has to. */
  readonly commandConfig: string | null;
}

/** A topic as it is to be made. */
export interface TopicOrder {
  readonly name: string;
  /** -1: the brokers' default. */
  readonly partitions: number;
  /** -1: the brokers' default. */
  readonly replicationFactor: number;
  /** Topic configuration, such as `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

/** Operations that somebody lacks on a resource. */
export interface Grant {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly string[];
}

/** One of Kafka's tools, sent to a cluster. */
function toolLine(tool: string, { bootstrapServers, commandConfig }: ToolTarget, ...rest: readonly string[]): string {
  const login = commandConfig === null ? [] : ['--command-config', commandConfig];
  return [tool, ...['--bootstrap-server', bootstrapServers, ...login, ...rest].map(shellWord)].join(' ');
}

/** Makes a topic. */
export function createTopicLine(
  target: ToolTarget,
  { name, partitions, replicationFactor, config }: TopicOrder,
): string {
  return toolLine(
    'kafka-topics',
    target,
    '--create',
    '--topic',
    name,
    ...(partitions > 0 ? ['--partitions', String(partitions)] : []),
    ...(replicationFactor > 0 ? ['--replication-factor', String(replicationFactor)] : []),
    ...Object.entries(config).flatMap(([property, value]) => ['--config', `${property}=${value}`]),
  );
}

/** Raises the number of partitions of a topic. */
export function partitionsLine(target: ToolTarget, topic: string, partitions: number): string {
  return toolLine('kafka-topics', target, '--alter', '--topic', topic, '--partitions', String(partitions));
}

/** Shows where the replicas of topics are. @param topic a name, or several with `|` between */
export function describeTopicLine(target: ToolTarget, topic: string): string {
  return toolLine('kafka-topics', target, '--describe', '--topic', topic);
}

/** Sets a topic's own configuration. */
export function topicConfigLine(target: ToolTarget, topic: string, property: string, value: string): string {
  const entity = ['--entity-type', 'topics', '--entity-name', topic];
  return toolLine('kafka-configs', target, '--alter', ...entity, '--add-config', `${property}=${value}`);
}

/** Sets the password of a SCRAM user to what the variable PASSWORD of the shell holds: no secret is printed. */
export function scramPasswordLine(target: ToolTarget, mechanism: string, user: string): string {
  const entity = ['--entity-type', 'users', '--entity-name', user];
  return `${toolLine('kafka-configs', target, '--alter', ...entity, '--add-config')} "${mechanism}=[password=$PASSWORD]"`;
}

/** Allows what is denied. @param principal without `User:`; null when it is not known */
export function grantLine(target: ToolTarget, { resource, name, operations }: Grant, principal: string | null): string {
  return toolLine(
    'kafka-acls',
    target,
    '--add',
    '--allow-principal',
    `User:${principal ?? 'PRINCIPAL'}`,
    ...operations.flatMap((operation) => ['--operation', operation]),
    `--${resource}`,
    name,
  );
}

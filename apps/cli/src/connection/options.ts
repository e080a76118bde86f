import type { Command } from 'commander';

/** What all commands take that talk to Kafka. */
export interface ConnectionFlags {
  /** Files of the proxy or the processor. */
  readonly config?: readonly string[];
  readonly bootstrapServers?: string;
  /** `name=value`, librdkafka's properties. */
  readonly property?: readonly string[];
}

/** Collects an option that may be repeated. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Adds the options that say where Kafka is; `-X` may mean something else to the command. */
export function withConnection(command: Command, property = '-X, --property <name=value>'): Command {
  return command
    .option('-c, --config <file>', 'a configuration of the proxy or the processor; may be repeated', repeated)
    .option('-b, --bootstrap-servers <list>', 'brokers, host:port separated by commas; wins over the configuration')
    .option(property, 'a property of librdkafka; may be repeated', repeated);
}

import { Counter, type Registry } from 'prom-client';
import { createFloodGuard } from '../log/flood-guard.js';
import type { Logger } from '../log/logger.js';

/** What the Kafka clients of a process report: of the shape of `KafkaEvents` in packages/kafka, which is not imported. */
export interface KafkaClientEvents {
  error(client: string, error: { readonly name: string; readonly message: string; readonly fatal: boolean }): void;
  log(client: string, level: number, message: string): void;
  restarted(client: string, reason: string): void;
}

/** syslog's error level: librdkafka's lines up to it are logged as warnings, since it goes on by itself. */
const SYSLOG_ERROR = 3;

/**
 * Counts and logs what the Kafka clients report; each service has it once.
 *
 * @example
 * const settings = { ...connection, events: createKafkaEvents({ logger, registry }) };
 */
export function createKafkaEvents({ logger, registry }: { logger: Logger; registry: Registry }): KafkaClientEvents {
  const errors = new Counter({
    name: 'kafka_client_errors_total',
    help: 'Errors that the Kafka clients reported, by client and by the name of the error.',
    labelNames: ['client', 'error'] as const,
    registers: [registry],
  });
  const restarts = new Counter({
    name: 'kafka_client_restarts_total',
    help: 'Kafka clients that were given up and made anew, by client.',
    labelNames: ['client'] as const,
    registers: [registry],
  });
  // Also one for each topic that a request names and Kafka refuses.
  const flood = createFloodGuard(logger);
  return {
    error(client, error) {
      errors.inc({ client, error: error.name });
      const facts = { client, error: error.name, fatal: error.fatal };
      flood.warn(`${client} ${error.name}`, facts, `Kafka: ${error.message}`);
    },
    log(client, level, message) {
      if (level <= SYSLOG_ERROR) logger.warn({ client }, message);
      else logger.debug({ client }, message);
    },
    restarted(client, reason) {
      restarts.inc({ client });
      logger.warn({ client }, `the ${client} was made anew: ${reason}`);
    },
  };
}

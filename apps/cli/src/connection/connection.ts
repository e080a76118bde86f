import type { KafkaEvents, KafkaInspector, KafkaSettings } from '@kafka-http-proxy/kafka';
import { printable } from '@kafka-http-proxy/operate';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { CommandFailure, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { loadConfigurations, type TierConfig } from './configurations.js';
import type { ConnectionFlags } from './options.js';

/** How a command reaches Kafka, and what it knows of the tiers. */
export interface Connection {
  /** What was configured; empty where only `-b` was given. */
  readonly tiers: readonly TierConfig[];
  readonly settings: KafkaSettings;
  /** Aborted when a broker has refused a login or a certificate: trying on is of no use. */
  readonly refused: AbortSignal;
  /** What the clients said went wrong, the last of each kind, newest last; then why no broker can be used. */
  troubles(): readonly string[];
}

/** How long a command tries to reach Kafka, ms. */
export const CONNECT_MS = 10_000;
/** After this somebody at a terminal is told what is waited for, ms. */
const SILENT_MS = 2_000;

/**
 * Works out where Kafka is: `-b` and `-X` win over the configuration, of which the first file counts.
 *
 * @throws ConfigError, CommandFailure about the command line
 */
export async function connectionOf(flags: ConnectionFlags, { environment }: Host): Promise<Connection> {
  const given = flags.config ?? [];
  const loaded = loadConfigurations(given, environment);
  const { kafka } = (loaded[0] as TierConfig).config;
  // Brokers alone say nothing of the tiers; their variables only how to log in.
  return await connectionTo(kafka, given.length === 0 && flags.bootstrapServers !== undefined ? [] : loaded, flags);
}

/** {@link connectionOf} for what was loaded already. @throws CommandFailure where librdkafka refuses a property */
export async function connectionTo(
  kafka: TierConfig['config']['kafka'],
  tiers: readonly TierConfig[],
  flags: ConnectionFlags,
): Promise<Connection> {
  const properties = { ...kafka.properties, ...propertiesOf(flags.property ?? []) };
  const { max_record_bytes: maxRecordBytes } = kafka;
  const { judgeProperties, listenToLink } = await import('@kafka-http-proxy/kafka');
  const [wrong] = await judgeProperties({ properties, maxRecordBytes });
  if (wrong !== undefined) throw mistake(`${wrong.path.join('.')}: ${wrong.sentence}`);
  const troubles = new Map<string, string>();
  const events: KafkaEvents = {
    error(_client, { name, message }) {
      troubles.delete(name);
      troubles.set(name, message);
    },
    log: () => undefined,
    restarted: () => undefined,
  };
  const refused = new AbortController();
  const link = listenToLink(
    {
      bootstrapServers: flags.bootstrapServers ?? kafka.bootstrap_servers,
      clientId: 'kafka-http-proxy-cli',
      properties,
      maxRecordBytes,
      events,
    },
    () => refused.abort(),
  );
  return {
    tiers,
    settings: link.settings,
    refused: refused.signal,
    troubles: () => [...troubles.values(), ...(link.trouble() === null ? [] : [link.trouble() as string])],
  };
}

function propertiesOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw mistake(`-X: name=value was expected, ${JSON.stringify(text)} was found`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/**
 * Opens an inspector, which the caller closes.
 *
 * @param exitCode of the failure
 * @throws CommandFailure with what kept it from Kafka
 */
export async function inspect(connection: Connection, host: Host, exitCode = 1): Promise<KafkaInspector> {
  const { openInspector } = await import('@kafka-http-proxy/kafka');
  const { settings, refused, troubles } = connection;
  const signal = AbortSignal.any([host.signal, refused, timeoutSignal(CONNECT_MS)]);
  const patience = setTimeout(() => {
    if (host.stderr.isTTY !== true) return;
    host.stderr.write(
      `Kafka does not answer yet at ${printable(settings.bootstrapServers)}; it is tried for ${CONNECT_MS / 1000} s\n`,
    );
  }, SILENT_MS);
  try {
    return await openInspector(settings, { signal });
  } catch (cause) {
    if (host.signal.aborted) throw cause;
    const why = troubles().at(-1) ?? (cause as Error).message;
    throw new CommandFailure(`Kafka can't be reached at ${settings.bootstrapServers}: ${why}`, exitCode, { cause });
  } finally {
    clearTimeout(patience);
  }
}

/** {@link inspect} for the time of some work. @throws what the work throws */
export async function withInspector<T>(
  connection: Connection,
  host: Host,
  work: (inspector: KafkaInspector) => Promise<T>,
): Promise<T> {
  const inspector = await inspect(connection, host);
  try {
    return await work(inspector);
  } finally {
    await inspector.close();
  }
}

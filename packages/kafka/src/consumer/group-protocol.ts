import { connect, disconnect } from '../client/connect.js';
import { librdkafka } from '../client/librdkafka.js';
import { clientConfig, withProtocol } from '../client/settings.js';
import { endsWithin } from '../client/timing.js';
import type { GroupProtocol } from '../port/request-consumer.js';
import type { KafkaSettings } from '../port/settings.js';

/** The settings to join by: those that were given, where they say it. @throws {KafkaClientFault} as {@link connect} */
export async function settingsToJoin(
  settings: KafkaSettings,
  wanted: GroupProtocol | 'auto',
  signal?: AbortSignal,
): Promise<KafkaSettings> {
  if (settings.properties['group.protocol'] !== undefined) return settings;
  return withProtocol(settings, wanted === 'auto' ? await brokersGroupProtocol(settings, signal) : wanted);
}

/**
 * The protocol that the broker's groups are best joined by: `consumer` (KIP-848) where the broker has what
 * librdkafka speaks of it, else `classic`. librdkafka does not ask by itself: a member of a broker without
 * it waits for ever, with no event.
 *
 * The answer to its ApiVersions request (KIP-35) is in its debug log only, and there also behind TLS and SASL.
 *
 * @throws {KafkaClientFault} as {@link connect}
 */
async function brokersGroupProtocol(settings: KafkaSettings, signal?: AbortSignal): Promise<GroupProtocol> {
  let tell: (protocol: GroupProtocol) => void = () => undefined;
  const told = new Promise<GroupProtocol>((resolve) => {
    tell = resolve;
  });
  const events = {
    ...settings.events,
    log(client: string, level: number, message: string) {
      if (level < DEBUG) settings.events.log(client, level, message);
      const protocol = readApiKey(message);
      if (protocol !== null) tell(protocol);
    },
  };
  const config = clientConfig(settings, 'admin', {}, { debug: 'feature', log_level: DEBUG });
  const client = await connect('request_consumer', events, () => new librdkafka.Producer(config), signal);
  // A broker that does not name the key has none of it; the list came before what `connect` waited for.
  await endsWithin(told, ANSWER_MS);
  tell('classic');
  await disconnect(client);
  return await told;
}

/** syslog's level of librdkafka's debug lines. */
const DEBUG = 7;

/** For log lines to arrive that were written before the metadata came: they travel by themselves, ms. */
const ANSWER_MS = 300;

/** librdkafka 2.15 sends version 1, of KIP-1082 (Kafka 4.0). */
const LEAST_VERSION = 1;

/** What a line about the broker's API keys says of the group protocol; null: nothing. */
export function readApiKey(line: string): GroupProtocol | null {
  if (/ ConsumerGroupHeartbeat .*NOT supported/.test(line)) return 'classic';
  const [, newest] = /ApiKey ConsumerGroupHeartbeat \(68\) Versions \d+\.\.(\d+)/.exec(line) ?? [];
  if (newest === undefined) return null;
  return Number(newest) >= LEAST_VERSION ? 'consumer' : 'classic';
}

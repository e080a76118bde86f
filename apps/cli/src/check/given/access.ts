import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import { shellWord, type ToolTarget } from '@kafka-http-proxy/operate';
import { describeError } from '@kafka-http-proxy/service';
import { loadConfigurations, type TierConfig } from '../../connection/configurations.js';
import { type Connection, connectionTo, inspect } from '../../connection/connection.js';
import { toolTarget } from '../../connection/tool-target.js';
import type { Host } from '../../operator/host.js';
import { type BrokerLook, lookAtBrokers } from '../look/brokers.js';
import { principalOfCertificate } from '../look/certificates.js';
import type { CheckFlags } from './flags.js';

/** One way to Kafka: brokers, a login, and the tiers that have it. */
export interface Access {
  /** Names the tiers where there are several ways: `proxy`; undefined for the only one. */
  readonly name: string | undefined;
  readonly connection: Connection;
  readonly target: ToolTarget;
  /** Who Kafka takes us for, without `User:`; null where that is not known here. */
  readonly principal: string | null;
  /** The line that leads to other brokers. Variables win over files, and -b over both. */
  brokersLine(addresses: readonly string[]): string;
  /** How the bootstrap brokers look from here; looked at once. */
  looks(): Promise<readonly BrokerLook[]>;
  /** Opened once. @throws CommandFailure with what kept it from Kafka */
  inspector(): Promise<KafkaInspector>;
  close(): Promise<void>;
}

/** The scope of the checks of a way: none where there is only one. */
export function scopeOf({ name }: Access): { readonly scope?: string } {
  return name === undefined ? {} : { scope: name };
}

/** What was loaded, and what could not be. */
export interface Loaded {
  readonly tiers: readonly TierConfig[];
  readonly accesses: readonly Access[];
  /** A text for each configuration that can't be used. */
  readonly mistakes: readonly string[];
}

/** Loads each configuration for itself: one that is broken does not hide the other. */
export async function loadAccesses(flags: CheckFlags, host: Host): Promise<Loaded> {
  const { config: files = [], bootstrapServers } = flags;
  const mistakes: string[] = [];
  const load = (names: readonly string[]): TierConfig[] => {
    try {
      return loadConfigurations(names, host.environment);
    } catch (error) {
      mistakes.push(describeError(error));
      return [];
    }
  };
  const loaded = files.length === 0 ? load([]) : files.flatMap((file) => load([file]));
  // Brokers alone say nothing of the tiers.
  const named = files.length > 0 || bootstrapServers === undefined;
  const accesses: Access[] = [];
  for (const tiers of bySettings(loaded)) {
    const { kafka } = (tiers[0] as TierConfig).config;
    try {
      const connection = await connectionTo(kafka, named ? tiers : [], flags);
      const name = tiers.length < loaded.length ? tiers.map(({ tier }) => tier).join(' and ') : undefined;
      accesses.push(await accessOf(connection, name, flags, host));
    } catch (error) {
      mistakes.push(`${(tiers[0] as TierConfig).source}: ${describeError(error)}`);
    }
  }
  return { tiers: named ? loaded : [], accesses, mistakes };
}

/** Tiers that reach Kafka in the same way are looked at once. */
function bySettings(tiers: readonly TierConfig[]): TierConfig[][] {
  const groups = new Map<string, TierConfig[]>();
  for (const tier of tiers) {
    const { bootstrap_servers: brokers, properties, max_record_bytes: bytes } = tier.config.kafka;
    const key = JSON.stringify([brokers, Object.entries(properties).sort(), bytes]);
    groups.set(key, [...(groups.get(key) ?? []), tier]);
  }
  return [...groups.values()];
}

async function accessOf(
  connection: Connection,
  name: string | undefined,
  flags: CheckFlags,
  host: Host,
): Promise<Access> {
  const { settings } = connection;
  const { principalOf } = await import('@kafka-http-proxy/kafka');
  let looks: Promise<readonly BrokerLook[]> | undefined;
  let inspector: Promise<KafkaInspector> | undefined;
  return {
    name,
    connection,
    target: toolTarget(settings, flags.commandConfig),
    principal: principalOf(settings.properties) ?? (await principalOfCertificate(settings.properties)),
    brokersLine(addresses) {
      const list = shellWord(addresses.join(','));
      if (flags.bootstrapServers === undefined) return `export KAFKA_BOOTSTRAP_SERVERS=${list}`;
      return `kafka-http-proxy check -b ${list}`;
    },
    looks: () => (looks ??= lookAtBrokers(settings.bootstrapServers.split(','), settings.properties)),
    inspector: () => (inspector ??= inspect(connection, host)),
    async close() {
      await (await inspector?.catch(() => undefined))?.close();
    },
  };
}

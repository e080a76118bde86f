import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../machine/ports.js';
import { type ServiceProcess, startService } from './service-process.js';

/** The broker that the suite was given. */
export interface BrokerUnderTest {
  readonly bootstrapServers: string;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  readonly kind: 'embedded' | 'kafka';
}

/** A processor and proxies around one backend, on topics of their own. */
export interface Bridge {
  readonly requestTopic: string;
  readonly responseTopic: string;
  readonly deadLetterTopic: string;
  readonly controlTopic: string;
  readonly processor: ServiceProcess;
  readonly proxies: ServiceProcess[];
  /** Origin of the first proxy. */
  readonly origin: string;
  startProxy(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  startProcessor(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  close(): Promise<void>;
}

export interface BridgeOptions {
  readonly broker: BrokerUnderTest;
  readonly backendUrl: string;
  /** Variables of every process of it. */
  readonly both?: Readonly<Record<string, string>>;
  /** PEM file of who issued the certificates, where all ports speak TLS. */
  readonly ca?: string;
  /** Variables of the first proxy and of the processor. */
  readonly proxy?: Readonly<Record<string, string>>;
  readonly processor?: Readonly<Record<string, string>>;
  /** `[,timeout[,max_retries[,rate_limit]]]` of KAFKA_TOPICS. */
  readonly topicExtras?: string;
  /** Further keys of the topic, for what KAFKA_TOPICS can't say. */
  readonly topicKeys?: Readonly<Record<string, unknown>>;
}

/**
 * librdkafka's mock cluster forgets what a partition has beyond 5 MiB, read or not: the windows of the
 * streams of one proxy or processor must fit in there together, or they are cut for a gap.
 */
const EMBEDDED = { STREAM_WINDOW: '1048576' };

/** Variables that lead a service to a broker. */
export function brokerEnv(broker: BrokerUnderTest): Record<string, string> {
  return {
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    KAFKA_PROPERTIES: JSON.stringify(broker.properties),
  };
}

/** Starts processes for both tiers and resolves when both are ready. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const name = `t${randomBytes(4).toString('hex')}`;
  const requestTopic = `${name}-requests`;
  const responseTopic = `${name}-responses`;
  const deadLetterTopic = `${name}-failed`;
  const controlTopic = `${name}-control`;
  const common = {
    ...brokerEnv(options.broker),
    DEAD_LETTER_TOPIC: deadLetterTopic,
    CONTROL_TOPIC: controlTopic,
    HEALTH_CHECK_INTERVAL: '0',
    ...(options.broker.kind === 'embedded' && EMBEDDED),
    ...options.both,
  };
  const services: ServiceProcess[] = [];
  const proxies: ServiceProcess[] = [];
  const dir = options.topicKeys ? await mkdtemp(join(tmpdir(), 'khp-bridge-')) : null;
  const config = dir === null ? null : join(dir, 'processor.yaml');
  if (config !== null) {
    const keys = { request_topic: requestTopic, response_topic: responseTopic, backend_url: options.backendUrl };
    await writeFile(config, JSON.stringify({ topics: [{ ...keys, ...options.topicKeys }] }));
  }

  const startProcessor = async (env: Readonly<Record<string, string>> = {}) => {
    const topic = `${name}:${requestTopic},${responseTopic},${options.backendUrl}${options.topicExtras ?? ''}`;
    const managementPort = await freePort();
    const service = await startService('processor', {
      env: {
        ...common,
        ...(config === null && { KAFKA_TOPICS: topic }),
        MANAGEMENT_PORT: String(managementPort),
        ...options.processor,
        ...env,
      },
      args: config === null ? [] : ['--config', config],
      managementPort,
      ca: options.ca,
    });
    services.push(service);
    await service.ready();
    return service;
  };
  const startProxy = async (env: Readonly<Record<string, string>> = {}) => {
    const service = await startService('proxy', {
      env: {
        ...common,
        PROXY_PORT: '0',
        DEFAULT_REQUEST_TOPIC: requestTopic,
        DEFAULT_RESPONSE_TOPIC: responseTopic,
        WARMUP_TOPICS: responseTopic,
        ...options.proxy,
        ...env,
      },
      ca: options.ca,
    });
    services.push(service);
    proxies.push(service);
    await service.ready();
    return service;
  };

  const [processor, proxy] = await Promise.all([startProcessor(), startProxy()]);
  return {
    requestTopic,
    responseTopic,
    deadLetterTopic,
    controlTopic,
    processor,
    proxies,
    origin: `${options.ca === undefined ? 'http' : 'https'}://127.0.0.1:${proxy.port}`,
    startProxy,
    startProcessor,
    async close() {
      await Promise.all(services.map((service) => service.stop()));
      if (dir !== null) await rm(dir, { recursive: true });
    },
  };
}

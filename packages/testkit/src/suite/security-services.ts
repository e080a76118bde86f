import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Issued } from '../kafka/certificates.js';
import type { SecureKafka, SecureListener } from '../kafka/security.js';
import { freePort } from '../machine/ports.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { snippet, type Tier, variables } from './security-guide.js';

export type Mechanism = 'plain' | 'scram' | 'oauthbearer' | 'mtls';

/** Who a tier logs in as, and how. */
export interface Login {
  readonly mechanism: Mechanism;
  readonly user: string;
  /** Password or client secret. */
  readonly secret?: string;
  readonly certificate?: Issued;
  /** The authority that is trusted; the brokers' own when left out. */
  readonly authority?: string;
  readonly listener?: SecureListener;
}

export interface SecureServiceOptions {
  readonly kafka: SecureKafka;
  readonly login: Login;
  readonly backendUrl?: string;
  /** Where the `kafka` block stands. */
  readonly by?: 'file' | 'environment';
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a tier with the snippets of the guide; resolves when it listens, whether or not Kafka lets it in. */
export async function startSecureService(tier: Tier, options: SecureServiceOptions): Promise<ServiceProcess> {
  const { config, env } = await configure(tier, options);
  const managementPort = await freePort();
  const own = { MANAGEMENT_PORT: String(managementPort), HEALTH_CHECK_INTERVAL: '0', SHUTDOWN_GRACE: '4' };
  return await startService(tier, {
    env: { ...own, ...(tier === 'proxy' && { PROXY_PORT: '0' }), ...env },
    args: ['--config', config],
    ...(tier === 'processor' && { managementPort }),
  });
}

/** The file and the variables of a tier. */
export async function configure(
  tier: Tier,
  options: SecureServiceOptions,
): Promise<{ config: string; env: Record<string, string> }> {
  const { kafka, login, by = 'file', backendUrl = 'http://127.0.0.1:9' } = options;
  const { mechanism, user, secret = '', certificate, authority = kafka.authority.certificate } = login;
  const secretFile = join(kafka.dir, `${user}.secret`);
  // As `echo` writes it.
  await writeFile(secretFile, `${secret}\n`);
  const listener = login.listener ?? (mechanism === 'mtls' ? 'MTLS' : 'LOGIN');
  const actual: [string, string][] = [
    ['broker-1:9093,broker-2:9093', kafka.bootstrapServers(listener)],
    ['/etc/kafka/login-ca.pem', kafka.authority.certificate],
    ['/etc/kafka/ca.pem', authority],
    ['/etc/kafka/client.pem', certificate?.certificate ?? ''],
    ['/etc/kafka/client.key', certificate?.key ?? ''],
    ['/run/secrets/kafka-password', secretFile],
    ['https://login.example.com/oauth2/token', kafka.tokens.url],
    ['http://orders-backend:8080', backendUrl],
    ['sasl.username: proxy', `sasl.username: ${user}`],
    ['client.id: proxy', `client.id: ${user}`],
    ['USERNAME=processor', `USERNAME=${user}`],
    ['CLIENT_ID=processor', `CLIENT_ID=${user}`],
  ];
  const fill = (text: string) => actual.reduce((filled, [shown, value]) => filled.replaceAll(shown, value), text);
  const blocks = [snippet('yaml', tier), ...(by === 'file' ? [snippet('yaml', mechanism)] : [])];
  const config = join(kafka.dir, `${tier}-${user}.yaml`);
  await writeFile(config, fill(blocks.join('')));
  return {
    config,
    env: { ...(by === 'environment' && variables(fill(snippet('sh', mechanism)))), ...options.env },
  };
}

/** What /ready says. */
export interface ReadyAnswer {
  readonly status: number;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

export async function readiness(service: ServiceProcess): Promise<ReadyAnswer> {
  const response = await fetch(`http://127.0.0.1:${service.managementPort}/ready`);
  const { reasons = [], notes = [] } = (await response.json()) as Partial<ReadyAnswer>;
  return { status: response.status, reasons, notes };
}

/** The messages of a service's log of this level. */
export function logged(service: ServiceProcess, level: 'error' | 'warn' | 'info'): string[] {
  return service.log.filter((line) => line.level === level).map((line) => String(line.msg));
}

/** All that a service tells about itself: its log, /ready, /status, /metrics. */
export async function everythingSaid(service: ServiceProcess): Promise<string> {
  const pages = ['/ready', '/status', '/metrics', '/health'].map((path) =>
    fetch(`http://127.0.0.1:${service.managementPort}${path}`).then((response) => response.text()),
  );
  return [...(await Promise.all(pages)), ...service.log.map((line) => JSON.stringify(line))].join('\n');
}

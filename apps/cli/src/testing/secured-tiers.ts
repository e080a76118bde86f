import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { type Acl, type SecureKafka, startSecureKafka } from '@kafka-http-proxy/testkit';
import { createShell, type Shell } from './shell.js';
import { settingsOf } from './stage.js';

export type Tier = 'proxy' | 'processor';

/** Password of everybody. */
export const SECRET = 'correct-horse-battery';

/** The topics of both tiers. */
export const TOPICS = {
  request: 'orders-requests',
  response: 'orders-responses',
  dead: 'failed-requests',
  control: 'khp-control',
};

/** What is other than well, of the configurations. */
export interface Changes {
  readonly proxy?: object;
  /** Brokers of one tier. */
  readonly brokers?: Partial<Record<Tier, string>>;
  /** True: both log in by client certificates. */
  readonly certificates?: boolean;
}

/** A broker with TLS, logins and ACLs, the configurations of both tiers for it, and an administrator's shell. */
export interface SecuredTiers {
  readonly kafka: SecureKafka;
  readonly shell: Shell;
  /** Holds `proxy.json`, `processor.json` and `admin.properties`. */
  readonly dir: string;
  /** Topics, ACLs and passwords as they are to be. */
  restore(): Promise<void>;
  /** Writes both configurations. */
  configure(changes?: Changes): Promise<void>;
  stop(): Promise<void>;
}

/** @param version of Apache Kafka; the usual one when left out */
export async function startSecuredTiers(version: string | undefined): Promise<SecuredTiers> {
  const dir = await mkdtemp(join(tmpdir(), 'khp-secured-'));
  const kafka = await startSecureKafka({
    ...(version && { version }),
    plainUsers: { admin: SECRET },
    superUsers: ['admin'],
  });
  const shell = await createShell(dir, kafka.classPath);
  await writeFile(join(dir, 'admin.properties'), administrator(kafka));
  return {
    kafka,
    shell,
    dir,
    async restore() {
      await Promise.all(['proxy', 'processor'].map((user) => kafka.setPassword(user, SECRET)));
      await kafka.grant(ACLS);
      const creation = { partitions: 2, replicationFactor: 1, timeoutMs: 30_000 };
      await ensureTopics(settingsOf(kafka.admin), Object.values(TOPICS), creation);
    },
    async configure({ proxy = {}, brokers = {}, certificates = false } = {}) {
      const kafkaOf = async (tier: Tier) => ({
        bootstrap_servers: brokers[tier] ?? kafka.bootstrapServers(certificates ? 'MTLS' : 'LOGIN'),
        create_topics: false,
        properties: certificates ? await byCertificate(kafka, tier) : byPassword(kafka, tier),
      });
      const files = {
        proxy: {
          dead_letter_topic: TOPICS.dead,
          default_request_topic: TOPICS.request,
          default_response_topic: TOPICS.response,
          warmup_topics: [TOPICS.response],
          default_timeout: 0.5,
          kafka: await kafkaOf('proxy'),
          ...proxy,
        },
        processor: { ...PROCESSOR, kafka: await kafkaOf('processor') },
      };
      for (const [tier, config] of Object.entries(files))
        await writeFile(join(dir, `${tier}.json`), JSON.stringify(config));
    },
    async stop() {
      await kafka.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** Nobody is at its backend: all requests end as dead letters. */
const PROCESSOR = {
  dead_letter_topic: TOPICS.dead,
  topics: [
    {
      request_topic: TOPICS.request,
      response_topic: TOPICS.response,
      backend_url: 'http://127.0.0.1:9',
      timeout: 0.5,
    },
  ],
  health_check_interval: 0,
};

/** One ACL of a user. */
export function acl(user: Tier, operation: Acl['operation'], resource: 'topic' | 'group', name: string): Acl {
  return { principal: `User:${user}`, operation, resource, name };
}

/** As docs/security.md has them. */
const ACLS = [
  acl('proxy', 'Write', 'topic', TOPICS.request),
  acl('proxy', 'Read', 'topic', TOPICS.response),
  acl('proxy', 'Write', 'topic', TOPICS.response),
  acl('proxy', 'Write', 'topic', TOPICS.control),
  acl('proxy', 'Describe', 'group', 'khp-inbox'),
  acl('processor', 'Read', 'topic', TOPICS.request),
  acl('processor', 'Read', 'group', 'processor-orders-requests'),
  acl('processor', 'Write', 'topic', TOPICS.response),
  acl('processor', 'Write', 'topic', TOPICS.dead),
  acl('processor', 'Read', 'topic', TOPICS.control),
  acl('processor', 'Write', 'topic', TOPICS.control),
  acl('processor', 'Describe', 'group', 'khp-inbox'),
];

function byPassword({ authority }: SecureKafka, tier: Tier): object {
  return {
    'security.protocol': 'SASL_SSL',
    'ssl.ca.location': authority.certificate,
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.username': tier,
    'sasl.password': SECRET,
  };
}

async function byCertificate({ authority }: SecureKafka, tier: Tier): Promise<object> {
  const { certificate, key } = await authority.issue(tier);
  return {
    'security.protocol': 'SSL',
    'ssl.ca.location': authority.certificate,
    'ssl.certificate.location': certificate,
    'ssl.key.location': key,
  };
}

/** What Kafka's tools log in with. */
function administrator({ authority }: SecureKafka): string {
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const properties = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${login} username="admin" password="${SECRET}";`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority.certificate,
  };
  return Object.entries(properties)
    .map((pair) => `${pair.join('=')}\n`)
    .join('');
}

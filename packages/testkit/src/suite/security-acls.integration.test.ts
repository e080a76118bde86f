import { ensureTopics } from '@kafka-http-proxy/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import type { Acl } from '../kafka/admin.js';
import { testSettings } from '../kafka/probe.js';
import { type SecureKafka, startSecureKafka } from '../kafka/security.js';
import { needsZooKeeper } from '../kafka/zookeeper.js';
import type { ServiceProcess } from '../services/service-process.js';
import { guideAcls, type Tier } from './security-guide.js';
import { logged, readiness, startSecureService } from './security-services.js';

/** Apache Kafka alone has TLS, SASL and ACLs, and here from 3.0 on: the secured broker is not tried with ZooKeeper. */
const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');
const onKafka = describe.runIf(CAN_RUN);

const SECRET = 'correct-horse-battery';
const TOPICS = [
  'orders-requests',
  'orders-responses',
  'failed-requests',
  'khp-control',
  'other-requests',
  'other-responses',
];
const SOON = { timeout: 60_000, interval: 50 };
const UNAVAILABLE = { status: 503, code: 'kafka_unavailable' };
const TIMEOUT = { status: 504, code: 'timeout' };
const LONG = Buffer.alloc(3_000_000, 'x');

let kafka: SecureKafka;
let backend: ScriptedBackend;
beforeAll(async () => {
  if (!CAN_RUN) return;
  const version = process.env.KHP_KAFKA_VERSION;
  backend = await startBackend((request, response, incoming) => {
    if (request.target === '/cut') response.socket?.destroy();
    else echo(request, response, incoming);
  });
  kafka = await startSecureKafka({ ...(version && { version }), plainUsers: { proxy: SECRET, processor: SECRET } });
  await ensureTopics(testSettings(kafka.admin), TOPICS, { partitions: 2, replicationFactor: 1, timeoutMs: 30_000 });
}, 120_000);
afterAll(async () => {
  await kafka?.stop();
  await backend?.close();
});

const start = async (tier: Tier, env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> => {
  const login = { mechanism: 'plain', user: tier, secret: SECRET } as const;
  return await startSecureService(tier, { kafka, login, backendUrl: backend.url, env });
};

/** For one test. */
async function run(tier: Tier, env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await start(tier, env);
  // A processor not by SIGKILL: the next one would wait for the session of a dead member to end.
  onTestFinished(async () => void (await service.stop(tier === 'proxy' ? 'SIGKILL' : 'SIGTERM')));
  return service;
}

async function send(
  proxy: ServiceProcess,
  path: string,
  headers: Record<string, string> = {},
  body: Buffer | string = 'x',
) {
  const init = { method: 'POST', headers: { 'x-kafka-timeout': '30', ...headers }, body };
  const response = await fetch(`http://127.0.0.1:${proxy.port}${path}`, init);
  const text = await response.text();
  return response.status === 200 ? { status: 200, code: null } : { status: response.status, code: codeOf(text) };
}

function codeOf(problem: string): string {
  return (JSON.parse(problem) as { code: string }).code;
}

function named({ operation, resource, name }: Acl): RegExp {
  return new RegExp(`Kafka denies ${operation} on ${resource} ${name}: an ACL is missing`);
}

const rows = (tier: Tier) =>
  guideAcls(tier, `User:${tier}`).map((acl): [string, Acl] => [`${acl.operation} on ${acl.resource} ${acl.name}`, acl]);
/** What requests of one record can do without. */
const forLongBodies = ({ name, principal }: Acl) =>
  name === 'khp-control' || (name === 'khp-inbox' && principal === 'User:processor');

onKafka('each ACL of the guide', () => {
  let other: ServiceProcess;

  describe.each(['proxy', 'processor'] as const)('of the %s', (tier) => {
    beforeAll(async () => {
      await kafka.grant([...guideAcls('proxy', 'User:proxy'), ...guideAcls('processor', 'User:processor')]);
      other = await start(tier === 'proxy' ? 'processor' : 'proxy');
      await other.ready();
    });
    afterAll(async () => void (await other?.stop()));

    it.each(rows(tier))(
      '%s is needed, missed by name, and enough when it comes',
      { timeout: 120_000 },
      async (_acl, acl) => {
        await kafka.revoke([acl]);
        onTestFinished(() => kafka.grant([acl]));
        const service = await run(tier);
        const proxy = tier === 'proxy' ? service : other;
        const level = forLongBodies(acl) ? 'warn' : 'error';
        await vi.waitFor(() => expect(logged(service, level).join('\n')).toMatch(named(acl)), SOON);
        expect(logged(service, level).join('\n')).toContain(
          `--operation ${acl.operation} --${acl.resource} ${acl.name}`,
        );

        if (forLongBodies(acl)) {
          await service.ready();
          const { notes } = await readiness(service);
          expect(notes.join('\n')).toMatch(/no body can be longer|bodies are limited|Kafka denies/);
          expect(await send(proxy, '/short')).toEqual({ status: 200, code: null });
          expect(await send(proxy, '/long', { 'x-kafka-timeout': '3' }, LONG)).not.toMatchObject({ status: 200 });
        } else {
          await vi.waitFor(async () => {
            expect(await readiness(service)).toMatchObject({
              status: 503,
              reasons: [expect.stringMatching(named(acl))],
            });
          }, SOON);
          expect(await send(proxy, '/short', { 'x-kafka-timeout': '1' })).toEqual(
            tier === 'proxy' ? UNAVAILABLE : TIMEOUT,
          );
        }

        await kafka.grant([acl]);
        await service.ready();
        await vi.waitFor(async () => {
          expect(await send(proxy, '/long', { 'x-kafka-timeout': '5' }, LONG)).toEqual({ status: 200, code: null });
        }, SOON);
      },
    );
  });
});

onKafka('an ACL that is taken away while the services run', () => {
  const runTime: [string, Tier, Acl, { status: number; code: string }][] = [
    ['Write on the request topic', 'proxy', acl('proxy', 'Write', 'orders-requests'), UNAVAILABLE],
    ['Read on the response topic', 'proxy', acl('proxy', 'Read', 'orders-responses'), UNAVAILABLE],
    ['Read on the request topic', 'processor', acl('processor', 'Read', 'orders-requests'), TIMEOUT],
    ['Write on the response topic', 'processor', acl('processor', 'Write', 'orders-responses'), TIMEOUT],
    ['Read on the group', 'processor', acl('processor', 'Read', 'processor-orders-requests'), TIMEOUT],
  ];

  let proxy: ServiceProcess;
  let processor: ServiceProcess;
  beforeAll(async () => {
    await kafka.grant([...guideAcls('proxy', 'User:proxy'), ...guideAcls('processor', 'User:processor')]);
    [proxy, processor] = await Promise.all([start('proxy'), start('processor')]);
    await Promise.all([proxy.ready(), processor.ready()]);
  });
  afterAll(async () => void (await Promise.all([proxy?.stop(), processor?.stop()])));

  it.each(runTime)(
    '%s: the %s is not ready, says why, and goes on when it is back',
    { timeout: 180_000 },
    async (_what, tier, taken, refusal) => {
      expect(await send(proxy, '/before')).toEqual({ status: 200, code: null });
      await kafka.revoke([taken]);
      onTestFinished(() => kafka.grant([taken]));
      const service = tier === 'proxy' ? proxy : processor;
      await vi.waitFor(async () => {
        await send(proxy, '/meanwhile', { 'x-kafka-timeout': '1' });
        expect(await readiness(service)).toMatchObject({ status: 503, reasons: [expect.stringMatching(named(taken))] });
      }, SOON);
      expect(logged(service, 'error').join('\n')).toMatch(named(taken));
      expect(await send(proxy, '/meanwhile', { 'x-kafka-timeout': '1' })).toEqual(refusal);

      await kafka.grant([taken]);
      await service.ready();
      await vi.waitFor(async () => {
        expect(await send(proxy, '/after', { 'x-kafka-timeout': '5' })).toEqual({ status: 200, code: null });
      }, SOON);
    },
  );
});

function acl(tier: Tier, operation: Acl['operation'], name: string): Acl {
  const resource = name.startsWith('processor-') ? 'group' : 'topic';
  return { principal: `User:${tier}`, operation, resource, name };
}

onKafka('beside the ACLs of the guide', () => {
  it('topics that clients choose need the same, and their clients are told', { timeout: 120_000 }, async () => {
    await kafka.grant([...guideAcls('proxy', 'User:proxy'), ...guideAcls('processor', 'User:processor')]);
    const [proxy, processor] = await Promise.all([run('proxy'), run('processor')]);
    await Promise.all([proxy.ready(), processor.ready()]);
    const denied = { status: 403, code: 'topic_not_allowed' };
    expect(await send(proxy, '/', { 'x-kafka-topic': 'other-requests' })).toEqual(denied);
    expect(await send(proxy, '/', { 'x-kafka-reply-topic': 'other-responses' })).toEqual(denied);
    expect(await readiness(proxy)).toMatchObject({ status: 200 });

    await kafka.grant([
      { ...acl('proxy', 'Read', 'other-'), prefixed: true },
      { ...acl('proxy', 'Write', 'other-'), prefixed: true },
      { ...acl('processor', 'Write', 'other-'), prefixed: true },
    ]);
    await vi.waitFor(async () => {
      expect(await send(proxy, '/', { 'x-kafka-reply-topic': 'other-responses' })).toEqual({ status: 200, code: null });
    }, SOON);
    // Nobody reads it.
    await vi.waitFor(async () => {
      const headers = { 'x-kafka-topic': 'other-requests', 'x-kafka-timeout': '1' };
      expect(await send(proxy, '/', headers)).toEqual(TIMEOUT);
    }, SOON);
  });

  it('topics that are missing need Create, of a prefix for example', { timeout: 120_000 }, async () => {
    const topics = { DEFAULT_REQUEST_TOPIC: 'made-requests', DEFAULT_RESPONSE_TOPIC: 'made-responses' };
    const more = { WARMUP_TOPICS: 'made-responses', MAX_STREAMS: '0', KAFKA_CREATE_TOPICS: 'true' };
    const uses = [acl('proxy', 'Read', 'made-'), acl('proxy', 'Write', 'made-')];
    await kafka.grant([...guideAcls('proxy', 'User:proxy'), ...uses.map((use) => ({ ...use, prefixed: true }))]);
    const proxy = await run('proxy', { ...topics, ...more });
    const reason = /topic made-requests is missing or hidden, and Kafka denies Create on it/;
    await vi.waitFor(async () => {
      expect(await readiness(proxy)).toMatchObject({ status: 503, reasons: [expect.stringMatching(reason)] });
    }, SOON);
    expect(logged(proxy, 'warn').join('\n')).toMatch(reason);
    await kafka.grant([{ ...acl('proxy', 'Create', 'made-'), prefixed: true }]);
    await proxy.ready();
  });
});

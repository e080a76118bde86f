import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { createAuthority } from '../kafka/certificates.js';
import { readUntil, testSettings } from '../kafka/probe.js';
import { type SecureKafka, startSecureKafka } from '../kafka/security.js';
import { needsZooKeeper } from '../kafka/zookeeper.js';
import { repositoryPath, type ServiceProcess } from '../services/service-process.js';
import { guideAcls, type Tier } from './security-guide.js';
import {
  configure,
  everythingSaid,
  type Login,
  logged,
  type Mechanism,
  readiness,
  startSecureService,
} from './security-services.js';

/** Apache Kafka alone has TLS, SASL and ACLs, and here from 3.0 on: the secured broker is not tried with ZooKeeper. */
const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');
const onKafka = describe.runIf(CAN_RUN);

const SECRET = 'correct-horse-battery';
const WRONG = 'wrong-horse-battery';
const TOPICS = ['orders-requests', 'orders-responses', 'failed-requests', 'khp-control'];
const PATIENT = { timeout: 60_000, interval: 50 };
/** How long a reason may take to be told, ms; it takes one or two seconds, on a machine that is not loaded. */
const SOON = { timeout: 30_000, interval: 50 };

let kafka: SecureKafka;
let backend: ScriptedBackend;
beforeAll(async () => {
  if (!CAN_RUN) return;
  const version = process.env.KHP_KAFKA_VERSION;
  backend = await startBackend((request, response, incoming) => {
    if (request.target === '/cut') response.socket?.destroy();
    else echo(request, response, incoming);
  });
  kafka = await startSecureKafka({
    ...(version && { version }),
    plainUsers: { 'plain-proxy': SECRET, 'plain-processor': SECRET },
    scramSessionMs: 3000,
  });
  for (const tier of ['proxy', 'processor']) {
    await kafka.setPassword(`scram-${tier}`, SECRET);
    kafka.tokens.clients.set(`oauthbearer-${tier}`, SECRET);
  }
  await ensureTopics(testSettings(kafka.admin), TOPICS, { partitions: 2, replicationFactor: 1, timeoutMs: 30_000 });
}, 120_000);
afterAll(async () => {
  await kafka?.stop();
  await backend?.close();
});

async function login(tier: Tier, mechanism: Mechanism): Promise<Login> {
  const user = `${mechanism}-${tier}`;
  await kafka.grant(guideAcls(tier, `User:${user}`));
  return mechanism === 'mtls'
    ? { mechanism, user, certificate: await kafka.authority.issue(user) }
    : { mechanism, user, secret: SECRET };
}

async function start(tier: Tier, as: Login, by: 'file' | 'environment' = 'file'): Promise<ServiceProcess> {
  const service = await startSecureService(tier, { kafka, login: as, by, backendUrl: backend.url });
  // The tests that join a group end it themselves.
  onTestFinished(async () => void (await service.stop('SIGKILL')));
  return service;
}

function send(proxy: ServiceProcess, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${proxy.port}${path}`, init);
}

onKafka('with the ACLs of the guide and no more', () => {
  it.each(['plain', 'scram', 'oauthbearer', 'mtls'] as const)(
    'carries requests, long bodies and dead letters by %s',
    { timeout: 120_000 },
    async (mechanism) => {
      const [proxy, processor] = await Promise.all([
        login('proxy', mechanism).then((as) => start('proxy', as)),
        login('processor', mechanism).then((as) => start('processor', as, 'environment')),
      ]);
      await Promise.all([proxy.ready(), processor.ready()]);
      expect(await readiness(proxy)).toEqual({ status: 200, reasons: [], notes: [] });
      expect(await readiness(processor)).toEqual({ status: 200, reasons: [], notes: [] });

      const short = await send(proxy, '/short', { method: 'POST', body: mechanism });
      expect([short.status, await short.text()]).toEqual([200, mechanism]);
      const body = Buffer.alloc(3_000_000, mechanism);
      const long = await send(proxy, '/long', { method: 'POST', body });
      expect([long.status, body.equals(Buffer.from(await long.arrayBuffer()))]).toEqual([200, true]);
      const cut = await send(proxy, '/cut', { method: 'POST', body: mechanism });
      expect([cut.status, await cut.json()]).toMatchObject([502, { code: 'backend_unreachable' }]);
      await readUntil(kafka.admin, 'failed-requests', (all) =>
        all.some(({ value }) => value?.toString() === mechanism),
      );

      for (const service of [proxy, processor]) {
        expect(logged(service, 'error')).toEqual([]);
        expect(await everythingSaid(service)).not.toContain(SECRET);
        expect(await service.stop()).toBe(0);
      }
    },
  );

  it('shows no secret by --check', async () => {
    const { config, env } = await configure('proxy', { kafka, login: await login('proxy', 'oauthbearer') });
    const binary = repositoryPath('apps/proxy/bin/kafka-proxy.js');
    const { stdout } = await promisify(execFile)(process.execPath, [binary, '--config', config, '--check'], { env });
    expect(stdout).toContain('sasl.oauthbearer.client.secret: "***"');
    expect(stdout).not.toContain(SECRET);
  });
});

onKafka('a login that fails is named at the start', () => {
  /** Each is a proxy's and a processor's in turn: what they share is theirs both. */
  const cases: [string, Tier, () => Promise<Login>, RegExp][] = [
    [
      'a wrong password of PLAIN',
      'proxy',
      async () => ({ mechanism: 'plain', user: 'plain-proxy', secret: WRONG }),
      /broker 127\.0\.0\.1:\d+ refuses the PLAIN login of plain-proxy: .*Check sasl\.mechanism, sasl\.username and sasl\.password$/,
    ],
    [
      'a wrong password of SCRAM',
      'processor',
      async () => ({ mechanism: 'scram', user: 'scram-processor', secret: WRONG }),
      /broker 127\.0\.0\.1:\d+ refuses the SCRAM-SHA-512 login of scram-processor: /,
    ],
    [
      'a wrong client secret',
      'proxy',
      async () => ({ mechanism: 'oauthbearer', user: 'oauthbearer-proxy', secret: WRONG }),
      /no token for client oauthbearer-proxy from https:.* it answered 401 invalid_client/,
    ],
    [
      'a client certificate that ended',
      'processor',
      async () => ({
        mechanism: 'mtls',
        user: 'ended',
        certificate: await kafka.authority.issue('ended', { expired: true }),
      }),
      /the client certificate CN=ended \(ssl\.certificate\.location\) expired on \d{4}-/,
    ],
    [
      'a client certificate of an authority that the brokers do not know',
      'proxy',
      async () => ({ mechanism: 'mtls', user: 'stranger', certificate: await (await strangers()).issue('stranger') }),
      /no TLS with broker 127\.0\.0\.1:\d+: .*Check security\.protocol, ssl\.ca\.location and ssl\.certificate\.location$/,
    ],
    [
      'a broker whose authority is not trusted',
      'processor',
      async () => ({ ...(await login('processor', 'plain')), authority: (await strangers()).certificate }),
      /the broker's certificate CN=broker is signed by CN=brokers, which ssl\.ca\.location does not trust/,
    ],
    [
      'a broker whose certificate ended',
      'proxy',
      async () => ({ ...(await login('proxy', 'mtls')), listener: 'EXPIRED' as const }),
      /the broker's certificate CN=broker expired on \d{4}-/,
    ],
  ];

  async function strangers() {
    const dir = join(kafka.dir, 'strangers');
    await mkdir(dir, { recursive: true });
    return await createAuthority(dir, 'strangers');
  }

  it.each(cases)('%s, by the %s', async (_what, tier, as, sentence) => {
    const service = await start(tier, await as());
    await vi.waitFor(() => expect(logged(service, 'error')).toEqual([expect.stringMatching(sentence)]), SOON);
    await vi.waitFor(async () => {
      expect(await readiness(service)).toMatchObject({ status: 503, reasons: [expect.stringMatching(sentence)] });
    }, SOON);
    if (tier === 'proxy') {
      const refused = await send(service, '/');
      expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
        503,
        '1',
        { code: 'kafka_unavailable' },
      ]);
    }
    const said = await everythingSaid(service);
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain(WRONG);
  });
});

onKafka('a password that is changed while the services run', () => {
  it('takes them out, is named, and lets them in again when it is put right', { timeout: 180_000 }, async () => {
    const [proxy, processor] = await Promise.all([
      login('proxy', 'scram').then((as) => start('proxy', as)),
      login('processor', 'scram').then((as) => start('processor', as)),
    ]);
    await Promise.all([proxy.ready(), processor.ready()]);
    for (const tier of ['proxy', 'processor']) await kafka.setPassword(`scram-${tier}`, WRONG);
    for (const [service, user] of [
      [proxy, 'scram-proxy'],
      [processor, 'scram-processor'],
    ] as const) {
      const reason = expect.stringMatching(`refuses the SCRAM-SHA-512 login of ${user}: `);
      await vi.waitFor(async () => {
        expect(await readiness(service)).toMatchObject({ status: 503, reasons: [reason] });
      }, PATIENT);
      expect(logged(service, 'error')).toEqual([reason]);
    }
    const refused = await send(proxy, '/');
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'kafka_unavailable' }]);

    for (const tier of ['proxy', 'processor']) await kafka.setPassword(`scram-${tier}`, SECRET);
    await Promise.all([proxy.ready(), processor.ready()]);
    const answered = await send(proxy, '/again', { method: 'POST', body: 'again' });
    expect([answered.status, await answered.text()]).toEqual([200, 'again']);
    await Promise.all([proxy.stop(), processor.stop()]);
  });
});

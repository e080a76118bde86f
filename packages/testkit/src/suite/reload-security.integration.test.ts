import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { testSettings } from '../kafka/probe.js';
import { type SecureKafka, startSecureKafka } from '../kafka/security.js';
import { needsZooKeeper } from '../kafka/zookeeper.js';
import type { ServiceProcess } from '../services/service-process.js';
import { statusOf, untilRefused, untilTaken } from './reload-status.js';
import { guideAcls, type Tier } from './security-guide.js';
import { everythingSaid, type Login, type Mechanism, startSecureService } from './security-services.js';

/** Apache Kafka alone has TLS, SASL and ACLs. */
const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');
const onKafka = describe.runIf(CAN_RUN);

const OLD = 'correct-horse-battery';
const NEW = 'another-horse-battery';
const TOPICS = ['orders-requests', 'orders-responses', 'failed-requests', 'khp-control'];
/** A change is found within two seconds, a login is refused within ten. */
const SOON = { timeout: 40_000, interval: 50 };

let kafka: SecureKafka;
let backend: ScriptedBackend;
const services: ServiceProcess[] = [];
beforeAll(async () => {
  if (!CAN_RUN) return;
  const version = process.env.KHP_KAFKA_VERSION;
  backend = await startBackend(echo);
  kafka = await startSecureKafka({ ...(version && { version }), plainUsers: {} });
  await ensureTopics(testSettings(kafka.admin), TOPICS, { partitions: 2, replicationFactor: 1, timeoutMs: 30_000 });
  await kafka.setPassword('scram-processor', OLD);
  const as = { mechanism: 'scram', user: 'scram-processor', secret: OLD } as const;
  await kafka.grant(guideAcls('processor', `User:${as.user}`));
  await start('processor', as);
}, 120_000);
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop('SIGKILL')));
  await kafka?.stop();
  await backend?.close();
});

async function start(tier: Tier, login: Login): Promise<ServiceProcess> {
  const service = await startSecureService(tier, { kafka, login, backendUrl: backend.url });
  services.push(service);
  await service.ready();
  return service;
}

/** Sends without a pause until it is ended; then tells what was answered, by status. */
function load(proxy: ServiceProcess): () => Promise<Record<string, number>> {
  const answered: Record<string, number> = {};
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const init = { method: 'POST', body: 'x' };
      const outcome = await fetch(`http://127.0.0.1:${proxy.port}/load`, init).then(
        async (answer) => `${answer.status} ${await answer.text()}`,
        (error: Error) => error.message,
      );
      answered[outcome] = (answered[outcome] ?? 0) + 1;
    }
  };
  const all = Promise.all([client(), client(), client()]);
  return async () => {
    isOver = true;
    await all;
    return answered;
  };
}

async function proxyAs(mechanism: Mechanism): Promise<{ proxy: ServiceProcess; login: Login }> {
  const user = `${mechanism}-proxy`;
  await kafka.grant(guideAcls('proxy', `User:${user}`));
  if (mechanism === 'scram') await kafka.setPassword(user, OLD);
  const login: Login =
    mechanism === 'mtls'
      ? { mechanism, user, certificate: await kafka.authority.issue(user) }
      : { mechanism, user, secret: OLD };
  return { proxy: await start('proxy', login), login };
}

onKafka('a proxy under load', () => {
  it('goes on by another password, when it is the right one', { timeout: 180_000 }, async () => {
    const { proxy } = await proxyAs('scram');
    const end = load(proxy);
    const before = await statusOf(proxy);
    const file = join(kafka.dir, 'scram-proxy.secret');
    await writeFile(file, `${NEW}\n`);
    await untilRefused(proxy, /refuses the SCRAM-SHA-512 login of scram-proxy: /);
    expect((await statusOf(proxy)).config_loaded_at).toBe(before.config_loaded_at);
    await kafka.setPassword('scram-proxy', NEW);
    proxy.child.kill('SIGHUP');
    await untilTaken(proxy, before.config_loaded_at);
    const answered = await end();
    expect(Object.keys(answered)).toEqual(['200 x']);
    const said = await everythingSaid(proxy);
    for (const secret of [OLD, NEW]) expect(said).not.toContain(secret);
  });

  it('goes on by another certificate, when that is allowed what is needed', { timeout: 180_000 }, async () => {
    const { proxy, login } = await proxyAs('mtls');
    const { certificate } = login;
    if (certificate === undefined) throw new Error('there is a certificate');
    const end = load(proxy);
    const before = await statusOf(proxy);
    const another = await kafka.authority.issue('renewed-proxy');
    await copyFile(another.certificate, certificate.certificate);
    await copyFile(another.key, certificate.key);
    await untilRefused(proxy, /Kafka denies .* on topic orders-requests: an ACL is missing/);
    await kafka.grant(guideAcls('proxy', 'User:renewed-proxy'));
    proxy.child.kill('SIGHUP');
    await untilTaken(proxy, before.config_loaded_at);
    // Who it was before may do nothing any more.
    await kafka.revoke(guideAcls('proxy', 'User:mtls-proxy'));
    await vi.waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${proxy.port}/after`, { method: 'POST', body: 'x' });
      expect(answer.status).toBe(200);
    }, SOON);
    expect(Object.keys(await end())).toEqual(['200 x']);
  });
});

onKafka('a processor under load', () => {
  it('goes on by another password, when it is the right one', { timeout: 180_000 }, async () => {
    const { proxy } = await proxyAs('scram');
    const [processor] = services as [ServiceProcess];
    const end = load(proxy);
    const before = await statusOf(processor);
    await writeFile(join(kafka.dir, 'scram-processor.secret'), `${NEW}\n`);
    await untilRefused(processor, /refuses the SCRAM-SHA-512 login of scram-processor: /);
    expect((await statusOf(processor)).config_loaded_at).toBe(before.config_loaded_at);
    await kafka.setPassword('scram-processor', NEW);
    processor.child.kill('SIGHUP');
    await untilTaken(processor, before.config_loaded_at);
    await vi.waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${proxy.port}/after`, { method: 'POST', body: 'x' });
      expect(answer.status).toBe(200);
    }, SOON);
    expect(Object.keys(await end())).toEqual(['200 x']);
    const said = await everythingSaid(processor);
    for (const secret of [OLD, NEW]) expect(said).not.toContain(secret);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type RealKafka, startKafka } from '../kafka/real-kafka.js';
import { freePort } from '../machine/ports.js';
import { mustRun } from '../machine/program.js';
import { type ServiceProcess, startService } from '../services/service-process.js';

/*
 * The examples of 1.0.1's README as they stand there; only host names, which need a network with
 * those hosts, and the ports of nginx are those of this machine.
 */

const PROXY_CONFIG = `
kafka:
  bootstrap_servers: kafka:9092

port: 8080
default_timeout: 30
warmup_topics:
  - orders-responses
  - users-responses
  - common-responses
`;

const PROCESSOR_CONFIG = `
kafka:
  bootstrap_servers: kafka:9092

topics:
  - request_topic: orders-requests
    response_topic: orders-responses
    backend_url: http://orders-backend:8080
    consumer_group: orders-processors
    timeout: 30
    max_retries: 3
    rate_limit: 100

  - request_topic: users-requests
    response_topic: users-responses
    backend_url: http://users-backend:8080
    consumer_group: users-processors
    timeout: 25
    max_retries: 2

max_concurrent_requests: 200
health_check_interval: 30
dead_letter_topic: failed-requests
management_port: 8081
`;

const NGINX = `
upstream proxy_backend {
    server proxy:8080;
    keepalive 100;
}

server {
    listen 80;

    location /api/orders/ {
        proxy_pass http://proxy_backend;
        proxy_set_header X-Kafka-Topic "orders-requests";
        proxy_set_header X-Kafka-Reply-Topic "orders-responses";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_read_timeout 35s;
    }

    location /api/users/ {
        proxy_pass http://proxy_backend;
        proxy_set_header X-Kafka-Topic "users-requests";
        proxy_set_header X-Kafka-Reply-Topic "users-responses";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_read_timeout 35s;
    }

    location / {
        proxy_pass http://proxy_backend;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_read_timeout 35s;
    }
}
`;

describe.each([
  ['on', true],
  ['off', false],
])('1.0.1’s README with automatic topic creation %s', (_how, autoCreateTopics) => {
  let kafka: RealKafka;
  let orders: ScriptedBackend;
  let users: ScriptedBackend;
  let dir: string;
  let nginx: ChildProcess | undefined;
  const services: ServiceProcess[] = [];
  beforeAll(async () => {
    kafka = await startKafka({ autoCreateTopics });
    orders = await startBackend((_request, response) => response.end('orders'));
    users = await startBackend((_request, response) => response.end('users'));
    dir = await mkdtemp(join(tmpdir(), 'khp-readme-'));
  }, 120_000);
  afterAll(async () => {
    nginx?.kill('SIGQUIT');
    if (nginx && nginx.exitCode === null) await once(nginx, 'exit');
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([orders?.close(), users?.close(), kafka?.stop()]);
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('runs: both files, nginx in front, and /status', { timeout: 60_000 }, async () => {
    const proxyFile = join(dir, 'proxy_config.yaml');
    await writeFile(proxyFile, PROXY_CONFIG.replace('kafka:9092', kafka.bootstrapServers));
    const processorFile = join(dir, 'processor_config.yaml');
    await writeFile(
      processorFile,
      PROCESSOR_CONFIG.replace('kafka:9092', kafka.bootstrapServers)
        .replace('http://orders-backend:8080', orders.url)
        .replace('http://users-backend:8080', users.url),
    );
    const proxy = await startService('proxy', { env: {}, args: ['--config', proxyFile] });
    services.push(proxy);
    expect(proxy.port).toBe(8080);
    const processor = await startService('processor', {
      env: {},
      args: ['--config', processorFile],
      managementPort: 8081,
    });
    services.push(processor);
    await Promise.all([proxy.ready(), processor.ready()]);

    const port = await freePort();
    const site = NGINX.replace('proxy:8080', '127.0.0.1:8080').replace('listen 80;', `listen 127.0.0.1:${port};`);
    const conf = join(dir, 'nginx.conf');
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${dir}/${name};`,
    );
    await writeFile(
      conf,
      `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; events {}\nhttp { access_log off; ${paths.join(' ')}\n${site}}\n`,
    );
    await mustRun('nginx', ['-t', '-p', dir, '-c', conf]);
    nginx = spawn('nginx', ['-p', dir, '-c', conf], { stdio: 'inherit' });
    const through = async (path: string, init?: RequestInit) => {
      for (;;) {
        try {
          return await fetch(`http://127.0.0.1:${port}${path}`, init);
        } catch (error) {
          // nginx has not opened its port yet.
          if (nginx?.exitCode !== null) throw error;
        }
      }
    };
    expect(await through('/api/orders/1').then((response) => response.text())).toBe('orders');
    expect(await through('/api/users/1?x=1', { method: 'POST', body: 'b' }).then((response) => response.text())).toBe(
      'users',
    );
    expect(users.received.at(-1)).toMatchObject({ method: 'POST', target: '/api/users/1?x=1', body: Buffer.from('b') });

    const status = (await fetch('http://localhost:8081/status').then((response) => response.json())) as object;
    expect(status).toMatchObject({
      running: true,
      configured_topics: 2,
      active_consumers: 2,
      topics: {
        'orders-requests': { backend_url: orders.url, response_topic: 'orders-responses' },
        'users-requests': { backend_url: users.url, response_topic: 'users-responses' },
      },
    });
    for (const metric of [
      'proxy_requests_total',
      'proxy_request_latency_seconds_count',
      'proxy_kafka_latency_seconds_count',
    ]) {
      expect([metric, await proxy.metric(metric)]).toEqual([metric, 2]);
    }
    for (const metric of [
      'processor_messages_total',
      'processor_latency_seconds_count',
      'processor_backend_latency_seconds_count',
    ]) {
      expect([metric, await processor.metric(metric)]).toEqual([metric, 2]);
    }
    await Promise.all(services.splice(0).map((service) => service.stop()));
  });

  it('runs: the variables of the quick start, and the one binary by MODE', { timeout: 60_000 }, async () => {
    const managementPort = await freePort();
    const processor = await startService('processor', {
      env: {
        KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
        KAFKA_TOPICS: `orders:orders-requests,orders-responses,${orders.url},30,3;users:users-requests,users-responses,${users.url},25,2`,
        CONSUMER_GROUP_USERS: 'users-of-mine',
        MODE: 'processor',
        MANAGEMENT_PORT: String(managementPort),
      },
      managementPort,
      binary: 'apps/cli/bin/kafka-http-proxy.js',
    });
    services.push(processor);
    const proxy = await startService('proxy', {
      env: {
        KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
        WARMUP_TOPICS: 'common-responses,orders-responses',
        PROXY_PORT: '8080',
        MODE: 'proxy',
      },
      binary: 'apps/cli/bin/kafka-http-proxy.js',
    });
    services.push(proxy);
    await Promise.all([proxy.ready(), processor.ready()]);
    const ask = (topic: string) =>
      fetch('http://127.0.0.1:8080/', {
        headers: { 'X-Kafka-Topic': `${topic}-requests`, 'X-Kafka-Reply-Topic': `${topic}-responses` },
      }).then((response) => response.text());
    expect(await ask('orders')).toBe('orders');
    // Not warmed up: it is opened before its first request is published.
    expect(await ask('users')).toBe('users');
    const status = (await fetch(`http://127.0.0.1:${managementPort}/status`).then((response) => response.json())) as {
      topics: Record<string, { consumer_group: string }>;
    };
    expect(status.topics['orders-requests']?.consumer_group).toBe('processor-orders');
    expect(status.topics['users-requests']?.consumer_group).toBe('users-of-mine');
  });
});

// Three proxies and three processors from the images, on one broker, behind nginx: each request is answered
// right, and no proxy reads a reply that is another's.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startContainer } from './container.mjs';
import { run, WORK } from './machine.mjs';
import { check, say } from './report.mjs';

const REQUESTS = 1000;
const AT_ONCE = 50;
const REPLICAS = [0, 1, 2];

export async function runScaling({ proxy, processor, kafka, testkit }) {
  const backend = await testkit.startBackend();
  const env = { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers, KAFKA_TOPIC_PARTITIONS: String(REPLICAS.length) };
  const topics = { requests: 'scaling-requests', replies: 'scaling-responses' };
  const containers = [];
  let nginx;
  const start = async (image, tier, i, settings) => {
    const port = await testkit.freePort();
    const key = tier === 'proxy' ? 'PROXY_PORT' : 'MANAGEMENT_PORT';
    const url = `http://127.0.0.1:${port}`;
    const options = { name: `scaling-${tier}-${i}`, env: { ...env, ...settings, [key]: String(port) }, url };
    const container = await startContainer(image, options);
    containers.push(container);
    return container;
  };
  try {
    const proxies = [];
    const processors = [];
    await check('scaling: three proxies and three processors start', async () => {
      for (const i of REPLICAS) {
        const both = await Promise.all([
          start(proxy, 'proxy', i, {
            INSTANCE_ID: `proxy-${i}`,
            WARMUP_TOPICS: topics.replies,
            DEFAULT_REQUEST_TOPIC: topics.requests,
            DEFAULT_RESPONSE_TOPIC: topics.replies,
          }),
          start(processor, 'processor', i, {
            KAFKA_TOPICS: `scaling-group:${topics.requests},${topics.replies},${backend.url}`,
          }),
        ]);
        proxies.push(both[0]);
        processors.push(both[1]);
      }
    });
    await check('scaling: each processor has a partition', () => until(() => spread(processors), 30_000));
    const port = await testkit.freePort();
    await check('scaling: nginx starts in front of them', async () => {
      nginx = await startNginx(port, proxies);
    });
    await check(`scaling: ${REQUESTS} requests through nginx, each answered right`, async () => {
      const wrong = await load(`http://127.0.0.1:${port}`);
      return wrong.length === 0 ? undefined : `${wrong.length} were not: ${wrong.slice(0, 3).join('; ')}`;
    });
    await check('scaling: each proxy read the replies of its own partition only', async () => {
      const counts = await Promise.all(proxies.map((one) => metrics(one)));
      const answered = counts.map((text) => sum(text, 'proxy_requests_total'));
      const foreign = counts.map((text) => sum(text, 'proxy_foreign_replies_total'));
      // A record is done when its reply is acknowledged: the client may have the reply before.
      let worked;
      await until(async () => {
        worked = (await Promise.all(processors.map(metrics))).map((text) => sum(text, 'processor_messages_total'));
        return total(worked) < REQUESTS ? 'not yet' : undefined;
      }, 5000);
      say(
        `        answered ${answered.join(' + ')}, foreign replies ${foreign.join(', ')}, processed ${worked.join(' + ')}`,
      );
      if (foreign.some((count) => count !== 0)) return 'replies of others were read';
      if (total(answered) !== REQUESTS || answered.some((count) => count === 0)) return 'not all of them answered';
      if (worked.some((count) => count === 0)) return 'a processor had nothing to do';
      return total(worked) === REQUESTS ? undefined : `${total(worked)} were processed`;
    });
  } finally {
    await nginx?.();
    await check('scaling: all six end on SIGTERM with 0', async () => {
      const codes = await Promise.all(containers.map((container) => container.stop()));
      return codes.length === 6 && codes.every((code) => code === 0) ? undefined : `exit codes ${codes}`;
    });
    await backend.close();
  }
}

async function load(origin) {
  const wrong = [];
  let next = 0;
  const client = async () => {
    while (next < REQUESTS && wrong.length < 20) {
      const n = next++;
      const target = `/orders/${n}?n=${n}`;
      const body = `body of ${n}: ${'x'.repeat(n % 200)}`;
      try {
        const response = await fetch(origin + target, { method: 'POST', body, signal: AbortSignal.timeout(60_000) });
        const text = await response.text();
        const right = response.status === 200 && text === body && response.headers.get('x-target') === target;
        if (!right) wrong.push(`${n} got ${response.status} ${text.slice(0, 100)}`);
      } catch (error) {
        wrong.push(`${n}: ${error.cause?.message ?? error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return wrong;
}

/** A complaint while a processor has no partition, or one of them has two owners. */
async function spread(processors) {
  const owned = await Promise.all(
    processors.map(async ({ url }) => {
      const { topics } = await (await fetch(`${url}/status`)).json();
      return Object.values(topics).flatMap(({ partitions }) => partitions);
    }),
  );
  const sizes = owned.map((partitions) => partitions.length);
  return sizes.every((size) => size === 1) ? undefined : `partitions: ${JSON.stringify(owned)}`;
}

async function until(complaint, limitMs) {
  for (const endAt = Date.now() + limitMs; ; await delay(100)) {
    const found = await complaint();
    if (!found || Date.now() > endAt) return found;
  }
}

async function metrics({ url }) {
  return (await fetch(`${url}/metrics`)).text();
}

function total(counts) {
  return counts.reduce((a, b) => a + b, 0);
}

/** NaN where the series is missing, so that a renamed metric is noticed. */
function sum(text, name) {
  if (!text.includes(`# TYPE ${name} `)) return Number.NaN;
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return values.reduce((total, [, value]) => total + Number(value), 0);
}

async function startNginx(port, proxies) {
  const folder = join(WORK, 'nginx');
  mkdirSync(folder, { recursive: true });
  const servers = proxies.map(({ url }) => `server ${url.replace('http://', '')};`).join(' ');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (one) => `${one}_temp_path ${folder}/${one};`,
  );
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1; events {}
http { access_log off; ${temporary.join(' ')}
  upstream proxies { ${servers} keepalive 64; }
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://proxies; proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n`,
  );
  await run('nginx', ['-t', '-q', '-c', file]);
  const child = spawn('nginx', ['-c', file], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ status }) => (status === 200 ? undefined : String(status)),
      String,
    );
  const complaint = await until(answers, 10_000);
  if (complaint) throw new Error(complaint);
  return () => {
    child.kill('SIGTERM');
    return ended;
  };
}

// One proxy and one processor from their images: ready, a request through both, the health check, the
// container's bounds, SIGTERM. Resolves with a row of the table for each.
import { startContainer } from './container.mjs';
import { check } from './report.mjs';

const BODY = Buffer.from([0, 255, ...Buffer.from('through both')]);

export async function runPair({ name, proxy, processor, kafka, testkit }) {
  const [port, managementPort, ownPort] = await Promise.all([1, 2, 3].map(() => testkit.freePort()));
  const backend = await testkit.startBackend();
  const env = { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers, KAFKA_TOPIC_PARTITIONS: '1' };
  const topics = { requests: `${name}-requests`, replies: `${name}-responses` };
  // The combined image has its management port set; the proxy's own image serves it on the main port.
  const split = proxy.config.Env.some((one) => one.startsWith('MANAGEMENT_PORT='));
  const proxyEnv = {
    ...env,
    ...(split && { MANAGEMENT_PORT: String(ownPort), MODE: 'proxy' }),
    PROXY_PORT: String(port),
    INSTANCE_ID: 'proxy-0',
    WARMUP_TOPICS: topics.replies,
    DEFAULT_REQUEST_TOPIC: topics.requests,
    DEFAULT_RESPONSE_TOPIC: topics.replies,
  };
  const processorEnv = {
    ...env,
    ...(split && { MODE: 'processor' }),
    MANAGEMENT_PORT: String(managementPort),
    KAFKA_TOPICS: `${name}-group:${topics.requests},${topics.replies},${backend.url}`,
  };
  const started = new Map();
  const rows = [];
  const start = (tier, image, options) =>
    check(`${name}: ${image.image} starts as the ${tier}`, async () => {
      started.set(tier, { image, container: await startContainer(image, { name: `${name}-${tier}`, ...options }) });
    });
  let status = 'none';
  try {
    await Promise.all([
      start('proxy', proxy, { env: proxyEnv, url: `http://127.0.0.1:${split ? ownPort : port}` }),
      start('processor', processor, { env: processorEnv, url: `http://127.0.0.1:${managementPort}` }),
    ]);
    await check(`${name}: a request is answered through both`, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/a%2Fb?x=1&x=2`, { method: 'PUT', body: BODY });
      const body = Buffer.from(await response.arrayBuffer());
      status = response.status;
      if (status !== 200 || !body.equals(BODY)) return `${status} ${body.subarray(0, 500)}`;
      const target = response.headers.get('x-target');
      return target === '/a%2Fb?x=1&x=2' ? undefined : `the backend was asked for ${target}`;
    });
    for (const [tier, { container, image }] of started) await bounds(`${name} ${tier}`, container, image);
  } finally {
    // The proxy first: the processor answers what it accepted.
    for (const tier of ['proxy', 'processor']) {
      const one = started.get(tier);
      let exit = 'not started';
      await check(`${name}: the ${tier} ends on SIGTERM with 0`, async () => {
        if (!one) return exit;
        exit = await one.container.stop();
        return exit === 0 ? undefined : `exit code ${exit}`;
      });
      const image = one?.image ?? (tier === 'proxy' ? proxy : processor);
      const { readyMs: ready = 'never' } = one?.container ?? {};
      rows.push({
        image: image.image,
        tier,
        user: image.config.User,
        'ready ms': ready,
        request: status,
        SIGTERM: exit,
      });
    }
    await backend.close();
  }
  return rows;
}

/** What the kernel lets the service do, asked inside; and what the image's own health check says. */
async function bounds(what, container, { config }) {
  await check(`${what}: its health check says healthy`, async () => {
    const said = await container.exec(config.Healthcheck.Test.slice(1));
    return said.endsWith(': 200') ? undefined : said;
  });
  await check(`${what}: not root, no capabilities, no way to gain any, nothing writable`, async () => {
    const script = `
      const fs = require('fs');
      const pid = fs.readdirSync('/proc').find((p) => /^\\d+$/.test(p) && p !== '1' && p !== String(process.pid)
        && fs.readFileSync('/proc/' + p + '/cmdline', 'utf8').includes('kafka-'));
      const status = fs.readFileSync('/proc/' + pid + '/status', 'utf8');
      const field = (name) => new RegExp('^' + name + ':\\\\s+(\\\\S+)', 'm').exec(status)[1];
      const tries = ['/x', '/app/x', '/tmp/x', '/var/tmp/x', '/dev/x', '/run/x'].filter((path) => {
        try { fs.writeFileSync(path, ''); return true; } catch { return false; }
      });
      console.log(JSON.stringify({ init: fs.readFileSync('/proc/1/comm', 'utf8').trim(), uid: field('Uid'),
        capabilities: field('CapPrm'), noNewPrivileges: field('NoNewPrivs'), writable: tries }));`;
    const found = await container.exec(['node', '-e', script]);
    const wanted = { init: 'tini', uid: '10001', capabilities: '0'.repeat(16), noNewPrivileges: '1', writable: [] };
    return found === JSON.stringify(wanted) ? undefined : found;
  });
}

import { type Nginx, type ScriptedBackend, startBackend, startNginx } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type OpenImage, openImage, type ReadyContainer } from './container.js';
import { type Fleet, load, metricOf, partitionCounts, REPLICAS, startFleet } from './scaling.js';
import { imageName } from './targets.js';

const REQUESTS = 1000;
const AT_ONCE = 50;

const total = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
const portOf = ({ url }: ReadyContainer) => Number(new URL(url).port);

describe('three proxies and three processors from the images', () => {
  const started: ReadyContainer[] = [];
  const images: OpenImage[] = [];
  let backend: ScriptedBackend;
  let fleet: Fleet;
  let nginx: Nginx | undefined;

  beforeAll(async () => {
    const proxy = await openImage(`localhost/${imageName('proxy')}`);
    const processor = await openImage(`localhost/${imageName('processor')}`);
    images.push(proxy, processor);
    backend = await startBackend();
    const { bootstrapServers } = inject('images');
    fleet = await startFleet({
      proxy,
      processor,
      bootstrapServers,
      backendUrl: backend.url,
      onStarted: (container) => started.push(container),
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    await Promise.all(started.map((container) => container.stop()));
    await backend?.close();
    for (const image of images) await image.close();
  });

  it('start', () => {
    expect(started.map((container) => container.exit())).toEqual(started.map(() => undefined));
    expect(started).toHaveLength(2 * REPLICAS.length);
  });

  it('share the partitions: each processor has one', async () => {
    await expect.poll(() => partitionCounts(fleet.processors), { timeout: 30_000 }).toEqual(REPLICAS.map(() => 1));
  });

  it('stand behind the nginx of docker/nginx', async () => {
    nginx = await startNginx(fleet.proxies.map(portOf));
  });

  it(`answer ${REQUESTS} requests through nginx, each right`, async () => {
    const before = await metricOf(fleet.proxies, 'proxy_requests_total');
    expect(await load(`http://127.0.0.1:${nginx?.port}`, REQUESTS, AT_ONCE)).toEqual([]);
    const after = await metricOf(fleet.proxies, 'proxy_requests_total');
    const answered = after.map((count, i) => count - (before[i] ?? 0));
    expect(total(answered)).toBe(REQUESTS);
    expect(answered).not.toContain(0);
  });

  it('share the work: each processor had some, and each proxy read the replies of its own partition only', async () => {
    expect(await metricOf(fleet.proxies, 'proxy_foreign_replies_total')).toEqual(REPLICAS.map(() => 0));
    // A record is done when its reply is acknowledged: the client may have the reply before.
    const answered = total(await metricOf(fleet.proxies, 'proxy_requests_total'));
    const worked = () => metricOf(fleet.processors, 'processor_messages_total');
    await expect.poll(async () => total(await worked())).toBe(answered);
    expect(await worked()).not.toContain(0);
  });

  it('end on SIGTERM, all six with 0', async () => {
    await nginx?.stop();
    nginx = undefined;
    expect(await Promise.all(started.map((container) => container.stop()))).toEqual(started.map(() => 0));
  });
});

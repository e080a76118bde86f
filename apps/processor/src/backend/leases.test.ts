import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gather, ways } from '../testing/call-backend.js';
import { type RawBackend, rawBackend } from '../testing/raw-backend.js';
import { backendRequest, topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';
const open = { maxBodyBytes: 1_000 };

function poolsOf({ url }: Pick<RawBackend, 'url'>) {
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  return { pools, config: topic({ backend_url: url, keep_alive_timeout: 60 }) };
}

describe.each(ways)('a backend that is released, by %s', (_way, how) => {
  it('ends its connections behind the answers that are on their way', async () => {
    const rests: (() => void)[] = [];
    const server = await rawBackend((socket) => {
      socket.write(`${HEAD}be`);
      rests.push(() => socket.write('st'));
    });
    const { pools, config } = poolsOf(server);
    const lease = pools.open(config, 1);
    const attempt = gather(lease.backend, backendRequest(how), open);
    await vi.waitFor(() => expect(rests).toHaveLength(1), { timeout: 20_000 });
    lease.release();
    rests[0]?.();
    expect(String(((await attempt) as { body?: unknown }).body)).toBe('best');
    await server.disconnected;
  });

  it('is ended by the stop all the same', async () => {
    const server = await rawBackend((socket) => socket.write(`${HEAD}be`));
    const { pools, config } = poolsOf(server);
    const lease = pools.open(config, 1);
    const attempt = gather(lease.backend, backendRequest(how), open);
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 20_000 });
    lease.release();
    await pools.close();
    expect(await attempt).toMatchObject({ kind: 'failure', failure: { kind: 'closed' } });
  });
});

describe('a backend that several use', () => {
  it('is the same for as long as one of them does, and another one after that', async () => {
    const server = await rawBackend(`${HEAD}rest`);
    const { pools, config } = poolsOf(server);
    const [first, second] = [pools.open(config, 1), pools.open(topic({ ...config, request_topic: 'other' }), 1)];
    expect(second.id).toBe(first.id);
    first.release();
    first.release();
    expect(await gather(second.backend, backendRequest(), open)).toMatchObject({ kind: 'answer' });
    second.release();
    await server.disconnected;
    expect(await gather(pools.open(config, 1).backend, backendRequest(), open)).toMatchObject({ kind: 'answer' });
    expect(server.connections()).toBe(2);
  });

  it('is another one for other connections, ages or TLS', () => {
    const { pools, config } = poolsOf({ url: 'https://127.0.0.1:1' });
    const others = [config, { ...config, tls: { reject_unauthorized: false } }, { ...config, max_connection_age: 1 }];
    const ids = [...others.map((one) => pools.open(one, 1).id), pools.open(config, 2).id];
    expect(new Set(ids).size).toBe(4);
  });
});

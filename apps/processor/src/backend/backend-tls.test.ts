import { readFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { TopicConfig } from '@kafka-http-proxy/protocol';
import { systemClock } from '@kafka-http-proxy/streams';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startHealthProbes } from '../observe/health-probes.js';
import { gather } from '../testing/call-backend.js';
import { topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';
import type { BackendRequest } from './backend-request.js';
import { tlsOptions } from './backend-tls.js';

const file = (name: string) => fileURLToPath(new URL(`../testing/certificates/${name}`, import.meta.url));
const ca = file('ca.pem');
const server_name = 'backend.internal';
const client = { cert: file('client.pem'), key: file('client.key') };
const MUTUAL: ServerOptions = { ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true };

/** By undici, and by node:http for what undici can't say; the Host must not decide whom to trust. */
const ways: [string, Partial<BackendRequest>][] = [
  ['undici', {}],
  ['undici, another Host', { host: 'backend.internal' }],
  ['node:http', { target: '*', method: 'OPTIONS' }],
  ['node:http, another Host', { target: '*', method: 'OPTIONS', host: 'backend.internal' }],
];

/** An https backend as `backend.internal`; tells the names that clients asked for. */
async function httpsBackend(options: ServerOptions = {}) {
  const names: unknown[] = [];
  const cert = readFileSync(file('server.pem'));
  const server = createServer({ cert, key: readFileSync(file('server.key')), ...options }, (request, response) => {
    names.push((request.socket as TLSSocket & { servername?: unknown }).servername);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { names, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function call(config: TopicConfig, request: Partial<BackendRequest>): Promise<string> {
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  const attempt = await gather(
    pools.open(config, 10).backend,
    {
      method: 'GET',
      target: '/',
      host: null,
      headers: [],
      body: null,
      trailers: null,
      passable: (fields) => fields,
      repeatable: true,
      ...request,
    },
    { maxBodyBytes: 1000 },
  );
  if (attempt.kind === 'answer') return String(attempt.body);
  return attempt.kind === 'failure' ? String((attempt.failure.cause as { code?: unknown }).code) : attempt.kind;
}

describe.each(ways)('a backend with TLS, by %s', (_way, request) => {
  it('is trusted by its authority and its name', async () => {
    const { url, names } = await httpsBackend();
    const config = topic({ backend_url: url, tls: { ca, server_name } });
    for (let i = 0; i < 3; i++) expect(await call(config, request)).toBe('ok');
    expect(names).toEqual([server_name, server_name, server_name]);
  });

  it.each([
    ['an authority that nobody named', {}, /SELF_SIGNED|UNABLE_TO/],
    ['an authority that nobody named, though the name fits', { server_name }, /SELF_SIGNED|UNABLE_TO/],
    ['another name', { ca, server_name: 'other.internal' }, /ALTNAME/],
    ['a name that its address is not', { ca }, /ALTNAME/],
  ])('is refused for %s', async (_what, tls, code) => {
    const { url, names } = await httpsBackend();
    expect(await call(topic({ backend_url: url, tls }), request)).toMatch(code);
    expect(names).toEqual([]);
  });

  it('is taken as it is with reject_unauthorized: false', async () => {
    const { url } = await httpsBackend();
    expect(await call(topic({ backend_url: url, tls: { reject_unauthorized: false } }), request)).toBe('ok');
  });

  it('gets the client certificate that it asks for', async () => {
    const { url } = await httpsBackend(MUTUAL);
    expect(await call(topic({ backend_url: url, tls: { ca, server_name, ...client } }), request)).toBe('ok');
    expect(await call(topic({ backend_url: url, tls: { ca, server_name } }), request)).not.toBe('ok');
  });
});

describe('health probes', () => {
  it('use the TLS of the topic', async () => {
    const { url } = await httpsBackend(MUTUAL);
    const probes = startHealthProbes({
      topics: [
        topic({ request_topic: 'with', backend_url: url, tls: { ca, server_name, ...client } }),
        topic({ request_topic: 'without', backend_url: url, tls: { ca, server_name } }),
        topic({ request_topic: 'wrong', backend_url: url, tls: { ca, server_name: 'other.internal', ...client } }),
      ],
      path: '/health',
      intervalMs: 30_000,
      tlsOf: tlsOptions,
      clock: systemClock,
      logger: { warn: vi.fn(), info: vi.fn() },
    });
    onTestFinished(() => probes.stop());
    await vi.waitFor(() =>
      expect(['with', 'without', 'wrong'].map((name) => probes.up(name))).toEqual([true, false, false]),
    );
  });
});

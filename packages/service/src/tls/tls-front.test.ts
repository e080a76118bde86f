import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Listening, listen } from '../management/listen.js';
import { HAS_OPENSSL, type MadeCertificate, useCertificates } from '../testing/certificates.js';
import { createTlsEndpoint, type TlsEndpoint, type TlsPort } from './tls-endpoint.js';
import type { TlsSection } from './tls-material.js';

const open: (Listening | TlsEndpoint)[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((one) => one.close(0)));
});

describe.runIf(HAS_OPENSSL)('a server with TLS in front', () => {
  const { make, dir } = useCertificates();
  const authority = make('authority');
  const server = make('server', { by: authority });
  const ca = readFileSync(authority.cert);

  async function start(section: Partial<TlsSection> = {}, port: Partial<TlsPort> = {}) {
    const failures: string[] = [];
    const lines: string[] = [];
    const log = (_facts: object, sentence: string) => void lines.push(sentence);
    const config: TlsSection = { ...server, min_version: 'TLSv1.2', ...section };
    const endpoint = createTlsEndpoint(config, {
      logger: { warn: log, error: log },
      failed: (why) => void failures.push(why),
    });
    const http = createServer((request, response) => {
      const socket = request.socket as TLSSocket;
      const name = socket.getPeerX509Certificate()?.subject ?? 'nobody';
      response.end(`${socket.authorized ? 'surely' : 'not surely'} ${name}`);
    });
    lines.length = 0;
    const listening = await listen(http, {
      host: '127.0.0.1',
      port: 0,
      tls: { endpoint, asksClients: true, ...port },
    });
    open.push(listening, endpoint);
    return { endpoint, config, failures, lines, http, listening, port: listening.port };
  }

  const dial = (port: number, options: ConnectionOptions = {}) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca, ...options });
    sockets.push(socket);
    return socket;
  };
  const pair = ({ cert, key }: MadeCertificate) => ({ cert: readFileSync(cert), key: readFileSync(key) });
  /** What one request gets, or the code of the error. */
  const ask = (port: number, options: ConnectionOptions = {}): Promise<string> =>
    new Promise((resolve) => {
      const socket = dial(port, options);
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes;
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.on('close', () => resolve(text.split('\r\n\r\n')[1] ?? 'closed'));
      socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'));
    });
  const dialPlain = async (port: number, bytes = ''): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    if (bytes !== '') socket.write(bytes);
    return socket;
  };

  /** Whether by a reset or not. */
  const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

  it('answers over TLS, with the address of the client and its ALPN', async () => {
    const { port } = await start();
    expect(await ask(port)).toBe('not surely nobody');
    const socket = dial(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
    expect(await ask(port, { ALPNProtocols: ['h2'] })).toMatch('NO_APPLICATION_PROTOCOL');
  });

  it('asks for certificates where it is told to, and nowhere else', async () => {
    const client = { ...pair(make('client', { by: authority })) };
    const stranger = { ...pair(make('stranger')) };
    const require = await start({ ca: authority.cert, client_auth: 'require' });
    expect(await ask(require.port, client)).toBe('surely CN=client');
    expect(await ask(require.port)).toMatch(/ECONNRESET|ERR_SSL|closed/);
    expect(await ask(require.port, stranger)).toMatch(/ECONNRESET|ERR_SSL|closed/);
    await vi.waitFor(() => expect(require.failures).toEqual(['client_certificate', 'client_certificate']));

    const request = await start({ ca: authority.cert, client_auth: 'request' });
    expect(await ask(request.port, client)).toBe('surely CN=client');
    expect(await ask(request.port)).toBe('not surely nobody');
    expect(await ask(request.port, stranger)).toBe('not surely CN=stranger');

    const probed = await start({ ca: authority.cert, client_auth: 'require' }, { asksClients: false });
    expect(await ask(probed.port)).toBe('not surely nobody');
  });

  it('goes by other files from then on, while connections stay', async () => {
    const { endpoint, config, port } = await start();
    const before = dial(port);
    await once(before, 'secureConnect');
    const next = make('next', { by: authority });
    endpoint.prepare({ ...config, ...next })();
    const after = dial(port);
    await once(after, 'secureConnect');
    expect([before, after].map((socket) => socket.getPeerX509Certificate()?.subject)).toEqual(['CN=server', 'CN=next']);
    before.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(String((await once(before, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
  });

  it('keeps what it has where the files are no good, and says why', async () => {
    const { endpoint, config, port } = await start();
    const other = make('unpaired');
    expect(() => endpoint.prepare({ ...config, key: other.key })).toThrow(
      `tls.key: ${other.key} is not the key of the certificate in ${server.cert} (CN=server)`,
    );
    expect(await ask(port)).toBe('not surely nobody');
  });

  it('takes up no session of an authority that is no longer one', async () => {
    const { endpoint, config, port } = await start({ ca: authority.cert, client_auth: 'require' });
    const client = pair(make('resumed', { by: authority }));
    const first = dial(port, { ...client, maxVersion: 'TLSv1.2' });
    const [session] = (await once(first, 'session')) as [Buffer];
    const again = dial(port, { ...client, maxVersion: 'TLSv1.2', session });
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(true);
    endpoint.prepare({ ...config, ca: make('elsewhere').cert })();
    expect(await ask(port, { ...client, maxVersion: 'TLSv1.2', session })).toMatch(/ECONNRESET|ERR_SSL|closed/);
  });

  it('tells who speaks plain HTTP what is wrong', async () => {
    const { port, failures, lines } = await start();
    const socket = await dialPlain(port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello');
    let answer = '';
    for await (const bytes of socket) answer += bytes;
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(?:.*\r\n)+\r\nThis port speaks HTTPS/);
    expect(failures).toEqual(['plain_http']);
    expect(lines).toEqual(['a client spoke plain HTTP where TLS is expected: its URL has to begin with https']);
  });

  it('ends what is neither, and counts what comes to nothing by its reason, once', async () => {
    const { port, failures } = await start();
    const nonsense = await dialPlain(port, '\u0000\u0001\u0002');
    await closing(nonsense);
    expect(failures).toEqual(['other']);
    expect(await ask(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' })).toMatch('ALERT');
    expect(failures).toEqual(['other', 'version']);
    expect(await ask(port, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).toMatch('HANDSHAKE_FAILURE');
    expect(failures).toEqual(['other', 'version', 'cipher']);
    // A health check that only connects is none.
    const silent = await dialPlain(port);
    silent.end();
    await closing(silent);
    expect(failures).toHaveLength(3);
  });

  it('cuts the oldest of too many handshakes, and serves others meanwhile', async () => {
    const { port, failures } = await start({}, { mostHandshakes: () => 3 });
    const absent = [await dialPlain(port), await dialPlain(port), await dialPlain(port, '\u0016\u0003')];
    const [first] = absent as [Socket];
    const gone = closing(first);
    expect(await ask(port)).toBe('not surely nobody');
    await gone;
    expect(failures).toEqual(['crowded']);
    expect(absent.map((socket) => socket.destroyed)).toEqual([true, false, false]);
  });

  it('waits for no handshake when it closes, and for the requests under way', async () => {
    const { port, listening, http } = await start();
    http.removeAllListeners('request');
    const arrived = once(http, 'request');
    const answer = ask(port);
    const [, response] = await arrived;
    const absent = await dialPlain(port, '\u0016');
    const closed = listening.close(60_000);
    await closing(absent);
    response.end('late');
    expect(await answer).toBe('late');
    await closed;
  });

  it('says what files there are no more than once a start', () => {
    const path = `${dir}/copy.pem`;
    writeFileSync(path, readFileSync(server.cert));
    const warn = vi.fn();
    const soon = createTlsEndpoint(
      { cert: path, key: server.key, min_version: 'TLSv1.2' },
      { logger: { warn, error: warn } },
    );
    open.push(soon);
    expect(warn.mock.calls.map(([, sentence]) => sentence)).toEqual([expect.stringContaining('expires on')]);
    expect(soon.expirySeconds() * 1000).toBe(Date.parse(new Date(soon.expirySeconds() * 1000).toISOString()));
  });
});

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_OPENSSL, useCertificates } from '../testing/certificates.js';
import { judgeTlsFiles } from './tls-files.js';
import type { TlsSection } from './tls-material.js';
import { tlsWarnings } from './tls-warnings.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe.runIf(HAS_OPENSSL)('the files of a tls section', () => {
  const { dir, make } = useCertificates();
  const server = make('server', { days: 90 });
  const other = make('other', { days: 90 });
  const write = (name: string, text: string | Buffer) => {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  };
  const text = (path: string) => readFileSync(path, 'utf8');
  const doubts = (section: Partial<TlsSection>, nowMs = Date.now()) =>
    judgeTlsFiles({ ...server, min_version: 'TLSv1.2', ...section }, nowMs).doubts.map(
      ({ path, sentence }) => `${path.join('.')}: ${sentence}`,
    );
  const warnings = (section: Partial<TlsSection>, nowMs = Date.now()) =>
    tlsWarnings({ ...server, min_version: 'TLSv1.2', ...section }, nowMs);

  it('are taken where certificate and key belong together', () => {
    const { material } = judgeTlsFiles({ ...server, min_version: 'TLSv1.2' }, Date.now());
    expect(material?.chain.map(({ subject }) => subject)).toEqual(['CN=server']);
    expect(doubts({ ca: other.cert, client_auth: 'require' })).toEqual([]);
    expect(warnings({})).toEqual([]);
  });

  it('have to be there, each', () => {
    expect(doubts({ cert: '/nowhere.crt', key: dir, ca: '/nowhere.ca' })).toEqual([
      'tls.cert: /nowhere.crt can’t be read: there is no such file',
      `tls.key: ${dir} can’t be read: it is a directory`,
      'tls.ca: /nowhere.ca can’t be read: there is no such file',
    ]);
  });

  it('have to be PEM, and whole', () => {
    const der = write('server.der', execFileSync('openssl', ['x509', '-in', server.cert, '-outform', 'der']));
    const cut = write('cut.pem', text(server.cert).slice(0, 300));
    const bad = write('bad.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(doubts({ cert: der })).toEqual([
      `tls.cert: ${der} is no PEM but DER: openssl x509 -inform der -in ${der} -out <new file> makes PEM of it`,
    ]);
    expect(doubts({ cert: cut })).toEqual([`tls.cert: ${cut} is cut short: a block begins and does not end`]);
    expect(doubts({ cert: bad })[0]).toMatch(`tls.cert: the certificate in ${bad} can’t be read: `);
    const none = write('none.pem', 'hello');
    expect(doubts({ cert: none, key: none })).toEqual([
      `tls.cert: ${none} holds no certificate in PEM: it has to have -----BEGIN CERTIFICATE-----`,
      `tls.key: ${none} holds no private key in PEM: it has to begin with BEGIN PRIVATE KEY`,
    ]);
  });

  it('are told to have changed places', () => {
    expect(doubts({ cert: server.key, key: server.cert })).toEqual([
      `tls.cert: ${server.key} holds a private key and no certificate: did cert and key change places?`,
      `tls.key: ${server.cert} holds a certificate and no private key: did cert and key change places?`,
    ]);
  });

  it('have to belong together, the leaf first', () => {
    expect(doubts({ key: other.key })).toEqual([
      `tls.key: ${other.key} is not the key of the certificate in ${server.cert} (CN=server)`,
    ]);
    const rsa = make('rsa', { rsaBits: 2048, days: 90 });
    expect(doubts({ key: rsa.key })[0]).toMatch(/\(CN=server\), nor of its kind$/);
    const turned = write('turned.pem', text(other.cert) + text(server.cert));
    expect(doubts({ cert: turned })).toEqual([
      `tls.key: ${server.key} is the key of certificate 2 of ${turned}, and not of the first: the certificate of this server comes first, then those that lead to its authority`,
    ]);
  });

  it('have no passphrase', () => {
    const locked = join(dir, 'locked.key');
    execFileSync('openssl', ['pkey', '-in', server.key, '-aes256', '-passout', 'pass:x', '-out', locked]);
    expect(doubts({ key: locked })).toEqual([
      `tls.key: ${locked} is encrypted, and nobody is there to type its passphrase: openssl pkey -in ${locked} -out <new file> writes it without`,
    ]);
  });

  it('are strong enough', () => {
    const weak = make('weak', { rsaBits: 1024 });
    expect(doubts(weak)).toEqual([
      `tls.cert: the key of the certificate in ${weak.cert} has 1024 bits: RSA needs 2048 or more`,
    ]);
  });

  it('are refused when they have expired, with the day, and warned of 30 days before', () => {
    const endMs = Date.parse(
      judgeTlsFiles({ ...server, min_version: 'TLSv1.2' }, Date.now()).material?.chain[0]?.validTo ?? '',
    );
    const day = new Date(endMs).toISOString().slice(0, 10);
    expect(doubts({}, endMs)).toEqual([
      `tls.cert: the certificate in ${server.cert} (CN=server) expired on ${day}: put a new one there`,
    ]);
    const about = `tls.cert: the certificate in ${server.cert} (CN=server) expires on ${day}, in`;
    const then = ': clients refuse it from then on';
    expect(warnings({}, endMs)).toEqual([]);
    expect(warnings({}, endMs - 1000)).toEqual([`${about} less than a day${then}`]);
    expect(warnings({}, endMs - DAY_MS)).toEqual([`${about} 1 day${then}`]);
    expect(warnings({}, endMs - 30 * DAY_MS + 1)).toEqual([`${about} 29 days${then}`]);
    expect(warnings({}, endMs - 30 * DAY_MS)).toEqual([]);
  });

  it('need authorities where clients are asked', () => {
    expect(doubts({ client_auth: 'request' })).toEqual([
      'tls.ca: client_auth: request needs it: a file with the authorities that issue the certificates of clients, in PEM',
    ]);
  });

  it('are warned of where clients would refuse them, or nobody be trusted', () => {
    const bare = make('bare', { named: false, days: 90 });
    expect(warnings(bare)).toEqual([
      `tls.cert: the certificate in ${bare.cert} (CN=bare) has no subjectAltName: most clients refuse it, whatever its CN`,
    ]);
    const chain = write('chain.pem', text(server.cert) + text(other.cert));
    expect(warnings({ cert: chain })).toEqual([
      `tls.cert: certificate 2 of ${chain} (CN=other) did not issue the one before it: clients may not find the way to their authority`,
    ]);
    const leaf = make('leaf', { by: other, days: 90 });
    expect(warnings({ ca: leaf.cert, client_auth: 'request' })).toEqual([
      `tls.ca: the authority CN=leaf in ${leaf.cert} is no authority (CA:TRUE is missing): nobody is trusted for it`,
    ]);
    expect(warnings({}, Date.now() - 2 * DAY_MS)[0]).toMatch(/\(CN=server\) is not valid before 2/);
  });
});

import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { KafkaSettings } from '@kafka-http-proxy/kafka';
import { authorities, clientCertificate, propertyOf, usesTls } from './certificates.js';

/** How one broker looks from here, as far as one comes. */
export interface BrokerLook {
  /** host:port. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Addresses of the name; empty where it has none. */
  readonly ips: readonly string[];
  /** Why the name has no address. */
  readonly dnsError: string | null;
  /** Why nothing listens there; null also where it was not tried. */
  readonly tcpError: string | null;
  /** How long a connection took to be there, ms. */
  readonly connectMs: number;
  /** Null where no TLS is spoken, or it was not tried. */
  readonly tls: TlsLook | null;
}

/** What a handshake showed. */
export interface TlsLook {
  /** Why there was none. */
  readonly error: string | null;
  readonly certificate: PeerCertificate | null;
  /** OpenSSL's code of why the chain is not trusted; names of hosts are not looked at. */
  readonly untrusted: string | null;
}

/** Whether a client would take this broker, as far as can be seen from outside. */
export function isWell({ dnsError, tcpError, tls, host }: BrokerLook): boolean {
  if (dnsError !== null || tcpError !== null) return false;
  return (
    tls === null || (tls.certificate !== null && tls.untrusted === null && nameTrouble(host, tls.certificate) === null)
  );
}

/** The names that a certificate is for, where `host` is none of them; null where it is. */
export function nameTrouble(host: string, certificate: PeerCertificate): string | null {
  if (checkServerIdentity(host, certificate) === undefined) return null;
  return certificate.subjectaltname ?? `CN=${certificate.subject?.CN ?? ''}`;
}

const TIMEOUT_MS = 4000;
/** As librdkafka has it. */
const DEFAULT_PORT = 9092;

/** Looks at brokers, all at once. Nothing is sent but a TLS handshake. @param addresses host:port, as in bootstrap.servers */
export async function lookAtBrokers(
  addresses: readonly string[],
  properties: KafkaSettings['properties'],
): Promise<BrokerLook[]> {
  return await Promise.all(addresses.map((address) => lookAtBroker(address.trim(), properties)));
}

async function lookAtBroker(given: string, properties: KafkaSettings['properties']): Promise<BrokerLook> {
  const { host, port } = partsOf(given);
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const nothing = { address, host, port, ips: [], dnsError: null, tcpError: null, connectMs: 0, tls: null };
  const found = await lookup(host, { all: true }).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  if (typeof found === 'string') return { ...nothing, dnsError: found };
  const look = { ...nothing, ips: found.map((one) => one.address) };
  const startedAt = performance.now();
  const tcpError = await tryTcp(host, port);
  if (tcpError !== null) return { ...look, tcpError };
  const connectMs = performance.now() - startedAt;
  return { ...look, connectMs, tls: usesTls(properties) ? await tryTls(host, port, properties) : null };
}

/** `[protocol://]host[:port]`, with brackets around an IPv6 address. */
function partsOf(address: string): { host: string; port: number } {
  const [, host = address, port] = /^(?:\w+:\/\/)?(\[.*\]|[^:]*)(?::(\d+))?$/.exec(address) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: port === undefined ? DEFAULT_PORT : Number(port) };
}

async function tryTcp(host: string, port: number): Promise<string | null> {
  const socket = connectTcp({ host, port });
  try {
    return await new Promise<string | null>((resolve) => {
      socket.setTimeout(TIMEOUT_MS, () => resolve('timed out'));
      socket.once('connect', () => resolve(null));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
  }
}

async function tryTls(host: string, port: number, properties: KafkaSettings['properties']): Promise<TlsLook> {
  let socket: TLSSocket | undefined;
  try {
    const ca = await authorities(properties);
    const own = await clientCertificate(properties);
    const passphrase = propertyOf(properties, 'ssl.key.password');
    const opened = connectTls({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
      ...(own?.key !== undefined && { cert: own.pem, key: own.key, ...(passphrase !== undefined && { passphrase }) }),
      // The certificate is only looked at and reported: nothing is sent. Names are a check of their own.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket = opened;
    await new Promise<void>((resolve, reject) => {
      opened.setTimeout(TIMEOUT_MS, () => reject(new Error('timed out')));
      opened.once('secureConnect', resolve);
      opened.once('error', reject);
      opened.once('close', () => reject(new Error('the broker closed the connection')));
    });
    const error = opened.authorizationError as unknown as Error | string | null;
    const code = typeof error === 'string' || !error ? error : ((error as { code?: string }).code ?? error.message);
    return { error: null, certificate: opened.getPeerCertificate(), untrusted: code || null };
  } catch (error) {
    return {
      error: (error as Error).message.replace(/^.*SSL routines:[^:]*:/, '').trim(),
      certificate: null,
      untrusted: null,
    };
  } finally {
    socket?.destroy();
  }
}

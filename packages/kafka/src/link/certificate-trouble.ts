import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { withoutBrackets } from '@kafka-http-proxy/protocol';
import type { KafkaSettings } from '../port/settings.js';

/*
 * librdkafka says "certificate verify failed" for every reason that there is, and a broker often
 * only hangs up on a client's certificate. So a failed handshake is looked at once more, by Node.
 */

const TIMEOUT_MS = 3000;

type Properties = KafkaSettings['properties'];

/** What is wrong with the certificates between here and a broker, in a sentence; null when it is not known. Never rejects. */
export async function certificateTrouble(
  broker: string,
  properties: Properties,
  now = Date.now(),
): Promise<string | null> {
  try {
    return (await ownTrouble(properties, now)) ?? (await brokersTrouble(broker, properties));
  } catch {
    return null;
  }
}

async function ownTrouble(properties: Properties, now: number): Promise<string | null> {
  const pem = await pemOf(properties, 'ssl.certificate');
  if (pem === undefined) return null;
  const { subject, validFrom, validTo } = new X509Certificate(pem);
  const name = `the client certificate ${oneLine(subject)} (ssl.certificate.location)`;
  if (now > Date.parse(validTo)) return `${name} expired on ${day(validTo)}`;
  return now < Date.parse(validFrom) ? `${name} is not valid before ${day(validFrom)}` : null;
}

async function brokersTrouble(broker: string, properties: Properties): Promise<string | null> {
  const at = broker.lastIndexOf(':');
  const host = withoutBrackets(broker.slice(0, at));
  const ca = await pemOf(properties, 'ssl.ca');
  const socket = connect({
    host,
    port: Number(broker.slice(at + 1)),
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    // The certificate is only looked at and reported: nothing is sent.
    rejectUnauthorized: false,
  });
  try {
    await handshake(socket);
    const error = socket.authorizationError as unknown as Error | string | null;
    if (!error) return null;
    return sentence(
      socket.getPeerCertificate(),
      typeof error === 'string' ? error : ((error as { code?: string }).code ?? error.message),
    );
  } finally {
    socket.destroy();
  }
}

function handshake(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error('timed out')));
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
}

function sentence(
  { subject, issuer, subjectaltname, valid_from: from, valid_to: to }: PeerCertificate,
  code: string,
): string {
  const name = `the broker's certificate CN=${subject?.CN ?? ''}`;
  if (code === 'CERT_HAS_EXPIRED') return `${name} expired on ${day(to)}`;
  if (code === 'CERT_NOT_YET_VALID') return `${name} is not valid before ${day(from)}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${name} is for other names: ${subjectaltname ?? 'none'}`;
  return `${name} is signed by CN=${issuer?.CN ?? ''}, which ssl.ca.location does not trust (${code})`;
}

async function pemOf(properties: Properties, name: 'ssl.ca' | 'ssl.certificate'): Promise<string | undefined> {
  const text = properties[`${name}.pem`];
  if (text !== undefined) return String(text);
  const path = properties[`${name}.location`];
  return path === undefined ? undefined : await readFile(String(path), 'utf8');
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

function day(date: string): string {
  return new Date(date).toISOString();
}

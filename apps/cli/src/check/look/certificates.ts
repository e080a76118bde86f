import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSettings } from '@kafka-http-proxy/kafka';

type Properties = KafkaSettings['properties'];

/** Text of a property; undefined where it is not set. */
export function propertyOf(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return value === undefined ? undefined : String(value);
}

/** Whether the brokers are spoken to by TLS. */
export function usesTls(properties: Properties): boolean {
  return /^(?:sasl_)?ssl$/i.test(propertyOf(properties, 'security.protocol') ?? '');
}

/** PEM of the authorities that are trusted; undefined: those of the system. @throws {Error} of a file that can't be read */
export async function authorities(properties: Properties): Promise<string[] | undefined> {
  const text = propertyOf(properties, 'ssl.ca.pem');
  if (text !== undefined) return [text];
  const path = propertyOf(properties, 'ssl.ca.location');
  if (path === undefined || path === 'probe') return undefined;
  if (!(await stat(path)).isDirectory()) return [await readFile(path, 'utf8')];
  return await Promise.all((await readdir(path)).map((name) => readFile(join(path, name), 'utf8')));
}

/** The certificate that we show to brokers, and where it comes from. */
export interface ClientCertificate {
  readonly pem: string;
  /** Path, or the property with the text. */
  readonly source: string;
  readonly key: string | undefined;
  readonly keySource: string | undefined;
}

/** Null where there is none, or one in a key store, which is not read. @throws {Error} of a file that can't be read */
export async function clientCertificate(properties: Properties): Promise<ClientCertificate | null> {
  const certificate = await pemOf(properties, 'ssl.certificate');
  if (certificate === undefined) return null;
  const key = await pemOf(properties, 'ssl.key');
  return { pem: certificate.pem, source: certificate.source, key: key?.pem, keySource: key?.source };
}

async function pemOf(properties: Properties, name: string): Promise<{ pem: string; source: string } | undefined> {
  const text = propertyOf(properties, `${name}.pem`);
  if (text !== undefined) return { pem: text, source: `${name}.pem` };
  const path = propertyOf(properties, `${name}.location`);
  return path === undefined ? undefined : { pem: await readFile(path, 'utf8'), source: path };
}

/** Whether a key belongs to a certificate; null where the key can't be read, encrypted for example. */
export function keyFits({ pem, key }: ClientCertificate, passphrase: string | undefined): boolean | null {
  if (key === undefined) return null;
  try {
    const secret = createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
    return new X509Certificate(pem).checkPrivateKey(secret);
  } catch {
    return null;
  }
}

/**
 * The principal that Kafka makes of a client certificate unless ssl.principal.mapping.rules say otherwise: its subject,
 * the last part first (RFC 2253). Null where nobody logs in by one.
 */
export async function principalOfCertificate(properties: Properties): Promise<string | null> {
  if ((propertyOf(properties, 'security.protocol') ?? '').toLowerCase() !== 'ssl') return null;
  const found = await clientCertificate(properties).catch(() => null);
  if (found === null) return null;
  try {
    return new X509Certificate(found.pem).subject.split('\n').reverse().join(',');
  } catch {
    return null;
  }
}

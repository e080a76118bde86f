import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TopicConfig } from '@kafka-http-proxy/protocol';

/** The TLS options of a topic, its files read. */
export interface BackendTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** @throws Error with a sentence, when a file can't be read, or what is in them is no certificate with its key */
export function tlsOptions({ tls, request_topic: topic }: Pick<TopicConfig, 'tls' | 'request_topic'>): BackendTls {
  if (tls === undefined) return {};
  try {
    const files = {
      ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
      ...(tls.cert === undefined ? {} : { cert: readFileSync(tls.cert) }),
      ...(tls.key === undefined ? {} : { key: readFileSync(tls.key) }),
    };
    // Else each connection would find out, when what was in use before is gone.
    const { ca, cert, key } = files;
    if (ca !== undefined) named(`ca ${tls.ca}`, () => checkAuthorities(ca));
    if (cert ?? key) named(`cert ${tls.cert} and key ${tls.key}`, () => createSecureContext(files));
    return {
      ...files,
      ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
      rejectUnauthorized: tls.reject_unauthorized,
    };
  } catch (error) {
    throw new Error(`tls of topic ${topic}: ${(error as Error).message}`, { cause: error });
  }
}

/** Tells of which file an error of OpenSSL speaks, and what was expected. @throws Error */
function named(file: string, judge: () => void): void {
  try {
    judge();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const why = code?.startsWith('ERR_OSSL')
      ? `OpenSSL refuses what is in it, where PEM is expected: ${message}`
      : message;
    throw new Error(`${file}: ${why}`, { cause: error });
  }
}

/** A context takes anything for authorities, and then trusts nobody. @throws Error when these are none, or cut short */
function checkAuthorities(ca: Buffer): void {
  new X509Certificate(ca);
  createSecureContext({ ca });
  const text = ca.toString('latin1');
  const count = (what: string) => text.split(`-----${what}`).length;
  if (count('BEGIN') !== count('END')) throw new Error('it is cut short');
}

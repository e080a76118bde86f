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
    createSecureContext(files);
    if (files.ca !== undefined) checkAuthorities(files.ca);
    return {
      ...files,
      ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
      rejectUnauthorized: tls.reject_unauthorized,
    };
  } catch (error) {
    throw new Error(`tls of topic ${topic}: ${(error as Error).message}`, { cause: error });
  }
}

/** A context takes anything for authorities, and then trusts nobody. @throws Error when these are none, or cut short */
function checkAuthorities(ca: Buffer): void {
  new X509Certificate(ca);
  const text = ca.toString('latin1');
  const count = (what: string) => text.split(`-----${what}`).length;
  if (count('BEGIN') !== count('END')) throw new Error('the file of ca is cut short');
}

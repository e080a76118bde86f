import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ConfigDoubt } from '../config/load-config.js';
import type { TlsMaterial, TlsSection } from './tls-material.js';
import { tlsSettings } from './tls-settings.js';

/** Certificates and keys with what is wrong with them, each with the key of the configuration that names the file. */
export interface TlsJudgement {
  /** Null where there are doubts. */
  readonly material: TlsMaterial | null;
  readonly doubts: readonly ConfigDoubt[];
}

type FileKey = 'cert' | 'key' | 'ca';

/** Below this an RSA key can be broken (NIST SP 800-57: 112 bits of security). */
const LEAST_RSA_BITS = 2048;

/**
 * Reads the files of a `tls` section, and tells what of them can't be used: before anybody listens with them, and before
 * they take the place of those in use.
 *
 * @param nowMs since the epoch
 * @example
 * const { material, doubts } = judgeTlsFiles(config.tls, Date.now());
 */
export function judgeTlsFiles(config: TlsSection, nowMs: number): TlsJudgement {
  const doubts: ConfigDoubt[] = [];
  const attempt = <T>(key: FileKey, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      doubts.push({ path: ['tls', key], sentence: (error as Error).message });
      return null;
    }
  };
  const cert = attempt('cert', () => readChain(config.cert, nowMs));
  const key = attempt('key', () => readKey(config.key));
  const needsCa = (config.client_auth ?? 'none') !== 'none';
  const { ca: caFile } = config;
  const ca = attempt('ca', () => {
    if (caFile !== undefined) return readCertificates(caFile);
    if (!needsCa) return null;
    throw new Error(
      `client_auth: ${config.client_auth} needs it: a file with the authorities that issue the certificates of clients, in PEM`,
    );
  });
  if (cert !== null && key !== null) attempt('key', () => checkPair(config, cert.certificates, key.key));
  if (doubts.length > 0 || cert === null || key === null) return { material: null, doubts };
  const material: TlsMaterial = {
    cert: cert.pem,
    key: key.pem,
    ca: ca?.pem ?? null,
    chain: cert.certificates,
    authorities: ca?.certificates ?? [],
  };
  attempt('cert', () => checkContext(config, material));
  return doubts.length > 0 ? { material: null, doubts } : { material, doubts };
}

/** {@link judgeTlsFiles} for a configuration that is being checked; nothing where it has no `tls`. */
export function tlsDoubts(config: TlsSection | undefined): readonly ConfigDoubt[] {
  return config === undefined ? [] : judgeTlsFiles(config, Date.now()).doubts;
}

/** @throws Error with a sentence of what is wrong with the files */
export function readTlsFiles(config: TlsSection, nowMs: number): TlsMaterial {
  const { material, doubts } = judgeTlsFiles(config, nowMs);
  if (material !== null) return material;
  throw new Error(doubts.map(({ path, sentence }) => `${path.join('.')}: ${sentence}`).join('; '));
}

interface Certificates {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EISDIR: 'it is a directory',
};

function readPem(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(`${file} can’t be read: ${SYSTEM_ERRORS[code] ?? message}`);
  }
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

function readCertificates(file: string): Certificates {
  const pem = readPem(file);
  const blocks = [...pem.matchAll(BLOCK)].filter(
    ([, what]) => what === 'CERTIFICATE' || what === 'TRUSTED CERTIFICATE',
  );
  const begun = pem.split('-----BEGIN').length - 1;
  if (begun !== pem.split('-----END').length - 1)
    throw new Error(`${file} is cut short: a block begins and does not end`);
  if (blocks.length === 0) throw new Error(`${file} ${whatElse(pem, file)}`);
  const certificates = blocks.map(([block], i) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      const which = blocks.length === 1 ? 'the certificate' : `certificate ${i + 1}`;
      throw new Error(`${which} in ${file} can’t be read: ${(error as Error).message}`);
    }
  });
  return { pem, certificates };
}

/** What a file holds where a certificate in PEM was expected. */
function whatElse(pem: string, file: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return 'holds a private key and no certificate: did cert and key change places?';
  }
  // A sequence, as DER begins.
  if (pem.charCodeAt(0) === 0x30) {
    return `is no PEM but DER: openssl x509 -inform der -in ${file} -out <new file> makes PEM of it`;
  }
  return 'holds no certificate in PEM: it has to have -----BEGIN CERTIFICATE-----';
}

function readChain(file: string, nowMs: number): Certificates {
  const read = readCertificates(file);
  const [leaf] = read.certificates as [X509Certificate];
  const endsMs = Date.parse(leaf.validTo);
  if (endsMs <= nowMs) {
    throw new Error(`the certificate in ${file} (${nameOf(leaf)}) expired on ${day(endsMs)}: put a new one there`);
  }
  const bits = leaf.publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < LEAST_RSA_BITS) {
    throw new Error(`the key of the certificate in ${file} has ${bits} bits: RSA needs ${LEAST_RSA_BITS} or more`);
  }
  return read;
}

function readKey(file: string): { readonly pem: string; readonly key: KeyObject } {
  const pem = readPem(file);
  if (/-----BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new Error(
      `${file} is encrypted, and nobody is there to type its passphrase: openssl pkey -in ${file} -out <new file> writes it without`,
    );
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    const isCertificate = pem.includes('-----BEGIN CERTIFICATE-----');
    throw new Error(
      `${file} ${isCertificate ? 'holds a certificate and no private key: did cert and key change places?' : 'holds no private key in PEM: it has to begin with BEGIN PRIVATE KEY'}`,
    );
  }
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch (error) {
    throw new Error(`the private key in ${file} can’t be read: ${(error as Error).message}`);
  }
}

function checkPair(config: TlsSection, chain: readonly X509Certificate[], key: KeyObject): void {
  const [leaf, ...others] = chain as [X509Certificate, ...X509Certificate[]];
  if (leaf.checkPrivateKey(key)) return;
  const at = others.findIndex((other) => other.checkPrivateKey(key));
  if (at >= 0) {
    throw new Error(
      `${config.key} is the key of certificate ${at + 2} of ${config.cert}, and not of the first: the certificate of this server comes first, then those that lead to its authority`,
    );
  }
  const kind = createPublicKey(key).asymmetricKeyType === leaf.publicKey.asymmetricKeyType ? '' : ', nor of its kind';
  throw new Error(`${config.key} is not the key of the certificate in ${config.cert} (${nameOf(leaf)})${kind}`);
}

/** What OpenSSL has against them, beside all that. */
function checkContext(config: TlsSection, material: TlsMaterial): void {
  try {
    createSecureContext(tlsSettings(config, material, true));
  } catch (error) {
    throw new Error(`OpenSSL refuses what is in ${config.cert}: ${(error as Error).message}`);
  }
}

/** Who a certificate is of, for sentences: `CN=shop,O=Acme`. */
export function nameOf({ subject, subjectAltName }: X509Certificate): string {
  // A line each, and whatever its issuer let in.
  const name = subject === undefined || subject === '' ? (subjectAltName ?? 'no name') : subject.split('\n').join(',');
  return name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

/** A day, as in `2026-11-29`. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isPrincipal, type MtlsConfig } from '@kafka-http-proxy/protocol';
import { BadCredentials, type Identity, NO_SCOPES } from './identity.js';

/** Finds out who has a certificate. */
export interface Certificates {
  /** Of the connection's own certificate, which its handshake has verified; null where it has none. */
  ofConnection(socket: Socket): Identity | null;
  /** Of a value of Client-Cert, which a trusted proxy has verified. @throws {BadCredentials} where it can't be read */
  ofField(value: string): Identity;
}

/** Most values of Client-Cert that are remembered: to read one takes as long as half a request. */
const MAX_KNOWN = 1000;
/** Longest value that is read, characters. */
const MAX_FIELD = 32_768;

/**
 * @example
 * const certificates = createCertificates({ scopes: { 'CN=shop,O=Acme': ['orders:write'] } });
 * certificates.ofConnection(request.socket)?.principal; // CN=shop,O=Acme@mtls
 */
export function createCertificates(config: MtlsConfig, now: () => number = Date.now): Certificates {
  const scopes = new Map(Object.entries(config.scopes).map(([name, list]) => [name, new Set(list)]));
  const ofSockets = new WeakMap<Socket, Identity | null>();
  const ofFields = new Map<string, { readonly identity: Identity; readonly untilMs: number }>();
  const identityOf = (certificate: X509Certificate): Identity => {
    const name = nameOf(certificate);
    const principal = `${name}@mtls`;
    if (name === '' || !isPrincipal(principal))
      throw new BadCredentials('The certificate names nobody that can be named.');
    return { method: 'mtls', principal, scopes: scopes.get(name) ?? NO_SCOPES, claims: [] };
  };
  return {
    ofConnection(socket) {
      const before = ofSockets.get(socket);
      if (before !== undefined) return before;
      const certificate =
        socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
      const identity = certificate === undefined ? null : identityOf(certificate);
      ofSockets.set(socket, identity);
      return identity;
    },
    ofField(value) {
      const before = ofFields.get(value);
      if (before !== undefined && now() < before.untilMs) return before.identity;
      const certificate = readField(value);
      const untilMs = Date.parse(certificate.validTo);
      if (now() >= untilMs || now() < Date.parse(certificate.validFrom)) {
        throw new BadCredentials('The certificate in Client-Cert is not valid at this time.');
      }
      const identity = identityOf(certificate);
      if (ofFields.size >= MAX_KNOWN) ofFields.clear();
      ofFields.set(value, { identity, untilMs });
      return identity;
    },
  };
}

/**
 * A certificate as RFC 9440 §2.1 has it (`:<base64 of DER>:`), or as nginx does ($ssl_client_escaped_cert: PEM with
 * percent escapes).
 */
function readField(value: string): X509Certificate {
  try {
    const [, base64] = /^:([A-Za-z0-9+/=]+):$/.exec(value.trim()) ?? [];
    if (value.length > MAX_FIELD) throw new Error('too long');
    if (base64 !== undefined) return new X509Certificate(Buffer.from(base64, 'base64'));
    const pem = decodeURIComponent(value);
    if (!pem.startsWith('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate');
    return new X509Certificate(pem);
  } catch (cause) {
    throw new BadCredentials('Client-Cert holds no certificate (RFC 9440).', { cause });
  }
}

/**
 * The distinguished name as RFC 4514 writes it, the nearest part first; where it is empty, the first alternative name.
 * OpenSSL has escaped what stands in the parts, and puts each on a line, the nearest last.
 */
function nameOf({ subject, subjectAltName }: X509Certificate): string {
  // A certificate without a subject has none, whatever the type says.
  const name = ((subject as string | undefined) ?? '').split('\n').reverse().join(',');
  return name !== '' ? name : (subjectAltName?.split(', ')[0] ?? '');
}

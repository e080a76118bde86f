import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { TlsMaterial, TlsSection } from './tls-material.js';

/**
 * What a connection by TLS 1.2 is encrypted with: keys of their own for each connection (ECDHE), and ciphers that
 * authenticate what they encrypt (RFC 9325 §4.2). TLS 1.3 has no others. Level 2 also refuses keys and signatures of
 * less than 112 bits, such as SHA-1's.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  '@SECLEVEL=2',
].join(':');

/** How long a session may be taken up again without a certificate being looked at once more, s. */
const SESSION_SECONDS = 300;

/**
 * What a TLS server is made with.
 *
 * @param asksClients false: nobody is asked for a certificate, whatever `client_auth` says
 */
export function tlsSettings(config: TlsSection, { cert, key, ca }: TlsMaterial, asksClients: boolean): TlsOptions {
  const { client_auth: clientAuth = 'none', min_version: minVersion } = config;
  const asks = asksClients && clientAuth !== 'none';
  return {
    cert,
    key,
    minVersion,
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // A client that renegotiates has the server work for nothing. TLS 1.3 has no such thing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionTimeout: SESSION_SECONDS,
    ALPNProtocols: ['http/1.1', 'http/1.0'],
    allowHalfOpen: true,
    requestCert: asks,
    rejectUnauthorized: asks && clientAuth === 'require',
    ...(asks && ca !== null && { ca }),
  };
}

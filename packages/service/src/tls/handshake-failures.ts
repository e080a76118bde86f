import type { TLSSocket } from 'node:tls';

/** Why a connection came to no TLS: labels of a metric, so they are few. */
export const HANDSHAKE_FAILURES = [
  'plain_http',
  'version',
  'cipher',
  'client_certificate',
  'refused_by_client',
  'gone',
  'timeout',
  'crowded',
  'other',
] as const;
export type HandshakeFailure = (typeof HANDSHAKE_FAILURES)[number];

/** What is said of each in the log; null: nothing, since port scans and health checks look the same. */
export const SENTENCES: Readonly<Record<HandshakeFailure, string | null>> = {
  plain_http: 'a client spoke plain HTTP where TLS is expected: its URL has to begin with https',
  version: 'a client speaks no version of TLS that is allowed (tls.min_version)',
  cipher: 'a client knows no cipher or curve that is allowed',
  client_certificate: 'a client had no certificate, or none of an authority of tls.ca that is valid now',
  refused_by_client:
    'a client refuses the certificate of tls.cert: it does not know its authority, or its name is another',
  gone: null,
  timeout: null,
  crowded: 'more handshakes are under way than there is room for: the oldest were cut off',
  other: 'a TLS handshake failed',
};

const OPENSSL: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/HTTP_REQUEST|HTTPS_PROXY_REQUEST/, 'plain_http'],
  [/UNSUPPORTED_PROTOCOL|WRONG_VERSION_NUMBER|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION|WRONG_SSL_VERSION/, 'version'],
  [/NO_SHARED_CIPHER|NO_SUITABLE|NO_SHARED_SIGNATURE|NO_SHARED_GROUP|NO_CIPHERS/, 'cipher'],
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_VERIFY_FAILED/, 'client_certificate'],
  [/ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/, 'refused_by_client'],
];

/** What an error of a handshake comes to. */
export function failureOf(
  error: NodeJS.ErrnoException,
  socket: Pick<TLSSocket, 'authorizationError'>,
): HandshakeFailure {
  // Node closes without a word of OpenSSL where the certificate of a client is not in order.
  if (socket.authorizationError) return 'client_certificate';
  const { code = '' } = error;
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'timeout';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'gone';
  return OPENSSL.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
}

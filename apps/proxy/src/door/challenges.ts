import { type AuthMethod, BridgeError } from '@kafka-http-proxy/protocol';

/*
 * What is answered to those who don't get in (RFC 9110 §11.6.1; RFC 6750 §3).
 */

/** Who said nothing of himself. @param keyField the field that keys are sent in, where there are some */
export function noCredentials(methods: readonly AuthMethod[], keyField: string | undefined): BridgeError {
  const wanted = methods.map((method) => WANTED[method](keyField));
  const detail =
    wanted.length === 0
      ? 'No credentials are good for both its path and the topic that it names.'
      : `The request has to show ${wanted.join(', or ')}.`;
  const fields = methods.flatMap((method) => ['WWW-Authenticate', CHALLENGES[method]]);
  return new BridgeError('unauthenticated', detail, { fields: fields.length === 0 ? BEARER : fields });
}

/** Whose credentials are not good. @param reason a sentence without quotes and backslashes */
export function refused(method: AuthMethod, reason: string, keyField: string | undefined): BridgeError {
  const challenge =
    method === 'jwt' ? `${CHALLENGES.jwt}, error="invalid_token", error_description="${reason}"` : CHALLENGES[method];
  const detail = method === 'api_key' && keyField !== undefined ? `${reason} Keys are sent in ${keyField}.` : reason;
  return new BridgeError('unauthenticated', detail, { fields: ['WWW-Authenticate', challenge] });
}

/** Who is known, and may not. */
export function tooLittle(method: AuthMethod, scopes: readonly string[]): BridgeError {
  const names = scopes.join(' ');
  const fields =
    method === 'jwt' ? ['WWW-Authenticate', `${CHALLENGES.jwt}, error="insufficient_scope", scope="${names}"`] : [];
  return new BridgeError('forbidden', `The request needs scopes that its sender has not: all of ${names}.`, { fields });
}

const REALM = 'realm="kafka-proxy"';

/** Bearer is RFC 6750's; for keys and certificates there is no registered scheme, and a 401 has to name one. */
const CHALLENGES: Readonly<Record<AuthMethod, string>> = {
  jwt: `Bearer ${REALM}`,
  api_key: `ApiKey ${REALM}`,
  mtls: `Certificate ${REALM}`,
};
const BEARER = ['WWW-Authenticate', CHALLENGES.jwt];

const WANTED: Readonly<Record<AuthMethod, (keyField: string | undefined) => string>> = {
  jwt: () => 'a token (Authorization: Bearer)',
  api_key: (keyField) => `a key (${keyField})`,
  mtls: () => 'a client certificate',
};

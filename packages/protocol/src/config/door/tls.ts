import { z } from 'zod';
import { key } from '../keys/key.js';

const FILE = 'the path of a PEM file';
const file = z.string(FILE).min(1, FILE);

/** What a port that speaks TLS is made of, in both tiers. */
const certificateKeys = {
  cert: key(file, {
    about: 'PEM file of the certificate, with the intermediate ones behind it.',
    env: 'TLS_CERT',
    live: true,
    file: true,
  }),
  key: key(file, {
    about: 'PEM file of the private key of that certificate.',
    env: 'TLS_KEY',
    live: true,
    file: true,
  }),
  min_version: key(z.enum(['TLSv1.2', 'TLSv1.3'], 'TLSv1.2 or TLSv1.3').default('TLSv1.2'), {
    about: 'Oldest version of TLS that a client may speak.',
    env: 'TLS_MIN_VERSION',
    live: true,
  }),
};

/** `tls:` of the processor: HTTPS on its management port. Left out: plain HTTP. */
export const processorTls = z.strictObject(certificateKeys, 'a section of cert, key and min_version').optional();

const CLIENT_AUTH = 'none, request or require';

/** `tls:` of the proxy: HTTPS on its port and on its management port. Left out: plain HTTP. */
export const proxyTls = z
  .strictObject(
    {
      ...certificateKeys,
      ca: key(file.optional(), {
        about: 'PEM file of those who may issue client certificates.',
        env: 'TLS_CA',
        live: true,
        file: true,
      }),
      client_auth: key(z.enum(['none', 'request', 'require'], CLIENT_AUTH).default('none'), {
        about:
          'Whether clients of the HTTP port are asked for a certificate, and refused without a valid one; never at a management port of its own, since probes have none.',
        env: 'TLS_CLIENT_AUTH',
        live: true,
      }),
    },
    'a section of cert, key, ca, client_auth and min_version',
  )
  .refine(({ ca, client_auth: clientAuth }) => clientAuth === 'none' || ca !== undefined, {
    path: ['ca'],
    message: 'the PEM file of those who issue client certificates, where client_auth is not none',
  })
  .optional();

/** What the ports of a tier present themselves with. */
export type TlsConfig = NonNullable<z.infer<typeof proxyTls>>;

import type { X509Certificate } from 'node:crypto';
import type { TlsConfig } from '@kafka-http-proxy/protocol';

/** The `tls` section of a tier: files in PEM. The processor's has neither `ca` nor `client_auth`. */
export type TlsSection = Pick<TlsConfig, 'cert' | 'key' | 'min_version'> &
  Partial<Pick<TlsConfig, 'ca' | 'client_auth'>>;

/** What was in the files, judged. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
  /** The certificate itself first. */
  readonly chain: readonly X509Certificate[];
  readonly authorities: readonly X509Certificate[];
}

import { get, type RequestOptions } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** What a server over TLS answered, and who it was. */
export interface SecureAnswer {
  readonly status: number;
  readonly text: string;
  /** The CN of its certificate. */
  readonly server: string;
}

/**
 * GET over TLS, on a connection of its own unless `agent` has another.
 *
 * @throws {Error} when there is no answer: its `code` says why
 */
export function secureGet(url: string, options: RequestOptions): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, ...options }, (response) => {
      const { CN } = ((response.socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate>).subject ?? {};
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (more: string) => {
        text += more;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, server: String(CN) }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** False: tests that make certificates are left out, as for the README's test command, which asks for Node alone. */
export const HAS_OPENSSL = spawnSync('openssl', ['version']).error === undefined;

/** PEM files of one certificate. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

/** How a certificate is to be. */
export interface CertificateOptions {
  readonly by?: MadeCertificate;
  /** From now; 10 when left out, and those before 0 are over. */
  readonly days?: number;
  readonly rsaBits?: number;
  /** False: a certificate without subjectAltName. */
  readonly named?: boolean;
}

/** Makes certificates in a directory that goes with the test file. */
export function useCertificates(): { dir: string; make(name: string, options?: CertificateOptions): MadeCertificate } {
  const dir = mkdtempSync(join(tmpdir(), 'khp-certificates-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  let serial = 1;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  return {
    dir,
    make(name, { by, days = 10, rsaBits, named = true } = {}) {
      const made = { cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
      const kind =
        rsaBits === undefined
          ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
          : ['-newkey', `rsa:${rsaBits}`];
      const about = [
        '-subj',
        `/CN=${name}`,
        ...(named ? ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'] : []),
      ];
      const request = ['req', ...kind, '-nodes', '-keyout', made.key, ...about];
      if (by === undefined && days > 0) {
        openssl(...request, '-x509', '-days', String(days), '-out', made.cert);
        return made;
      }
      const csr = join(dir, `${name}.csr`);
      openssl(...request, '-out', csr);
      const issuer = by === undefined ? ['-signkey', made.key] : ['-CA', by.cert, '-CAkey', by.key];
      const out = [
        '-set_serial',
        String(serial++),
        '-days',
        String(days),
        '-copy_extensions',
        'copy',
        '-out',
        made.cert,
      ];
      openssl('x509', '-req', '-in', csr, ...issuer, ...out);
      return made;
    },
  };
}

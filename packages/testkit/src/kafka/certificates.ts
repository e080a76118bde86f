import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './jars.js';

/** PEM files of one certificate. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  /** Key and certificate in one file, as Kafka's `ssl.keystore.location` takes them. */
  readonly keystore: string;
}

/** How a certificate is to be. */
export interface IssueOptions {
  readonly expired?: boolean;
  /** With an RSA key, and not one of an elliptic curve. */
  readonly rsa?: boolean;
}

/** A certificate authority that lives for a test run. */
export interface Authority {
  /** Its own certificate: what those who trust it are given. */
  readonly certificate: string;
  /** A certificate for `CN=name` at 127.0.0.1; `expired` ended yesterday. */
  issue(name: string, options?: IssueOptions): Promise<Issued>;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const NEW_RSA_KEY = ['-newkey', 'rsa:2048', '-nodes'];

/**
 * Makes a certificate authority with the `openssl` program; all files are in `dir`, which has to be there.
 *
 * @throws {Error} that says what to install when there is no openssl, or what it said
 */
export async function createAuthority(dir: string, name: string): Promise<Authority> {
  const file = (ending: string) => join(dir, `${name}${ending}`);
  const own = { key: file('.key'), certificate: file('.pem') };
  const out = ['-keyout', own.key, '-out', own.certificate];
  await run('openssl', ['req', '-x509', ...NEW_KEY, ...out, '-days', '2', '-subj', `/CN=${name}`], dir);
  return {
    certificate: own.certificate,
    async issue(subject, { expired = false, rsa = false } = {}) {
      const of = (ending: string) => join(dir, `${name}-${subject}${expired ? '-expired' : ''}${ending}`);
      const issued = { certificate: of('.pem'), key: of('.key'), keystore: of('.keystore.pem') };
      const request = ['-subj', `/CN=${subject}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      await run(
        'openssl',
        ['req', ...(rsa ? NEW_RSA_KEY : NEW_KEY), '-keyout', issued.key, '-out', of('.csr'), ...request],
        dir,
      );
      // Not by openssl's own file of serial numbers: two at once would break it.
      const serial = ['-set_serial', `0x${randomBytes(8).toString('hex')}`];
      const by = ['-CA', own.certificate, '-CAkey', own.key, ...serial, '-copy_extensions', 'copy'];
      const until = ['-days', expired ? '-1' : '2'];
      await run('openssl', ['x509', '-req', '-in', of('.csr'), ...by, ...until, '-out', issued.certificate], dir);
      const parts = await Promise.all([issued.key, issued.certificate].map((path) => readFile(path, 'utf8')));
      await writeFile(issued.keystore, parts.join(''));
      return issued;
    },
  };
}

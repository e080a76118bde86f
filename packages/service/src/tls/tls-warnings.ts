import type { X509Certificate } from 'node:crypto';
import { day, judgeTlsFiles, nameOf } from './tls-files.js';
import type { TlsMaterial, TlsSection } from './tls-material.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate that ends within this time is told of, ms. */
const WARN_MS = 30 * DAY_MS;

/**
 * What of the files of a `tls` section works, and will not for long, or not for everybody: a sentence each. Nothing of
 * files that can't be used: those are mistakes.
 *
 * @param nowMs since the epoch
 * @param warnMs how long before its end a certificate is told of
 * @example
 * for (const warning of tlsWarnings(config.tls, Date.now())) logger.warn(warning);
 */
export function tlsWarnings(config: TlsSection | undefined, nowMs: number, warnMs: number = WARN_MS): string[] {
  if (config === undefined) return [];
  const { material } = judgeTlsFiles(config, nowMs);
  return material === null ? [] : materialWarnings(config, material, nowMs, warnMs);
}

/** {@link tlsWarnings} of files that were read. */
export function materialWarnings(
  config: TlsSection,
  { chain, authorities }: TlsMaterial,
  nowMs: number,
  warnMs: number = WARN_MS,
): string[] {
  const [leaf, ...others] = chain as [X509Certificate, ...X509Certificate[]];
  const ofServer = `tls.cert: the certificate in ${config.cert} (${nameOf(leaf)})`;
  const warnings: string[] = [];
  const fromMs = Date.parse(leaf.validFrom);
  if (fromMs > nowMs) warnings.push(`${ofServer} is not valid before ${new Date(fromMs).toISOString()}`);
  const ends = ending(leaf, nowMs, warnMs);
  if (ends !== null) warnings.push(`${ofServer} ${ends}: clients refuse it from then on`);
  if (leaf.subjectAltName === undefined) {
    warnings.push(`${ofServer} has no subjectAltName: most clients refuse it, whatever its CN`);
  }
  for (const [i, certificate] of others.entries()) {
    const which = `tls.cert: certificate ${i + 2} of ${config.cert} (${nameOf(certificate)})`;
    if (!(chain[i] as X509Certificate).checkIssued(certificate)) {
      warnings.push(`${which} did not issue the one before it: clients may not find the way to their authority`);
    }
    const endsToo = ending(certificate, nowMs, warnMs);
    if (endsToo !== null) warnings.push(`${which} ${endsToo}: clients refuse the chain from then on`);
  }
  for (const authority of authorities) {
    const which = `tls.ca: the authority ${nameOf(authority)} in ${config.ca}`;
    const endsToo = ending(authority, nowMs, warnMs);
    if (endsToo !== null)
      warnings.push(`${which} ${endsToo}: clients that it issued certificates for are refused then`);
    if (!authority.ca) warnings.push(`${which} is no authority (CA:TRUE is missing): nobody is trusted for it`);
  }
  return warnings;
}

/** When a certificate ends, if that is soon; null: it is not. */
function ending({ validTo }: X509Certificate, nowMs: number, warnMs: number): string | null {
  const endsMs = Date.parse(validTo);
  const days = Math.floor((endsMs - nowMs) / DAY_MS);
  if (endsMs <= nowMs) return `expired on ${day(endsMs)}`;
  if (endsMs - nowMs >= warnMs) return null;
  return `expires on ${day(endsMs)}, in ${days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`}`;
}

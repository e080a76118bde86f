import { type CheckStep, type Finding, parseDuration, shellWord } from '@kafka-http-proxy/operate';
import { tlsDoubts, tlsWarnings } from '@kafka-http-proxy/service';
import type { TierConfig } from '../../connection/configurations.js';
import type { Loaded } from '../given/access.js';
import type { CheckFlags } from '../given/flags.js';

/** The certificates that our own ports are served with; nothing where none speaks TLS. */
export function servedSteps({ tiers }: Pick<Loaded, 'tiers'>, flags: Pick<CheckFlags, 'certWarn'>): CheckStep[] {
  const served = tiers.filter(({ config }) => config.tls !== undefined);
  if (served.length === 0) return [];
  const warnMs = parseDuration(flags.certWarn, '--cert-warn');
  return [{ id: 'config.tls', needs: ['config.load'], look: () => served.flatMap((one) => judgeServed(one, warnMs)) }];
}

function judgeServed({ tier, config: { tls } }: TierConfig, warnMs: number): Finding[] {
  if (tls === undefined) return [];
  const fix = `openssl x509 -in ${shellWord(tls.cert)} -noout -subject -dates -ext subjectAltName`;
  const doubts = tlsDoubts(tls).map(({ path, sentence }): Finding => {
    return { state: 'FAIL', what: `${path.join('.')}: ${sentence}`, fix };
  });
  const warnings = tlsWarnings(tls, Date.now(), warnMs).map((what): Finding => ({ state: 'warn', what, fix }));
  const all = [...doubts, ...warnings];
  return all.length > 0 ? all : [{ state: 'ok', what: `the ${tier} can be served with ${tls.cert}` }];
}

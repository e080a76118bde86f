import type { CheckStep, Finding } from '@kafka-http-proxy/operate';
import type { CheckFlags } from '../given/flags.js';
import { lookAtService, type ServiceLook } from '../look/services.js';

/** Clocks that differ by more than this make deadlines too short or too long, ms. */
const SKEW_WARN_MS = 2000;
const SKEW_FAIL_MS = 10_000;

/** What running services say; nothing where no URL was given. */
export function serviceSteps({ proxy = [], processor = [] }: CheckFlags): CheckStep[] {
  const urls = [...proxy.map((url) => ['proxy', url] as const), ...processor.map((url) => ['processor', url] as const)];
  if (urls.length === 0) return [];
  let looks: Promise<ServiceLook[]> | undefined;
  const look = () => (looks ??= Promise.all(urls.map(async ([tier, url]) => await lookAtService(tier, url))));
  const reached = async () => (await look()).filter(({ error }) => error === null);
  return [
    { id: 'service.ready', needs: [], look: async () => (await look()).flatMap(judgeReady) },
    { id: 'service.version', needs: [], look: async () => judgeVersions(await reached()) },
    { id: 'service.clock', needs: [], look: async () => judgeClocks(await reached()) },
  ];
}

function judgeReady({ name, url, error, ready, reasons, notes }: ServiceLook): Finding[] {
  const fix = `curl -sS ${url}/ready`;
  if (error !== null)
    return [{ state: 'FAIL', what: `${name} does not answer at ${url}/ready: ${error}`, fix, blocks: false }];
  if (!ready) {
    const why = reasons.length === 0 ? 'it does not say why' : reasons.join('; ');
    return [{ state: 'FAIL', what: `${name} takes no requests: ${why}`, fix, blocks: false }];
  }
  if (notes.length > 0) return [{ state: 'warn', what: `${name} is ready, but: ${notes.join('; ')}`, fix }];
  return [{ state: 'ok', what: `${name} is ready` }];
}

function judgeVersions(looks: readonly ServiceLook[]): Finding[] {
  const known = looks.filter(({ version }) => version !== null);
  if (known.length === 0) return [{ state: 'skip', what: 'no service told its version' }];
  const told = known.map(({ name, version }) => `${name} ${version}`).join(', ');
  const differ = new Set(known.map(({ version }) => version)).size > 1;
  return [
    differ
      ? {
          state: 'warn',
          what: `versions differ: ${told}. Processors go first in an upgrade`,
          fix: 'kafka-http-proxy --version',
        }
      : { state: 'ok', what: told },
  ];
}

function judgeClocks(looks: readonly ServiceLook[]): Finding[] {
  const known = looks.filter(({ skewMs }) => skewMs !== null);
  if (known.length === 0) return [{ state: 'skip', what: 'no service told its time' }];
  const told = known.map(({ name, skewMs }) => `${name} by ${((skewMs ?? 0) / 1000).toFixed(1)} s`).join(', ');
  // Deadlines go from one to the other: what counts is how far they are apart, this machine among them.
  const skews = [0, ...known.map(({ skewMs }) => skewMs ?? 0)];
  const apart = Math.max(...skews) - Math.min(...skews);
  const what = `clocks differ from the one here: ${told}`;
  if (apart <= SKEW_WARN_MS)
    return [{ state: 'ok', what: `clocks agree with the one here, as far as Date tells: ${told}` }];
  return [
    {
      state: apart > SKEW_FAIL_MS ? 'FAIL' : 'warn',
      what: `${what}; deadlines are times of day`,
      fix: 'timedatectl set-ntp true',
    },
  ];
}

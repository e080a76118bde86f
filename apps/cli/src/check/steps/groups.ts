import { setTimeout } from 'node:timers/promises';
import {
  type CheckStep,
  type Finding,
  lagsAbove,
  type PartitionLag,
  parseLagLimit,
  shellWord,
  type TopicLag,
  totalLags,
} from '@kafka-http-proxy/operate';
import type { TierConfig } from '../../connection/configurations.js';
import { measureLags } from '../../lag/measure.js';
import { ageText } from '../../lag/print-lags.js';
import type { Host } from '../../operator/host.js';
import { type Access, type Loaded, scopeOf } from '../given/access.js';
import type { CheckFlags } from '../given/flags.js';
import { judgeReading } from './reading.js';

/** Between two looks at what is committed, ms. */
const APART_MS = 2000;

/** Whether somebody reads the request topics, and how far behind; nothing where no processor is known. */
export function groupSteps(access: Access, { tiers }: Loaded, flags: CheckFlags, host: Host): CheckStep[] {
  const processors = access.connection.tiers.flatMap((one) => (one.tier === 'processor' ? [one] : []));
  const reads = processors.flatMap(({ source, config }) =>
    config.topics.map(({ request_topic: topic, consumer_group: group, timeout }) => ({
      topic,
      group,
      timeout,
      source,
    })),
  );
  if (reads.length === 0) return [];
  const measure = async () => await measureLags(await access.inspector(), reads);
  const step = (id: string, look: () => Promise<Finding[]>): CheckStep => ({
    id,
    ...scopeOf(access),
    needs: ['kafka.login', 'access.groups'],
    look,
  });
  return [
    step('groups.read', async () => {
      const before = await measure();
      const waits = before.some(({ lag }) => lag > 0);
      if (waits) await setTimeout(APART_MS, null, { signal: host.signal }).catch(() => null);
      const after = waits ? await measure() : before;
      return reads.map(({ topic, group, timeout, source }) => {
        const of = (lags: readonly PartitionLag[]) => lags.filter((lag) => lag.topic === topic && lag.group === group);
        const finding = judgeReading({
          topic,
          group,
          before: of(before),
          after: of(after),
          patienceMs: patienceMs(timeout, tiers),
        });
        if (finding.state === 'warn') return { ...finding, fix: watchLine(source, topic) };
        return finding.state === 'FAIL' ? { ...finding, fix: startLine(source) } : finding;
      });
    }),
    step('lag', async () => {
      const limits = [flags.lagFail, flags.lagWarn].map((text, i) =>
        text === undefined ? null : { text, above: parseLagLimit(text, i === 0 ? '--lag-fail' : '--lag-warn') },
      );
      const totals = totalLags(await measure());
      return totals.map((total) => {
        const { source = '' } = reads.find(({ topic, group }) => topic === total.topic && group === total.group) ?? {};
        return judgeLag(total, limits, startLine(source));
      });
    }),
  ];
}

/** After this nobody waits for a request any more, so a processor that is there has taken it, ms. */
function patienceMs(timeout: number, tiers: readonly TierConfig[]): number {
  const waits = tiers.flatMap((one) =>
    one.tier === 'proxy' ? [one.config.default_timeout, ...one.config.routes.map((route) => route.timeout ?? 0)] : [],
  );
  return Math.max(timeout, ...waits) * 1000 + APART_MS;
}

/** Starts a processor. */
function startLine(source: string): string {
  return source === 'environment' || source === ''
    ? 'kafka-http-proxy processor'
    : `kafka-http-proxy processor --config ${shellWord(source)}`;
}

/** Shows whether it moves. */
function watchLine(source: string, topic: string): string {
  const config = source === 'environment' ? '' : ` -c ${shellWord(source)}`;
  return `kafka-http-proxy lag${config} ${topic} --watch`;
}

type Limit = { readonly text: string; readonly above: ReturnType<typeof parseLagLimit> } | null;

function judgeLag(total: TopicLag, [fail, warn]: readonly Limit[], fix: string): Finding {
  const { topic, group, lag, ageMs } = total;
  const age = lag === 0 || ageMs === null ? {} : { [`age ${topic}`]: { value: ageMs / 1000, unit: 's' } as const };
  const figures = { [`lag ${topic}`]: { value: lag, unit: '' } as const, ...age };
  const what = `${topic}: group ${group} is behind by ${lag} records${lag === 0 ? '' : `, the first has waited for ${ageText(ageMs)}`}`;
  const isAbove = (limit: Limit | undefined) => limit != null && lagsAbove([total], limit.above).length > 0;
  if (isAbove(fail)) return { state: 'FAIL', what: `${what}, more than ${fail?.text}`, fix, figures };
  if (isAbove(warn)) return { state: 'warn', what: `${what}, more than ${warn?.text}`, fix, figures };
  if (fail === null && warn === null)
    return { state: 'skip', what: `${what}; what is too much says --lag-fail or --lag-warn`, figures };
  return { state: 'ok', what, figures };
}

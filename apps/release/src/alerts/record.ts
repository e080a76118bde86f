import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '@kafka-http-proxy/testkit';
import { readQueries } from '@kafka-http-proxy/testkit/docs';
import type { AlertFault } from './faults.js';
import type { Recording } from './recording.js';
import { readRules } from './rules.js';
import { inPromtool, readSamples, type SeriesId } from './series.js';
import { openStage } from './stage.js';

/** Between two scrapes, ms. */
const SCRAPE_MS = 500;
const SCRAPES = [24, 80, 30] as const;

/** Series that the rules read; what else the tiers tell is not kept. */
const WANTED = new Set(readRules().flatMap(({ expr }) => readQueries(expr).flatMap(({ series }) => series)));

/** Runs a fault under load and scrapes both tiers before, meanwhile and after. */
export async function record(name: string, fault: AlertFault): Promise<Recording> {
  const stage = await openStage(fault.setting ?? {});
  try {
    await fault.prepare?.(stage);
    const scrapes: Map<SeriesId, number>[] = [];
    const known = (label: string) =>
      label.replaceAll(stage.bridge.requestTopic, 'orders').replaceAll(stage.bridge.responseTopic, 'replies');
    const run = async (count: number, change?: AlertFault['inject']) => {
      const changed = Promise.resolve(change?.(stage));
      for (let i = 0; i < count; i++) {
        const [next, pages] = [
          pause(SCRAPE_MS),
          [...stage.targets].map(([target, service]) => scrape(target, service)),
        ];
        scrapes.push(new Map((await Promise.all(pages)).flat().map(([id, value]) => [known(id), value])));
        await next;
      }
      await changed;
    };
    await run(SCRAPES[0]);
    await run(SCRAPES[1], fault.inject);
    await run(SCRAPES[2], fault.repair);
    const { about, alerts } = fault;
    return { about, alerts, made: `pnpm record:alerts ${name}`, scrapes: SCRAPES, series: seriesOf(scrapes) };
  } finally {
    await stage.close();
  }
}

async function scrape(target: string, service: ServiceProcess | null): Promise<[SeriesId, number][]> {
  const own = `job="${target.replace(/-\d+$/, '')}",instance="${target}"`;
  const url = `http://127.0.0.1:${service?.managementPort}/metrics`;
  const page =
    service &&
    (await fetch(url).then(
      (answer) => answer.text(),
      () => null,
    ));
  if (page === null) return [[`up{${own}}`, 0]];
  const samples = [...readSamples(page)].filter(({ name }) => WANTED.has(name));
  return [
    [`up{${own}}`, 1],
    ...samples.map(({ name, labels, value }): [SeriesId, number] => {
      // Which Node and version it was is no part of a recording.
      const said = name === 'kafka_http_proxy_build_info' || labels === '' ? '' : `,${labels}`;
      return [`${name}{${own}${said}}`, value];
    }),
  ];
}

/** Each series that was anything but 0, and those that are told by being there. */
function seriesOf(scrapes: readonly Map<SeriesId, number>[]): Record<SeriesId, string> {
  const ids = [...new Set(scrapes.flatMap((samples) => [...samples.keys()]))].sort((a, b) => (a < b ? -1 : 1));
  const all = ids.map((id) => [id, scrapes.map((samples) => samples.get(id) ?? null)] as const);
  const told = all.filter(([id, samples]) => /_ready\{|^up\{/.test(id) || samples.some(Boolean));
  return Object.fromEntries(told.map(([id, samples]) => [id, inPromtool(samples)]));
}
